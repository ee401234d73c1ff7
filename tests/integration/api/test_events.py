"""What happens is followed by the API: each event once, in order, and none is missed that is committed late."""

from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.domain.access.roles import Role
from gateway.domain.mail.notices import Notice, NoticeKind
from gateway.postgres import events
from gateway.postgres.mail import outbox
from gateway.usecases.accounts.block import block_account
from gateway.usecases.accounts.move_money import top_up
from gateway.usecases.connections.receipts import ReceiptsWriter
from gateway.usecases.events.note import KEPT, note_events
from tests.support import world
from tests.support.actors import CLERK
from tests.support.api import api_client
from tests.support.running import Gateway

LINE = "+15550100001"


@pytest.fixture
async def account(gateway: Gateway) -> int:
    async with gateway.process.context.pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, LINE)
        await world.rate(conn, "44", "0.0270")
    await note(gateway)
    return account


async def note(gateway: Gateway) -> None:
    """A row is followed in the turn after the one that saw it."""
    for _ in range(3):
        await note_events(gateway.process.context)


async def test_what_happens_is_listed_once_in_order_for_whose_it_is(gateway: Gateway, account: int) -> None:
    reader, operator = await api_client(gateway, Role.READER, account), await api_client(gateway)
    async with gateway.process.context.pool.acquire() as conn:
        other = await world.account(conn)
        await top_up(conn, actor=CLERK, account_id=other, amount=Decimal(7), external_id="x", now=gateway.clock.now())
        await conn.execute("UPDATE line SET state = 'suspended' WHERE account_id = $1", account)
    await gateway.start("a1", "+33140000000")
    await note(gateway)
    async with gateway.process.context.pool.acquire() as conn:
        await conn.execute("UPDATE line SET state = 'active' WHERE account_id = $1", account)
    await gateway.start("a2")
    await note(gateway)
    await gateway.answer("a2")
    gateway.clock.advance(60)
    await gateway.end("a2")
    async with gateway.process.context.pool.acquire() as conn:
        await block_account(conn, actor=CLERK, account_id=account, reason="fraud", cut=False, now=gateway.clock.now())
    await note(gateway)

    theirs = (await reader.get("/events")).data["data"]
    every = (await operator.get("/events")).data["data"]
    later = (await reader.get("/events", after=theirs[2]["cursor"])).data

    assert [each["kind"] for each in theirs] == [
        "number.rented",
        "number.suspended",
        "call.refused",
        "number.restored",
        "call.finished",
        "account.blocked",
    ]
    assert [each["id"] for each in every] == sorted(each["id"] for each in every)
    assert list(later["data"]) == theirs[3:]
    finished = theirs[4]["data"]
    assert (finished["charge"], finished["currency"], finished["provider_call_id"]) == ("0.027000", "USD", "a2")
    [topped] = (await operator.get("/events", kind="balance.topped_up")).data["data"]
    assert (topped["account_id"], topped["data"]["amount"]) == (other, "7.000000")
    assert (await reader.get("/events", account_id=other)).status == 404


async def test_what_is_committed_late_is_not_missed(gateway: Gateway, account: int) -> None:
    pool = gateway.process.context.pool
    operator = await api_client(gateway)
    async with pool.acquire() as late, pool.acquire() as conn:
        now = gateway.clock.now()
        other = await world.account(conn)
        async with late.transaction():
            await top_up(late, actor=CLERK, account_id=account, amount=Decimal(1), external_id="late", now=now)
            await top_up(conn, actor=CLERK, account_id=other, amount=Decimal(2), external_id="early", now=now)
            await note(gateway)
            before = (await operator.get("/events", kind="balance.topped_up")).data["data"]
    await note(gateway)

    after = (await operator.get("/events", kind="balance.topped_up")).data["data"]

    assert before == []
    assert [each["data"]["external_id"] for each in after] == ["late", "early"]


