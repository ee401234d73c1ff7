"""Passkeys as a page's script makes them."""

from typing import Any

from tests.support.authenticator import Authenticator
from tests.support.browser import Browser


async def begun(browser: Browser, what: str = "passkey", *, place: str = "/second-factor") -> dict[str, Any]:
    answer = await browser.post_json(f"{place}/{what}/begin", {})
    assert answer.status == 200, await answer.text()
    options: dict[str, Any] = await answer.json()
    return options


async def register(browser: Browser, authenticator: Authenticator, name: str = "phone") -> None:
    credential = authenticator.register(await begun(browser))
    answer = await browser.post_json("/second-factor/passkey", {"credential": credential, "name": name, "next": "/x"})
    assert (answer.status, await answer.json()) == (200, {"next": "/x"}), await answer.text()
