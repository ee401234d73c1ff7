"""Processes of tests that are marked so are not counted: under load, counting takes a third of the machine."""

import pytest


@pytest.fixture(autouse=True)
def uncounted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Children start without what has them count what they cover."""
    if request.node.get_closest_marker("no_cover"):
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
