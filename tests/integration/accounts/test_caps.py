"""R17: caps hold for starts in one batch and for starts of several processes in the same instant."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.domain.accounts.caps import Cap
from gateway.domain.accounts.caps_change import CapsChange
from gateway.domain.calls.call import Limits
from gateway.domain.calls.decision import Decision, Refused
from gateway.domain.errors import InvalidInput, NotFound
from gateway.domain.events import CallStarted, Direction
from gateway.postgres.types import PgConnection, Pool
from gateway.providers.native.adapter import Native
from gateway.usecases.accounts.set_caps import set_caps, show_caps
from gateway.usecases.calls.starts.authorize import authorize_calls
from gateway.usecases.calls.starts.start_request import Arrival, AskedStart, Decided
from tests.support import calls, world
from tests.support.actors import CLERK
from tests.support.running import Gateway, gateway_on
from tests.support.world import NOON

D = Decimal
LINE = "+15550100001"


async def an_account(conn: PgConnection, line: str = LINE, *, balance: str = "100", **limits: str) -> int:
    account = await world.account(conn, balance=balance)
    await world.number(conn, account, line)
    if limits:
        change = CapsChange(limits={Cap(name): text for name, text in limits.items()})
        await set_caps(conn, actor=CLERK, account_id=account, change=change, now=NOON)
    return account


async def start_batch(conn: PgConnection, ids: Sequence[str], *, line: str = LINE) -> list[str]:
    """What becomes of starts that go in one transaction."""
    requests = [
        AskedStart(
            Arrival(
                connection=calls.CUTTABLE,
                adapter=Native(),
                call=CallStarted(
                    call_id=call_id, direction=Direction.OUTBOUND, caller=line, callee="+442079460000", line=line
                ),
                public_url="http://gateway",
                received_at=NOON,
            )
        )
        for call_id in ids
    ]
    async with conn.transaction():
        told = await authorize_calls(conn, requests, now=NOON, limits=Limits())
    return [_cap_of(each.decision) or "connect" for each in told if isinstance(each, Decided)]


def _cap_of(decision: Decision) -> str | None:
    """The cap that refused a call, if one did."""
    return decision.cap.cap if isinstance(decision, Refused) and decision.cap is not None else None


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"live_calls": "2"}, ["connect", "connect", "live_calls", "live_calls"]),
        ({"starts_a_minute": "3"}, ["connect", "connect", "connect", "starts_a_minute"]),
        ({"spend_a_day": "0.27"}, ["connect", "connect", "spend_a_day", "spend_a_day"]),
    ],
)
async def test_r17_earlier_starts_of_a_batch_count(pool: Pool, limits: dict[str, str], told: list[str]) -> None:
    async with pool.acquire() as conn:
        await an_account(conn, **limits)
        await world.rate(conn, "44")

        assert await start_batch(conn, ["a1", "a2", "a3", "a4"]) == told
        assert await conn.fetchval("SELECT count(*) FROM mail") == 1  # however often the cap refuses


async def test_r17_starts_that_were_refused_do_not_count(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await an_account(conn, starts_a_minute="1", live_calls="1")
        await world.rate(conn, "44", "1000")  # not one increment is affordable

        assert await start_batch(conn, ["a1", "a2"]) == ["connect", "connect"]
        assert await conn.fetch("SELECT FROM recent_start") == []
        assert {row["reason"] for row in await conn.fetch("SELECT reason FROM call")} == {"no_money"}


async def test_r17_one_accounts_caps_are_not_anothers(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await an_account(conn, live_calls="0")
        await an_account(conn, "+15550100002", live_calls="5")
        await an_account(conn, "+15550100003")
        await world.rate(conn, "44")

        told = [
            await start_batch(conn, [f"call of {line}"], line=line) for line in (LINE, "+15550100002", "+15550100003")
        ]

        assert told == [["live_calls"], ["connect"], ["connect"]]


@pytest.fixture
async def three(dsn: str, tmp_path: Path) -> AsyncIterator[list[Gateway]]:
    """Three gateways on one database, each with its own connections."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(gateway_on(dsn, tmp_path / str(each))) for each in range(3)]


@pytest.mark.parametrize(
    ("limits", "connected"),
    [({"live_calls": "7"}, 7), ({"starts_a_minute": "7"}, 7), ({"spend_a_day": "0.945"}, 7)],
)
async def test_r17_starts_of_several_processes_at_once_never_pass_a_cap(
    three: list[Gateway], pool: Pool, limits: dict[str, str], connected: int
) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, **limits)
        await world.rate(conn, "44")

        told = await asyncio.gather(*(three[each % 3].start(f"a{each}") for each in range(90)))

        assert Counter(each["action"] for each in told) == {"connect": connected, "reject": 90 - connected}
        assert {each["reason"] for each in told if each["action"] == "reject"} == {"capped"}
        assert await conn.fetchval("SELECT count(*) FROM live_call") == connected
        assert await conn.fetchval("SELECT count(*) FROM mail") == 1
        assert (await world.money(conn, account))[0] == 100


async def test_r17_a_start_that_waited_for_another_sees_its_call(three: list[Gateway], pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, live_calls="1", starts_a_minute="1")
        await world.rate(conn, "44")

        for each in range(10):
            told = await asyncio.gather(*(gateway.start(f"{each}-{at}") for at, gateway in enumerate(three)))
            assert Counter(each["action"] for each in told) == {"connect": 1, "reject": 2}
            for at, gateway in enumerate(three):
                await gateway.end(f"{each}-{at}", seconds=0)
                gateway.clock.advance(60)

        shown = await show_caps(conn, account_id=account, now=three[0].clock.now())
        assert shown.use.live_calls == 0


async def test_r17_caps_are_shown_with_what_counts_against_them(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, live_calls="5", starts_a_minute="5", spend_a_day="50")
        await world.rate(conn, "44")
        await start_batch(conn, ["a1", "a2"])
        await calls.end(conn, "a1", 60)

        shown = await show_caps(conn, account_id=account, now=NOON)

        assert (shown.account_id, shown.currency) == (account, "USD")
        assert (shown.live_calls, shown.starts_a_minute, shown.spend_a_day) == (5, 5, D(50))
        assert (shown.dearest_rate, shown.blocked_prefixes, shown.blocked_callers) == (None, (), ())
        assert (shown.use.live_calls, shown.use.starts) == (1, 2)
        assert (shown.use.spent, shown.use.held, str(shown.use.day)) == (D("0.027"), D("0.135"), "2026-03-11")


async def test_r17_a_change_that_is_wrong_changes_nothing(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, live_calls="5")
        before = await show_caps(conn, account_id=account, now=NOON)

        change = CapsChange(limits={Cap.LIVE_CALLS: "6", Cap.SPEND_A_DAY: "-1"})
        with pytest.raises(InvalidInput, match="spend_a_day"):
            await set_caps(conn, actor=CLERK, account_id=account, change=change, now=NOON)

        assert await show_caps(conn, account_id=account, now=NOON) == before


async def test_r17_caps_of_an_account_that_is_not_there_are_not_found(pool: Pool) -> None:
    async with pool.acquire() as conn:
        with pytest.raises(NotFound, match="no account 7"):
            await show_caps(conn, account_id=7, now=NOON)
        with pytest.raises(NotFound):
            await set_caps(conn, actor=CLERK, account_id=7, change=CapsChange(limits={Cap.LIVE_CALLS: "1"}), now=NOON)
