"""Mails by the API: an account's own for its people, all for the operator, and one sent again."""

from datetime import timedelta

import pytest

from gateway.domain.access.roles import Role
from gateway.domain.mail.notices import Notice, NoticeKind
from gateway.postgres.mail import outbox
from tests.support.api import api_client
from tests.support.running import Gateway
from tests.support.world import NOON


@pytest.fixture
async def mails(gateway: Gateway, account: int) -> list[int]:
    """One of the account, which was refused, and one of the operator."""
    async with gateway.process.context.pool.acquire() as conn:
        facts = {"balance": "0.50", "currency": "USD", "available": "0.50", "threshold": "1"}
        notice = Notice(account_id=account, kind=NoticeKind.LOW_BALANCE, key="low:1", facts=facts)
        await outbox.queue(conn, [notice], now=NOON)
        await outbox.queue_operator(
            conn, recipient="ops@c.example", kind=NoticeKind.CALL_UNCUT, key="uncut:1", facts={"call_id": 1}, now=NOON
        )
        await conn.execute("UPDATE mail SET state = 'refused', due_at = NULL WHERE account_id IS NOT NULL")
        return [row["id"] for row in await conn.fetch("SELECT id FROM mail ORDER BY id")]


async def test_each_sees_the_mails_that_are_theirs(gateway: Gateway, account: int, mails: list[int]) -> None:
    operator, reader = await api_client(gateway), await api_client(gateway, Role.READER, account)
    theirs, operators = mails

    every = (await operator.get("/mails")).data["data"]
    refused = (await operator.get("/mails", state="refused")).data["data"]
    uncut = (await operator.get("/mails", kind="call_uncut", limit=1)).data
    shown = await reader.get(f"/mails/{theirs}")

    assert [each["id"] for each in every] == [operators, theirs]
    assert [each["id"] for each in refused] == [theirs]
    assert [each["id"] for each in uncut["data"]] == [operators]
    assert [each["id"] for each in (await reader.get("/mails", kind="low_balance")).data["data"]] == [theirs]
    assert (await reader.get("/mails", kind="call_uncut")).data["data"] == []
    assert (shown.status, shown.data["recipient"], bool(shown.data["text"])) == (200, "a@b.example", True)
    assert (await reader.get(f"/mails/{operators}")).status == 404
    assert (await operator.get("/mails/999")).status == 404


async def test_a_mail_that_was_refused_is_sent_again_once(gateway: Gateway, account: int, mails: list[int]) -> None:
    support, reader = await api_client(gateway, Role.SUPPORT), await api_client(gateway, Role.READER, account)
    theirs, _ = mails
    gateway.clock.at = NOON + timedelta(hours=1)

    sent = await support.post(f"/mails/{theirs}/send-again")
    again = await support.post(f"/mails/{theirs}/send-again")

    assert (sent.status, sent.data["state"]) == (200, "queued")
    assert (again.status, again.data["code"]) == (409, "conflict")
    assert (await reader.post(f"/mails/{theirs}/send-again")).status == 403
