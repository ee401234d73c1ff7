"""Every page by every role in a real browser: nothing that axe finds, no sideways scrolling, no other host asked."""

import itertools
import os
import re
from collections.abc import Sequence
from http import HTTPStatus
from operator import itemgetter

import pytest
from playwright.async_api import Browser, Page

from gateway.web.pages.routes import PAGES
from tests.browser.demo import RunningDemo
from tests.browser.looking import SCHEMES, WIDTHS, Looked, Scheme, entered, speaking, violations

OPERATOR = "olga@example.com"
# The pages of an account are looked at as its people see them; on a phone in a language of longer words, or of other
# letters.
PEOPLE = {OPERATOR: "de", "anna@example.com": "ru", "ralf@example.com": "de"}
ALL_LOOKS = list(itertools.product(WIDTHS, SCHEMES, ("en", "de", "ru")))
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


def looks(person: str) -> list[tuple[int, Scheme, str]]:
    """Each width and each scheme once; all, in three languages, with GATEWAY_TEST_LOOKS=all, which takes long."""
    if os.environ.get("GATEWAY_TEST_LOOKS") == "all":
        return ALL_LOOKS
    return [(WIDTHS[0], SCHEMES[0], "en"), (WIDTHS[1], SCHEMES[1], PEOPLE[person])]


@pytest.mark.timeout(400)
@pytest.mark.parametrize("person", PEOPLE)
async def test_every_page_is_whole_for_everybody(browser: Browser, demo: RunningDemo, axe: str, person: str) -> None:
    wrong: list[str] = []
    async with entered(browser, demo.url, person) as looked:
        paths = [each for each in await addresses(looked.page) if person != OPERATOR or not each.startswith("/a/")]
        for language, those in itertools.groupby(sorted(looks(person), key=itemgetter(2)), key=itemgetter(2)):
            ways = [(width, scheme) for width, scheme, _ in those]
            async with speaking(looked.page, language):
                looked.faults.clear()
                for path in paths:
                    wrong += [f"{path} {language} {each}" for each in await faults_of(looked, axe, path, ways)]

    assert wrong == [], "\n".join(wrong)
    assert len(paths) > 5


async def faults_of(looked: Looked, axe: str, path: str, ways: Sequence[tuple[int, Scheme]]) -> list[str]:
    """What is wrong with a page, loaded once and looked at in each of the ways."""
    response = await looked.page.goto(path)
    assert response is not None
    wrong = [] if response.status == HTTPStatus.OK else [f"status {response.status}"]
    for width, scheme in ways:
        await looked.page.set_viewport_size({"width": width, "height": 900})
        await looked.page.emulate_media(color_scheme=scheme)
        wrong += [f"{width} {scheme}: {each}" for each in await violations(looked.page, axe)]
    wrong += looked.faults
    looked.faults.clear()
    return wrong
