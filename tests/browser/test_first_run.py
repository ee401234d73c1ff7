"""What a demo shows first, to whoever has just started it."""

from playwright.async_api import Browser

from tests.browser.demo import RunningDemo
from tests.browser.looking import entered
from tests.browser.test_every_page import OPERATOR


async def test_nothing_is_wrong_with_a_demo(browser: Browser, demo: RunningDemo) -> None:
    async with entered(browser, demo.url, OPERATOR) as looked:
        await looked.page.goto("/")

        first = await looked.page.locator("main > p").first.inner_text()
        faults = await looked.page.locator("main .fault").all_inner_texts()

    assert (first, faults) == ("Nothing needs you.", [])
