"""A real browser, and what is wrong with a page in it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright

from tests.support.packages import npm_packages, require

AXE: Final = "axe-core@4.14.1"
# WCAG 2.2 AA and what comes before it.
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Further rows of a table are like its first.
MORE_OF_THE_SAME: Final = "tbody tr:nth-child(n+5)"
# Pages have neither sounds nor films, which is what axe would look at before.
_RUN: Final = """
    ({rules, more}) => axe.run(
        {include: [["body"]], exclude: [[more]]},
        {runOnly: rules, resultTypes: ["violations"], preload: false},
    ).then(each => each.violations)
"""
WIDTHS: Final = (1280, 390)
Scheme = Literal["light", "dark"]
SCHEMES: Final[Sequence[Scheme]] = ("light", "dark")


@dataclass(kw_only=True)
class Looked:
    """A page of a browser, and what went wrong in it: other hosts asked, errors of the console."""

    page: Page
    faults: list[str] = field(default_factory=list)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Debian's; the tests are skipped where there is none."""
    path = require("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def axe_script() -> str:
    return (npm_packages("axe-core-4.14.1", AXE) / "axe-core" / "axe.min.js").read_text()


@asynccontextmanager
async def entered(
    browser: Browser, url: str, person: str | None, *, width: int = 1280, height: int = 900, **more: Any
) -> AsyncIterator[Looked]:
    """A browser window of somebody who has entered the demo; None: of nobody."""
    context: BrowserContext = await browser.new_context(
        base_url=url,
        viewport={"width": width, "height": height},
        bypass_csp=True,  # axe is put into the page
        reduced_motion="reduce",
        **more,
    )
    looked = Looked(page=await context.new_page())

    def asked(request: Request) -> None:
        if not request.url.startswith((url, "data:")):
            looked.faults.append(f"another host was asked: {request.url}")

    looked.page.on("request", asked)
    looked.page.on(
        "console", lambda line: looked.faults.append(f"console: {line.text}") if line.type == "error" else None
    )
    looked.page.on("pageerror", lambda error: looked.faults.append(f"script: {error}"))
    if person is not None:
        await looked.page.goto("/sign-in")
        await looked.page.locator(f'input[value="{person}"] + button').click()
        await looked.page.wait_for_load_state()
    yield looked
    await context.close()


@asynccontextmanager
async def speaking(page: Page, language: str) -> AsyncIterator[None]:
    """Whoever has entered reads another language, until the end."""
    await _speak(page, language)
    yield
    await _speak(page, "en")


async def _speak(page: Page, language: str) -> None:
    await page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    await page.goto("/me")
    form = page.locator("main form[action$='/me']")
    await form.locator("select[name=language]").select_option(language)
    await form.locator("button").click()
    await page.wait_for_url("**/me?done=saved")


async def violations(page: Page, axe: str) -> Sequence[str]:
    """What axe finds, a line each; and whether the page is wider than its window."""
    if not await page.evaluate("typeof axe !== 'undefined'"):
        await page.evaluate(axe)
    found = await page.evaluate(_RUN, {"rules": RULES, "more": MORE_OF_THE_SAME})
    lines = [f"{each['id']}: {each['help']}: {node['html'][:160]}" for each in found for node in each["nodes"][:3]]
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*lines, *([f"{wide} px wider than the window"] if wide > 0 else [])]
