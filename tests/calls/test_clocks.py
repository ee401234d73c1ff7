"""Seconds that cannot have passed are not charged, and calls run on our clock (R18, R20)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.domain.calls.call import Limits
from gateway.domain.events import CallStarted, Direction
from gateway.log_events import LogEvent
from gateway.postgres.types import PgConnection, Pool
from gateway.spool.record import Record
from tests.support import world
from tests.support.running import Gateway, gateway_on

D = Decimal


@pytest.fixture
async def strict(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway with the limits as they come."""
    async with gateway_on(dsn, tmp_path, limits=Limits()) as gateway:
        yield gateway


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[PgConnection]:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0600", first_interval_s=1, increment_s=1)
        yield conn


async def figures(conn: PgConnection) -> tuple[int, int, Decimal, set[str]]:
    row = await conn.fetchrow("SELECT reported_s, billed_s, charge::numeric AS charge, flags FROM call")
    assert row is not None
    return row["reported_s"], row["billed_s"], row["charge"], set(row["flags"])


def iso(gateway: Gateway, seconds: float) -> str:
    """An instant so many seconds from now."""
    return (gateway.clock.now() + timedelta(seconds=seconds)).isoformat()


@pytest.mark.parametrize("cause", ["busy", "no_answer", "cancelled", "rejected"])
async def test_a_cause_that_means_not_answered_is_not_charged(strict: Gateway, conn: PgConnection, cause: str) -> None:
    await strict.start("a1")
    strict.clock.advance(30)

    assert D((await strict.end("a1", cause=cause, seconds=22))["charged"]) == 0

    assert await figures(conn) == (22, 0, D(0), {"not_answered"})


@pytest.mark.parametrize(
    ("end", "reported_s", "billed_s"),
    [
        ({"ended_at": 240}, 0, 0),
        ({"answered_at": -240}, 0, 0),
        ({"answered_at": -240, "ended_at": 0}, 240, 10),
        ({"ended_at": 240, "answered_at": 0}, 240, 10),
    ],
)
async def test_instants_of_a_clock_that_is_elsewhere_charge_nothing_that_did_not_pass(
    strict: Gateway, conn: PgConnection, end: dict[str, int], reported_s: int, billed_s: int
) -> None:
    await strict.start("a1")
    await strict.answer("a1")

    await strict.end("a1", cause="normal", **{name: iso(strict, seconds) for name, seconds in end.items()})

    flags = {"seconds_bounded"} if billed_s < reported_s else set()
    assert await figures(conn) == (reported_s, billed_s, D(billed_s) / 1000, flags)


@pytest.mark.parametrize("behind_s", [-3600, -120, 0, 120, 3600])
async def test_an_end_by_a_clock_that_is_elsewhere_is_charged_what_passed(
    strict: Gateway, conn: PgConnection, behind_s: int
) -> None:
    await strict.start("a1")
    await strict.answer("a1")
    strict.clock.advance(60)

    await strict.end("a1", cause="normal", ended_at=iso(strict, -behind_s))

    assert await figures(conn) == (60, 60, D("0.06"), set())


@pytest.mark.parametrize("behind_s", [-3600, -240, -30, 0, 30, 100, 240, 3600])
async def test_the_deadline_counts_from_the_answer_by_our_clock(
    strict: Gateway, conn: PgConnection, behind_s: int
) -> None:
    await strict.start("a1", at=iso(strict, -behind_s))
    strict.clock.advance(20)
    answered_at = strict.clock.now()
    strict.clock.advance(1)
    await strict.answer("a1", at=iso(strict, -behind_s - 1))

    row = await conn.fetchrow("SELECT answered_at, must_end_at FROM call JOIN live_call ON call_id = id")

    assert row is not None
    assert (row["answered_at"], row["must_end_at"]) == (answered_at, answered_at + timedelta(hours=1))


@pytest.mark.parametrize("behind_s", [30, 100, 240])
@pytest.mark.parametrize(("balance", "granted_s"), [("0.06", 60), ("100", 3600)], ids=["a minute", "the hour"])
async def test_a_provider_whose_clock_is_behind_has_its_calls_cut_when_they_are_paid_up_and_no_sooner(
    strict: Gateway, conn: PgConnection, *, behind_s: int, balance: str, granted_s: int
) -> None:
    await conn.execute("UPDATE account SET balance = $1::numeric", D(balance))
    assert (await strict.start("a1", at=iso(strict, -behind_s)))["max_seconds"] == granted_s
    await strict.answer("a1", at=iso(strict, -behind_s))
    while granted_s > 300 and await conn.fetchval("SELECT held_s FROM live_call") < granted_s:
        strict.clock.advance(250)
        await strict.extend()
    answered_at = await conn.fetchval("SELECT answered_at FROM call")

    strict.clock.at = answered_at + timedelta(seconds=granted_s - 1)
    await strict.cut()
    assert strict.provider.hang_ups() == []
    strict.clock.advance(1)
    await strict.cut()

    assert strict.provider.hang_ups() == [("a1", "limit")]
    reply = await strict.end("a1", cause="limit", ended_at=iso(strict, -behind_s))
    assert D(reply["charged"]) == D(granted_s) / 1000


