"""A browser in the small: it keeps a cookie, says where its posts come from, and follows nothing by itself."""

import re
from typing import Any

import aiohttp

from tests.support.running import Gateway

OWN = {"Sec-Fetch-Site": "same-origin"}


class Browser:
    """Asks a gateway as a person's browser does."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.cookies: dict[str, str] = {}
        self.set_cookie = ""

    async def get(self, path: str, **headers: str) -> aiohttp.ClientResponse:
        return await self._ask("GET", path, headers={"Sec-Fetch-Site": "none"} | headers)

    async def post(
        self, path: str, form: dict[str, str] | None = None, *, headers: dict[str, str] | None = None, **more: Any
    ) -> aiohttp.ClientResponse:
        return await self._ask("POST", path, headers=OWN if headers is None else headers, data=form or {}, **more)

    async def post_json(self, path: str, body: Any) -> aiohttp.ClientResponse:
        return await self._ask("POST", path, headers=OWN, json=body)

    async def _ask(self, method: str, path: str, *, headers: dict[str, str], **more: Any) -> aiohttp.ClientResponse:
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = headers | ({"Cookie": kept} if kept else {})
        self._gateway.client.session.cookie_jar.clear()
        response: aiohttp.ClientResponse = await self._gateway.client.request(
            method, path, headers=sent, allow_redirects=False, **more
        )
        await response.read()
        for name, morsel in response.cookies.items():
            self.set_cookie = response.headers["Set-Cookie"]
            self.cookies[name] = morsel.value
            if not morsel.value:
                del self.cookies[name]
        return response


def secret_of(url: str) -> str:
    """The secret in a link."""
    found = re.search(r"secret=([\w-]+)", url)
    assert found is not None, url
    return found[1]
