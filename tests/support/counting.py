"""Lines that are run without being counted as covered."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def not_counted() -> Iterator[None]:
    """The mark of pytest-cov would stop counting in all threads, and start it in this one alone."""
    counting = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(counting)
