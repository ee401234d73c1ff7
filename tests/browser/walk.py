"""Somebody who does something by pages: with a mouse and clicks that are counted, or with the keyboard alone."""

import re
from dataclasses import dataclass
from typing import Final

from playwright.async_api import Locator, Page, expect

# More than any page has.
_STOPS_MAX: Final = 400


@dataclass(kw_only=True)
class Walk:
    """`clicks` are presses of links and buttons; filling in a field is none."""

    page: Page
    by_keyboard: bool = False
    # What makes names that may be there once different from those of others.
    mark: str = "mouse"
    clicks: int = 0

    async def open(self, path: str) -> None:
        await self.page.goto(path)

    async def follow(
        self, name: str | re.Pattern[str], *, within: str = "body", nth: int = 0, leaves: bool = True
    ) -> None:
        """Press a link; `leaves`: another page comes."""
        link = self.page.locator(within).get_by_role("link", name=name, exact=isinstance(name, str)).nth(nth)
        await self._press(link, leaves=leaves)

    async def push(self, name: str | re.Pattern[str], *, within: str = "body", nth: int = 0) -> None:
        """Press a button, and wait for the page that comes."""
        await self._press(
            self.page.locator(within).get_by_role("button", name=name, exact=isinstance(name, str)).nth(nth)
        )

    async def fill(self, label: str | re.Pattern[str], text: str, *, within: str = "main", nth: int = 0) -> None:
        field = self.page.locator(within).get_by_label(label).nth(nth)
        if self.by_keyboard:
            await self._tab_to(field)
            await self.page.keyboard.press("Control+A")
            await self.page.keyboard.type(text)
            return
        await field.fill(text)

    async def choose(self, label: str | re.Pattern[str], option: str, *, within: str = "main") -> None:
        field = self.page.locator(within).get_by_label(label).first
        if self.by_keyboard:
            await self._tab_to(field)
            await self.page.keyboard.type(option)
            return
        await field.select_option(label=option)

    async def tick(self, label: str | re.Pattern[str], *, within: str = "main") -> None:
        field = self.page.locator(within).get_by_label(label).first
        if self.by_keyboard:
            await self._tab_to(field)
            await self.page.keyboard.press("Space")
            return
        await field.check()

    async def unfold(self, words: str | re.Pattern[str]) -> None:
        """Open what is folded away."""
        await self._press(self.page.locator("summary", has_text=words).first, leaves=False)

    async def sees(self, text: str | re.Pattern[str], *, within: str = "main") -> None:
        await expect(self.page.locator(within).get_by_text(text).first).to_be_visible()

    async def _press(self, what: Locator, *, leaves: bool = True) -> None:
        self.clicks += 1
        if self.by_keyboard:
            await self._tab_to(what)
            await self.page.keyboard.press("Enter")
        else:
            await what.click()
        if leaves:
            await self.page.wait_for_load_state()

    async def _tab_to(self, what: Locator) -> None:
        """As a person does who has no mouse: from stop to stop, until it is there."""
        await expect(what).to_be_visible()
        for _ in range(_STOPS_MAX):
            if await what.evaluate("element => element === document.activeElement"):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {what}")