async def test_seconds_beat_a_zero_that_came_before(strict: Gateway, conn: PgConnection) -> None:
    await strict.start("a1")
    strict.clock.advance(100)
    await strict.end("a1", cause="no_answer", seconds=0)

    assert (await strict.end("a1", cause="normal", seconds=95))["charged"] == "0.095000"
    assert (await strict.end("a1", cause="normal", seconds=95))["charged"] == "0.095000"

    assert await figures(conn) == (95, 95, D("0.095"), {"end_differs"})
    assert await world.money(conn, await conn.fetchval("SELECT id FROM account")) == (D("99.905"), D(0))


async def test_seconds_beat_a_zero_that_comes_after(strict: Gateway, conn: PgConnection) -> None:
    await strict.start("a1")
    strict.clock.advance(100)
    await strict.end("a1", cause="normal", seconds=95)

    assert (await strict.end("a1", cause="no_answer", seconds=0))["charged"] == "0.095000"

    assert await figures(conn) == (95, 95, D("0.095"), {"end_differs"})


async def test_seconds_that_beat_a_zero_are_bounded_too(strict: Gateway, conn: PgConnection) -> None:
    await strict.start("a1")
    strict.clock.advance(5)
    await strict.end("a1", cause="no_answer", seconds=0)

    await strict.end("a1", cause="normal", seconds=95)

    assert await figures(conn) == (95, 15, D("0.015"), {"end_differs", "seconds_bounded"})


async def test_seconds_beat_a_zero_of_a_call_whose_start_comes_last(strict: Gateway, conn: PgConnection) -> None:
    await strict.end("a1", cause="no_answer", seconds=0)
    await strict.end("a1", cause="normal", seconds=95)

    await strict.start("a1")

    assert await figures(conn) == (95, 95, D("0.095"), {"no_start", "end_differs"})


@pytest.mark.parametrize("is_started_first", [True, False])
async def test_seconds_beat_the_same_seconds_of_a_call_that_was_said_not_to_be_answered(
    strict: Gateway, conn: PgConnection, is_started_first: bool
) -> None:
    """Some tell how long it rang; a repeat of that changes nothing."""
    if is_started_first:
        await strict.start("a1")
    strict.clock.advance(100)
    for _ in range(2):
        await strict.end("a1", cause="no_answer", seconds=95)
    for _ in range(2):
        await strict.end("a1", cause="normal", seconds=95)
    await strict.end("a1", cause="no_answer", seconds=95)

    if not is_started_first:
        await strict.start("a1")

    reported_s, billed_s, charge, flags = await figures(conn)
    assert (reported_s, billed_s, charge) == (95, 95, D("0.095"))
    assert flags == ({"not_answered", "end_differs"} if is_started_first else {"no_start", "end_differs"})


@pytest.mark.parametrize("is_started_first", [True, False])
async def test_a_call_has_a_flag_once_however_often_its_ends_differ(
    strict: Gateway, conn: PgConnection, is_started_first: bool
) -> None:
    if is_started_first:
        await strict.start("a1")
    strict.clock.advance(100)
    for cause, seconds in (("no_answer", 0), ("no_answer", 22), ("normal", 95), ("normal", 40)):
        await strict.end("a1", cause=cause, seconds=seconds)

    flags = await conn.fetchval("SELECT flags FROM call")
    assert flags == (["end_differs"] if is_started_first else ["no_start", "end_differs"])


async def test_the_difference_of_the_clocks_is_measured_and_warned_of_once(strict: Gateway, conn: PgConnection) -> None:
    with capture_logs() as logs:
        for number in range(3):
            await strict.start(f"a{number}", at=iso(strict, -240))
        await strict.start("a9", at=iso(strict, -1))

    words = [(log["event"], log["seconds"]) for log in logs if log["event"].startswith("provider.clock")]
    assert words == [(LogEvent.PROVIDER_CLOCK_WRONG, 240.0), (LogEvent.PROVIDER_CLOCK_RIGHT, 1.0)]
    ready = await (await strict.client.get("/readyz")).json()
    assert ready["clock_differences"] == {"pbx": 1.0}
    shown = await (await strict.client.get("/metrics")).text()
    assert 'gateway_clock_difference_seconds{connection="pbx"} 1.0' in shown


async def test_an_end_that_another_gateway_kept_is_charged_what_passed_since_the_start_that_waited_on_disk(
    strict: Gateway, conn: PgConnection
) -> None:
    call = CallStarted(
        call_id="a1", direction=Direction.OUTBOUND, caller="+15550100001", callee="+442079460000", line="+15550100001"
    )
    waits = Record(connection="pbx", received_at=strict.clock.now(), started=call, allowed_s=3600, replied=b"{}")
    strict.clock.advance(5)
    await strict.end("a1", seconds=3000)
    strict.clock.advance(300)

    await strict.process.book.replay(waits)

    assert await figures(conn) == (3000, 15, D("0.015"), {"no_start", "unavailable", "seconds_bounded"})


async def test_an_end_that_came_before_its_start_is_charged_as_it_tells(strict: Gateway, conn: PgConnection) -> None:
    await strict.end("a1", seconds=3000)

    await strict.start("a1")

    assert await figures(conn) == (3000, 3000, D(3), {"no_start"})