async def test_mails_tell_of_low_balances_and_of_calls_that_cannot_be_cut(gateway: Gateway, account: int) -> None:
    operator = await api_client(gateway)
    async with gateway.process.context.pool.acquire() as conn:
        await outbox.queue_operator(
            conn,
            recipient="ops@c.example",
            kind=NoticeKind.CALL_UNCUT,
            key="uncut:1",
            facts={"call_id": 1},
            now=gateway.clock.now(),
        )
        notice = Notice(account_id=account, kind=NoticeKind.LOW_BALANCE, key="low", facts={"balance": "0.50"})
        await outbox.queue(conn, [notice], now=gateway.clock.now())
    await note(gateway)

    told = [
        (each["kind"], each["object"], each["account_id"]) for each in (await operator.get("/events")).data["data"][1:]
    ]

    assert told == [("call.uncut", "call:1", None), ("balance.low", f"account:{account}", account)]


async def test_many_are_followed_in_parts_by_one_process_at_a_time(
    gateway: Gateway, account: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.usecases.events.note.AT_ONCE", 2)
    context = gateway.process.context
    for at in range(5):
        await gateway.start(f"a{at}", "+33140000000")
    await note_events(context)

    async with context.pool.acquire() as other, other.transaction():
        assert await events.begin(other)
        assert await note_events(context) is False
    more = [await note_events(context) for _ in range(3)]

    async with context.pool.acquire() as conn:
        noted = await events.page(conn, account_id=account, after=0, kind="call.refused", limit=10)
    assert more == [True, True, False]
    assert [each.data["provider_call_id"] for each in noted] == [f"a{at}" for at in range(5)]


async def test_the_turn_of_a_month_at_which_ids_jump_is_one_step(gateway: Gateway, account: int) -> None:
    context = gateway.process.context
    await gateway.start("before", "+33140000000")
    async with context.pool.acquire() as conn:
        await conn.execute("SELECT setval('call_id_seq', 9000000000)")
    await gateway.start("after", "+33140000000")

    await note_events(context)
    has_more = await note_events(context)

    async with context.pool.acquire() as conn:
        noted = await events.page(conn, account_id=account, after=0, kind="call.refused", limit=10)
    assert ([each.data["provider_call_id"] for each in noted], has_more) == (["before", "after"], False)


async def test_events_are_kept_for_thirty_days(gateway: Gateway, account: int) -> None:
    await gateway.start("a1", "+33140000000")
    await note(gateway)
    operator = await api_client(gateway)
    assert len((await operator.get("/events")).data["data"]) == 2

    gateway.clock.at += KEPT + timedelta(seconds=1)
    await note(gateway)

    assert (await operator.get("/events")).data["data"] == []


async def test_a_connection_that_begins_to_fail_is_told_once(gateway: Gateway, account: int) -> None:
    operator, reader = await api_client(gateway), await api_client(gateway, Role.READER, account)
    receipts = ReceiptsWriter(gateway.process.context)

    async def failing() -> list[dict[str, str]]:
        await receipts.once()
        await note(gateway)
        found = (await operator.get("/events", kind="connection.failing")).data["data"]
        return [each["data"] for each in found]

    await gateway.start("a1")
    await gateway.client.post("/hooks/pbx", data=b"{}")
    assert await failing() == []
    gateway.clock.advance(61)
    await gateway.client.post("/hooks/pbx", data=b"{}")
    [told] = await failing()
    gateway.clock.advance(61)
    await gateway.client.post("/hooks/pbx", data=b"{}")

    assert (told["connection"], told["status"]) == ("pbx", 403)
    assert len(await failing()) == 1
    gateway.clock.advance(1)
    await gateway.start("a2")
    assert len(await failing()) == 1
    gateway.clock.advance(61)
    await gateway.client.post("/hooks/pbx", data=b"{}")
    assert len(await failing()) == 2
    assert (await reader.get("/events", kind="connection.failing")).data["data"] == []
