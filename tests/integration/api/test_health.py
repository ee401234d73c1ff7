"""What is wrong, by the API: the same list as the doctor's, and the books."""

import asyncio
from datetime import datetime

import pytest

from gateway.domain.access.roles import Role
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts.check_ledger import LedgerCheck, check_ledger
from gateway.usecases.accounts.watch_ledger import LedgerWatch
from gateway.usecases.doctor import records
from tests.support.api import api_client
from tests.support.running import Gateway


async def test_what_is_wrong_is_listed_worst_first(gateway: Gateway, account: int) -> None:
    support = await api_client(gateway, Role.SUPPORT)
    async with gateway.process.context.pool.acquire() as conn:
        await conn.execute("UPDATE account SET balance = balance + 1")

    faults = (await support.get("/health")).data["data"]
    books = (await support.get("/checks/ledger")).data
    lines = (await support.ask("GET", "/health", headers={"Accept": "text/csv"})).raw.decode().splitlines()

    assert faults[0]["problem"] == "ledger_differs"
    assert faults[0]["severity"] == "error"
    assert "no_operator_email" in [each["problem"] for each in faults]
    assert books["ok"] is False
    assert {each["kind"] for each in books["differences"]} >= {"balance"}
    assert lines[0] == "problem,severity,since,said,do"


async def test_books_that_take_too_long_are_as_they_were_when_they_were_last_proved(
    gateway: Gateway, account: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "BOOKS_WITHIN_S", 0)
    support = await api_client(gateway, Role.SUPPORT)
    async with gateway.process.context.pool.acquire() as conn:
        await conn.execute("UPDATE account SET balance = balance + 1")

    unproved = (await support.get("/health")).data["data"]
    await LedgerWatch(gateway.process.context).once()
    proved = (await support.get("/health")).data["data"]

    codes = [each["problem"] for each in unproved]
    assert ("ledger_differs" in codes, "books_unseen" in codes) == (False, True)
    [found] = [each for each in proved if each["problem"] == "ledger_differs"]
    assert found["said"] == f"accounts whose books were not right when they were last proved: 1, the first: {account}"


async def test_what_is_live_is_looked_at_though_the_books_take_too_long(
    gateway: Gateway, account: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def prove_for_long(conn: PgConnection, *, full: bool, now: datetime) -> LedgerCheck:
        await asyncio.sleep(60)
        return await check_ledger(conn, full=full, now=now)

    monkeypatch.setattr(records, "BOOKS_WITHIN_S", 0.5)
    monkeypatch.setattr(records, "check_ledger", prove_for_long)
    support = await api_client(gateway, Role.SUPPORT)

    before = (await support.get("/health")).data["data"]
    async with gateway.process.context.pool.acquire() as conn:
        await conn.execute("UPDATE account SET held = held + 1")
    after = (await support.get("/health")).data["data"]

    assert {"ledger_differs", "books_unseen"}.isdisjoint(each["problem"] for each in before)
    [found] = [each for each in after if each["problem"] == "ledger_differs"]
    assert found["said"] == f"1 differences, the first: account {account}: 1.000000 are held, its live calls hold 0"


async def test_books_that_are_right_are_ok_and_only_the_operators_side_asks(gateway: Gateway, account: int) -> None:
    operator, reader = await api_client(gateway), await api_client(gateway, Role.READER, account)

    books = (await operator.get("/checks/ledger")).data

    assert [each["kind"] for each in books["differences"] if each["kind"] != "clock"] == []
    assert (await reader.get("/health")).status == 403
    assert (await reader.get("/checks/ledger")).status == 403
