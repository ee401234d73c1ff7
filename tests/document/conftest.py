"""What is tried here runs in processes of its own, or is counted elsewhere."""

import pytest


@pytest.fixture(autouse=True)
def _uncounted(uncounted: None) -> None:
    """Counting would take a third of the time."""
