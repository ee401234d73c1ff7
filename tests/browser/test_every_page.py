"""Every page by every role in a real browser: nothing that axe finds, no sideways scrolling, no other host asked."""

import re

import pytest
from playwright.async_api import Browser, Page

from gateway.web.pages.routes import PAGES
from tests.browser.demo import RunningDemo
from tests.browser.looking import SCHEMES, WIDTHS, entered, violations

PEOPLE = ("olga@example.com", "anna@example.com", "ralf@example.com")
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
        paths = await addresses(looked.page)
    for width in WIDTHS:
        for scheme in SCHEMES:
            async with entered(browser, demo.url, person, width=width, scheme=scheme) as looked:
                for path in paths:
                    response = await looked.page.goto(path)
                    assert response is not None
                    found = [*([f"status {response.status}"] if response.status != 200 else []), *looked.faults]
                    found += await violations(looked.page, axe)
                    wrong += [f"{path} {width} {scheme}: {each}" for each in found]
                    looked.faults.clear()

    assert wrong == []
    assert len(paths) > 5
