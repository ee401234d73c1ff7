"""Voximplant's Management API on loopback, for what it tells of an account; and the platform's callbacks."""

import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.domain.connection import Connection

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()


class FakePlatform:
    """One account: what is left of it, its numbers, its transactions."""

    def __init__(self) -> None:
        self.url = ""
        self.balance = "12.5"
        self.is_frozen = False
        self.numbers: list[str] = []
        self.hidden: list[str] = []
        self.transactions: list[dict[str, Any]] = []
        self.asked: list[str] = []
        # Errors by method, each told once.
        self.errors: deque[tuple[str, int]] = deque()
        # What happens while it is asked.
        self.when_asked: Callable[[str], None] = lambda _method: None

    async def answer(self, request: web.Request) -> web.Response:
        form = await request.post()
        method = str(form["cmd"])
        self.asked.append(method)
        self.when_asked(method)
        if self.errors and self.errors[0][0] == method:
            return web.json_response({"error": {"code": self.errors.popleft()[1], "msg": "x"}})
        match method:
            case "GetAccountInfo":
                info = {"account_id": 1234567, "balance": json.loads(self.balance), "currency": "USD"}
                return web.json_response({"result": info | {"frozen": self.is_frozen}})
            case "GetPhoneNumbers":
                return self._numbers(
                    str(form.get("phone_number", "")), int(str(form["offset"])), int(str(form["count"]))
                )
            case "GetTransactionHistory":
                since = str(form["from_date"])
                rows = [row for row in self.transactions if row["performed_at"] >= since]
                return web.json_response({"result": rows, "total_count": len(rows)})
        return web.json_response({"error": {"code": 1, "msg": method}})

    def _numbers(self, only: str, offset: int, count: int) -> web.Response:
        if only:
            found = [name for name in (*self.numbers, *self.hidden) if name == only]
        else:
            found = self.numbers[offset : offset + count]
        if not found:
            return web.json_response({"error": {"code": 331, "msg": "The phone number isn't found."}})
        return web.json_response({"result": [{"phone_number": name, "deactivated": False} for name in found]})

    def paid(self, transaction_id: int, amount: str, at: str, **changed: Any) -> None:
        row = {"transaction_id": transaction_id, "performed_at": at, "amount": json.loads(amount), "currency": "USD"}
        self.transactions.append(row | {"transaction_type": "card_payment"} | changed)


@asynccontextmanager
async def fake_platform() -> AsyncIterator[FakePlatform]:
    platform = FakePlatform()
    application = web.Application()
    application.router.add_post("/platform_api", platform.answer)
    async with TestServer(application) as server:
        platform.url = str(server.make_url("/platform_api"))
        yield platform


def platform_connection(platform: FakePlatform, *, secret: str, **options: str) -> Connection:
    own = {"account_id": "1234567", "key_id": "k", "private_key": PEM, "api_url": platform.url}
    return Connection(name="vox", kind="voximplant", secrets=(secret,), options=own | options)


def callback(kind: str, callback_id: int = 900000001, **payload: Any) -> bytes:
    said = {"callback_id": callback_id, "type": kind, "account_id": 1234567, "balance": 0.42, "currency": "USD"}
    return json.dumps({"callbacks": [said | {kind: payload}]}).encode()


def detached(*numbers: str) -> bytes:
    return callback("subscription_is_detached", subscriptions=[{"type": "PHONE_NUM", "name": name} for name in numbers])
