"""Every page by every role in a real browser: nothing that axe finds, no sideways scrolling, no other host asked."""

import itertools
import os
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from http import HTTPStatus

import pytest
from playwright.async_api import Browser, Page

from gateway.web.pages.routes import PAGES
from tests.browser.demo import RunningDemo
from tests.browser.looking import SCHEMES, WIDTHS, Looked, Scheme, entered, speaking, violations

OPERATOR = "olga@example.com"
# The pages of an account are looked at as its people see them; on a phone in a language of longer words, or of other
# letters.
PEOPLE = {OPERATOR: "de", "anna@example.com": "ru", "ralf@example.com": "de"}
HEIGHT = 900
_NAME = re.compile(r"\{(\w+)\}")


async def led_to(page: Page) -> AsyncIterator[tuple[str, int]]:
    """Every page that somebody is led to, from the first on, one of each kind: loaded, its address and its status."""
    kinds = [(each.path, re.compile(f"^{_NAME.sub('[^/]+', each.path)}$")) for each in PAGES]
    found: set[str] = set()
    waiting = ["/"]
    while waiting:
        response = await page.goto(waiting.pop(0))
        assert response is not None
        path = await page.evaluate("location.pathname")
        hrefs = await page.eval_on_selector_all("a[href^='/']", "each => each.map(a => a.getAttribute('href'))")
        for href in [path, *(each.partition("?")[0] for each in hrefs)]:
            kind = next((name for name, pattern in kinds if pattern.match(href)), None)
            if kind is not None and kind not in found:
                found.add(kind)
                waiting += [href] if href != path else []
        yield path, response.status


def ways_by_language(person: str) -> Mapping[str, Sequence[tuple[int, Scheme]]]:
    """Each width and each scheme once; all, in three languages, with GATEWAY_TEST_LOOKS=all, which takes long."""
    if os.environ.get("GATEWAY_TEST_LOOKS") == "all":
        return {language: list(itertools.product(WIDTHS, SCHEMES)) for language in ("en", "de", "ru")}
    return {"en": [(WIDTHS[0], SCHEMES[0])], PEOPLE[person]: [(WIDTHS[1], SCHEMES[1])]}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("person", PEOPLE)
async def test_every_page_is_whole_for_everybody(browser: Browser, demo: RunningDemo, axe: str, person: str) -> None:
    """What somebody is led to is looked at on the way, in English; then all of it again in another language."""
    wrong: list[str] = []
    paths: list[str] = []
    ways = ways_by_language(person)
    async with entered(browser, demo.url, person) as looked:
        async for path, status in led_to(looked.page):
            if person != OPERATOR or not path.startswith("/a/"):
                paths.append(path)
                wrong += [f"{path}: {each}" for each in await faults_of(looked, axe, status, ways["en"])]
                await looked.page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
        for language in ways.keys() - {"en"}:
            async with speaking(looked.page, language):
                for path in paths:
                    response = await looked.page.goto(path)
                    assert response is not None
                    faults = await faults_of(looked, axe, response.status, ways[language])
                    wrong += [f"{path} {language}: {each}" for each in faults]

    assert wrong == [], "\n".join(wrong)
    assert len(paths) > 5


async def faults_of(looked: Looked, axe: str, status: int, ways: Sequence[tuple[int, Scheme]]) -> list[str]:
    """What is wrong with the page that is loaded, in each of the ways to look at it."""
    wrong = [] if status == HTTPStatus.OK else [f"status {status}"]
    for width, scheme in ways:
        await looked.page.set_viewport_size({"width": width, "height": HEIGHT})
        await looked.page.emulate_media(color_scheme=scheme)
        wrong += [f"{width} {scheme}: {each}" for each in await violations(looked.page, axe)]
    wrong += looked.faults
    looked.faults.clear()
    return wrong
