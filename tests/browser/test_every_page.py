"""Every page by every role in a real browser: nothing that axe finds, no sideways scrolling, no other host asked."""

import itertools
import os
import re

import pytest
from playwright.async_api import Browser, Page

from gateway.web.pages.routes import PAGES
from tests.browser.demo import RunningDemo
from tests.browser.looking import SCHEMES, WIDTHS, entered, violations

# Each width and each scheme once; all four with GATEWAY_TEST_LOOKS=all, which takes twice as long.
ALL_LOOKS = list(itertools.product(WIDTHS, SCHEMES))
LOOKS = ALL_LOOKS if os.environ.get("GATEWAY_TEST_LOOKS") == "all" else [ALL_LOOKS[0], ALL_LOOKS[-1]]
OPERATOR = "olga@example.com"
# The pages of an account are looked at as its people see them.
PEOPLE = (OPERATOR, "anna@example.com", "ralf@example.com")
_NAME = re.compile(r"\{(\w+)\}")


async def addresses(page: Page) -> list[str]:
    """Every page that somebody is led to: from the navigation on, one of each kind."""
    found: dict[str, str] = {}
    waiting = ["/"]
    patterns = [(each.path, re.compile(f"^{_NAME.sub('[^/]+', each.path)}$")) for each in PAGES]
    while waiting:
        await page.goto(waiting.pop(0))
        hrefs = await page.eval_on_selector_all("a[href^='/']", "each => each.map(a => a.getAttribute('href'))")
        for path in [await page.evaluate("location.pathname"), *(href.partition("?")[0] for href in hrefs)]:
            kind = next((name for name, pattern in patterns if pattern.match(path)), None)
            if kind is not None and kind not in found:
                found[kind] = path
                waiting.append(path)
    return sorted(found.values())


@pytest.mark.timeout(400)
@pytest.mark.parametrize("person", PEOPLE)
async def test_every_page_is_whole_for_everybody(browser: Browser, demo: RunningDemo, axe: str, person: str) -> None:
    wrong: list[str] = []
    async with entered(browser, demo.url, person) as looked:
        paths = [each for each in await addresses(looked.page) if person != OPERATOR or not each.startswith("/a/")]
        looked.faults.clear()
        for path in paths:
            response = await looked.page.goto(path)
            assert response is not None
            if response.status != 200:
                wrong.append(f"{path}: status {response.status}")
            for width, scheme in LOOKS:
                await looked.page.set_viewport_size({"width": width, "height": 900})
                await looked.page.emulate_media(color_scheme=scheme)
                wrong += [f"{path} {width} {scheme}: {each}" for each in await violations(looked.page, axe)]
            wrong += [f"{path}: {each}" for each in looked.faults]
            looked.faults.clear()

    assert wrong == [], "\n".join(wrong)
    assert len(paths) > 5
