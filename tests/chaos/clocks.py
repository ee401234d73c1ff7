"""Clocks that only tell the time differently: what counts seconds goes on as it did."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

LIBRARY: Final = "*/faketime/libfaketime.so.1"
# By how much a gateway's clock is ahead or behind, where the library is loaded: its value is looked at each time.
CLOCK: Final = "FAKETIME"


def find_faketime() -> str | None:
    return next(map(str, Path("/usr/lib").glob(LIBRARY)), None)


def with_faketime(library: str) -> Mapping[str, str]:
    """The environment of a program that has it loaded, and goes by the machine's clock until it is told otherwise."""
    return {"LD_PRELOAD": library, CLOCK: "+0", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1"}
