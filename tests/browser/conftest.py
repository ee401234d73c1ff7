"""One demo and one browser for all tests of pages."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.browser.demo import RunningDemo, running_demo
from tests.browser.looking import axe_script, chromium
from tests.support.postgres import throwaway_directory


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.fixture(scope="session")
async def demo(browser: Browser) -> AsyncIterator[RunningDemo]:
    with throwaway_directory() as directory:
        async with running_demo(directory) as running:
            yield running


@pytest.fixture(scope="session")
async def axe() -> str:
    return await axe_script()


@pytest.fixture(autouse=True)
def _uncounted(uncounted: None) -> None:
    """What is tried here runs in processes of its own."""
