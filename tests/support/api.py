"""The API of a gateway in this process, asked as a program asks it."""

import itertools
from dataclasses import dataclass
from typing import Any

import aiohttp

from gateway.domain.access.roles import Role
from gateway.usecases.access.tokens import TokenTerms, create_token
from tests.support.actors import CLERK
from tests.support.running import Gateway

_keys = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: its status, its headers, its bytes and what they say."""

    status: int
    headers: Any
    raw: bytes
    data: Any


class ApiClient:
    """Asks with one token; what needs a key has another each time, unless one is given."""

    def __init__(self, gateway: Gateway, token: str | None) -> None:
        self._gateway = gateway
        self.token = token

    async def ask(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        key: str | None = None,
        headers: Any = None,
        data: str | bytes | None = None,
        **query: Any,
    ) -> Answer:
        """A path below /v1. `query` names end in an underscore where they are words of Python."""
        sent = dict(headers or {})
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if method in ("POST", "PUT"):
            sent.setdefault("Idempotency-Key", f"key-{next(_keys)}" if key is None else key)
        params = {name.removesuffix("_"): str(value) for name, value in query.items()}
        arguments: dict[str, Any] = {"data": data} if json is None else {"json": json}
        response: aiohttp.ClientResponse = await self._gateway.client.request(
            method, f"/v1{path}", params=params, headers=sent, **arguments
        )
        raw = await response.read()
        is_json = "json" in response.content_type
        return Answer(
            status=response.status,
            headers=response.headers,
            raw=raw,
            data=await response.json(content_type=None) if is_json else None,
        )

    async def get(self, path: str, **query: Any) -> Answer:
        return await self.ask("GET", path, **query)

    async def post(self, path: str, json: Any = None, *, key: str | None = None, **query: Any) -> Answer:
        return await self.ask("POST", path, json, key=key, **query)


async def api_client(gateway: Gateway, role: Role = Role.OPERATOR, account_id: int | None = None) -> ApiClient:
    """A client with a token of its own."""
    async with gateway.process.context.pool.acquire() as conn:
        terms = TokenTerms(role=role, account_id=account_id, name="test")
        created = await create_token(conn, actor=CLERK, terms=terms, now=gateway.clock.now())
    return ApiClient(gateway, created.token)
