"""Calls that do not go as they should: what providers leave out, get wrong, or tell late."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.app import PATIENCE
from gateway.domain.connection import Connection
from gateway.domain.events import CallAnswered, CallStarted, Direction
from gateway.postgres.types import Pool
from gateway.spool.file import SpoolFile
from gateway.spool.record import Record
from gateway.usecases.calls.shown.show import cut_call
from tests.support import world
from tests.support.actors import CLERK
from tests.support.running import SECRET, Gateway, gateway_on

D = Decimal
SILENT = Connection(name="silent", kind="native", secrets=(SECRET,), reports_answers=False)


async def test_r15_without_answer_events_a_hold_stays_until_the_deadline(dsn: str, tmp_path: Path, pool: Pool) -> None:
    async with gateway_on(dsn, tmp_path, connections={"silent": SILENT}) as gateway, pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        assert (await gateway.start("a1", connection="silent"))["max_seconds"] == 2220

        gateway.clock.advance(91)
        await gateway.reconcile()

        assert (await gateway.start("a2", connection="silent"))["reason"] == "no_money"
        gateway.clock.advance(2000)
        assert (await gateway.end("a1", connection="silent", seconds=2000))["charged"] == "0.918000"
        assert await world.money(conn, account) == (D("0.082"), D(0))


async def test_r15_holds_stay_once_a_call_has_talked_without_an_answer_event(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        await gateway.start("a1", connection="trunk")
        gateway.clock.advance(91)
        await gateway.reconcile()
        assert await world.money(conn, account) == (D(1), D(0))
        gateway.clock.advance(9)
        await gateway.end("a1", connection="trunk", seconds=61)
        assert await conn.fetchval("SELECT flags FROM call") == ["hold_short"]

        await gateway.start("a2", connection="trunk")
        held = await world.money(conn, account)
        gateway.clock.advance(91)
        await gateway.reconcile()

        assert await world.money(conn, account) == held == (D("0.946"), D("0.945"))


async def test_r15_the_ring_time_counts_by_our_clock(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        late = gateway.clock.now() - timedelta(seconds=200)

        await gateway.start("a1", at=late.isoformat())
        gateway.clock.advance(80)
        await gateway.reconcile()

        assert await world.money(conn, account) == (D(1), D("0.135"))


async def test_r22_a_call_that_is_up_is_not_taken_for_answered(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        await gateway.start("a1")
        gateway.provider.statuses["a1"] = {"live": True}

        gateway.clock.advance(91)
        await gateway.reconcile()
        assert await world.money(conn, account) == (D(1), D("0.135"))

        reply = await gateway.end("a1", cause="no_answer", ended_at=gateway.clock.now().isoformat())
        assert reply["charged"] == "0.000000"


@pytest.mark.parametrize("is_answered", [True, False])
@pytest.mark.parametrize("status", [503, 404])
async def test_r22_a_provider_that_cannot_say_now_is_asked_again_soon(
    gateway: Gateway, pool: Pool, status: int, is_answered: bool
) -> None:
    """Whether it failed, or does not know yet; and not only after the deadline, which may be an hour off."""
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="100")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        await gateway.start("a1")
        if is_answered:
            await gateway.answer("a1")
        await cut_call(conn, actor=CLERK, reference="pbx:a1", now=gateway.clock.now())
        gateway.provider.hang_up_status, gateway.provider.unknown_status = 404, status
        await gateway.cut()
        await gateway.reconcile()

        gateway.provider.statuses["a1"] = {"type": "call.end", "call_id": "a1", "seconds": 95, "cause": "normal"}
        gateway.clock.advance(300)
        await gateway.reconcile()

        assert await world.money(conn, account) == (D("99.946"), D(0))


async def test_r22_a_question_before_the_deadline_puts_off_none_after_it(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, "+15550100001")
        await gateway.start("free", "+15550100001", caller="+442079460000", direction="inbound")
        await gateway.answer("free")
        gateway.clock.advance(3570)
        await cut_call(conn, actor=CLERK, reference="pbx:free", now=gateway.clock.now())
        gateway.provider.hang_up_status = 404
        await gateway.cut()
        await gateway.reconcile()

        gateway.provider.statuses["free"] = {"type": "call.end", "call_id": "free", "seconds": 95, "cause": "normal"}
        gateway.clock.advance(30 + 120)
        await gateway.reconcile()

        assert await conn.fetchval("SELECT state FROM call") == "ended"


async def test_r13_the_end_of_a_forwarded_call_need_not_name_its_parent(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        await gateway.start("in", "+15550100001", caller="+33140205050", direction="inbound")
        await gateway.start("f1", direction="forward", parent_call_id="in")
        gateway.clock.advance(30)

        fields = {"direction": "forward", "caller": "+15550100001", "callee": "+442079460000"}
        assert (await gateway.end("f1", seconds=20, **fields))["charged"] == "0.027000"


async def test_r21_what_is_no_number_is_not_charged_by_its_digits(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        fields = {"direction": "outbound", "caller": "+15550100001", "callee": "944207946000"}

        assert (await gateway.end("a1", seconds=61, **fields))["charged"] == "0.000000"
        assert await conn.fetchval("SELECT flags FROM call") == ["no_start", "no_rate"]


async def test_r4_r21_a_call_told_late_is_charged_by_the_rate_of_its_start(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        changed_at = gateway.clock.now() - timedelta(hours=1)
        await world.rate(conn, "44", "0.0100", valid_until=changed_at)
        await world.rate(conn, "44", "0.9000", valid_from=changed_at)
        answered_at = gateway.clock.now() - timedelta(hours=2)
        fields = {"direction": "outbound", "caller": "+15550100001", "callee": "+442079460000"}

        reply = await gateway.end("a1", seconds=60, answered_at=answered_at.isoformat(), **fields)

        assert reply["charged"] == "0.010000"


async def test_r18_r34_what_waited_on_disk_counts_from_when_it_came(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        came_at = gateway.clock.now()
        call = CallStarted(
            call_id="a1",
            direction=Direction.OUTBOUND,
            caller="+15550100001",
            callee="+442079460000",
            line="+15550100001",
        )
        started = Record(connection="pbx", received_at=came_at, started=call, allowed_s=600, replied=b"{}")
        answered = Record(connection="pbx", received_at=came_at, answered=CallAnswered(call_id="a1"))

        gateway.clock.advance(300)
        await gateway.process.book.replay(started)
        await gateway.process.book.replay(answered)

        row = await conn.fetchrow(
            "SELECT started_at, answered_at, must_end_at FROM call JOIN live_call ON call_id = id"
        )
        assert tuple(row) == (came_at, came_at, came_at + timedelta(seconds=600))


async def test_figures_at_the_ends_of_what_can_be_said(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="99999999999999", credit_limit="99999999999999")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        assert (await gateway.start("a1"))["action"] == "connect"

        reply = await gateway.end("a1", answered_at="2000-01-01T00:00:00Z", ended_at="2099-01-01T00:00:00Z")

        assert reply["charged"] == "1.620000"
        assert await conn.fetchval("SELECT flags FROM call") == ["over_grant", "hold_short"]


async def test_a_fault_of_ours_refuses_in_the_providers_way_and_emergency_calls_connect(
    gateway: Gateway, pool: Pool
) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, "+15550100001")
        await conn.execute("ALTER TABLE rate RENAME TO mislaid")

        assert (await gateway.start("a1"))["reason"] == "unavailable"
        assert (await gateway.start("a2", "911"))["action"] == "connect"


async def test_an_account_locked_by_somebody_else_does_not_hold_up_the_others(
    dsn: str, tmp_path: Path, pool: Pool
) -> None:
    async with (
        gateway_on(dsn, tmp_path, patience=PATIENCE) as gateway,
        pool.acquire() as conn,
        pool.acquire() as other,
    ):
        stuck = await world.account(conn)
        await world.number(conn, stuck, "+15550100001")
        free = await world.account(conn)
        await world.number(conn, free, "+15550100002")
        await world.rate(conn, "44", "0.0270")
        async with other.transaction():
            await other.execute("SELECT id FROM account WHERE id = $1 FOR UPDATE", stuck)

            refused = await gateway.start("a1", caller="+15550100001")
            allowed = await gateway.start("a2", caller="+15550100002")

        assert refused["reason"] == "unavailable"
        assert allowed["action"] == "connect"
        assert (await gateway.start("a3", caller="+15550100001"))["action"] == "connect"


async def test_r21_an_end_told_again_with_its_start_is_charged(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        fields = {"direction": "outbound", "caller": "+15550100001", "callee": "+442079460000"}
        assert (await gateway.end("a1", seconds=61))["charged"] is None

        assert (await gateway.end("a1", seconds=61, **fields))["charged"] == "0.054000"
        assert await world.money(conn, account) == (D("0.946"), D(0))


class BrokenDisk:
    """A spool file that cannot be written to."""

    def __init__(self, file: SpoolFile, error: Exception) -> None:
        self.file = file
        self.error = error

    def __getattr__(self, name: str) -> object:
        return getattr(self.file, name)

    def append(self, _lines: bytes) -> None:
        raise self.error


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("cannot start new thread")])
async def test_an_emergency_call_connects_even_if_it_cannot_be_kept_on_disk(
    gateway: Gateway, pool: Pool, error: Exception
) -> None:
    async with pool.acquire() as conn:
        await conn.execute("ALTER TABLE rate RENAME TO mislaid")
    spool = gateway.process.context.spool
    file, spool.file = spool.file, BrokenDisk(spool.file, error)

    emergency = await gateway.start("a1", "911")
    ordinary = await gateway.start("a2")
    spool.file = file

    assert emergency["action"] == "connect"
    assert ordinary["reason"] == "unavailable"
