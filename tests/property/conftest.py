"""Searches repeat what other tests run once: what they cover is not counted."""

import pytest


@pytest.fixture(autouse=True)
def _uncounted(uncounted: None) -> None:
    """For each of them."""
