"""R34: which calls are connected without the database, how, and for how long."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.domain.calls.call import Limits
from gateway.domain.events import CallStarted, Direction
from gateway.postgres.types import PgConnection, Pool
from gateway.providers.native.adapter import Native
from gateway.spool.record import Record
from gateway.usecases.calls.starts.start_request import Arrival, Repeated
from gateway.workers.roster import roster
from tests.support import world
from tests.support.calls import CUTTABLE
from tests.support.running import Gateway, gateway_on

TRUSTED, SUSPENDED, OTHERS = "+15550100001", "+15550100002", "+15550100003"
STRANGER = "+447400123456"
UNAVAILABLE = {"action": "reject", "sip_code": 503, "reason": "unavailable"}


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[PgConnection]:
    """A connection, with an account that allows calls for a minute, and one that allows none."""
    async with pool.acquire() as conn:
        account = await world.account(conn, unavailable_allow_s=60)
        await world.number(conn, account, TRUSTED)
        await world.number(conn, account, SUSPENDED, state="suspended")
        await world.connector(conn, account, "office")
        await world.connector(conn, account, "old office", state="suspended")
        await world.number(conn, await world.account(conn), OTHERS)
        await world.rate(conn, "44", "0.01")
        yield conn


async def figures(gateway: Gateway) -> None:
    """Let the worker have its turn that remembers which lines may call."""
    process = gateway.process
    [worker] = [each for each in roster(process.context, process.book, gateway.cutter) if each.name == "figures"]
    await worker.once()


@pytest.fixture
async def away(gateway: Gateway, conn: PgConnection) -> Gateway:
    """A gateway that has lost its database."""
    await figures(gateway)
    gateway.process.context.pool.terminate()
    return gateway


async def test_r34_a_number_goes_out_by_itself_for_as_long_as_its_account_allows(away: Gateway) -> None:
    told = await away.start("a1", caller=TRUSTED)

    assert told == {"action": "connect", "call_id": "a1", "caller_id": TRUSTED, "max_seconds": 60}


async def test_r34_a_connector_shows_the_number_of_its_caller(away: Gateway) -> None:
    told = await away.start("a1", caller=STRANGER, line="office")

    assert told == {"action": "connect", "call_id": "a1", "caller_id": STRANGER, "max_seconds": 60}


async def test_r34_who_calls_one_of_our_numbers_is_shown_to_it(away: Gateway) -> None:
    told = await away.start("a1", TRUSTED, caller=STRANGER, direction="inbound")

    assert told == {"action": "connect", "call_id": "a1", "caller_id": STRANGER, "max_seconds": 60}


@pytest.mark.parametrize("line", [SUSPENDED, "old office", OTHERS, "+15550100009"])
async def test_r34_what_does_not_work_what_is_not_trusted_and_what_is_not_ours_is_refused(
    away: Gateway, line: str
) -> None:
    outbound = await away.start("a1", caller=STRANGER, line=line)
    inbound = await away.start("a2", line, caller=STRANGER, direction="inbound", line=line)

    assert outbound == {"call_id": "a1"} | UNAVAILABLE
    assert inbound == {"call_id": "a2"} | UNAVAILABLE


async def test_r34_a_number_that_cannot_be_is_not_called(away: Gateway) -> None:
    assert await away.start("a1", "+1", caller=TRUSTED) == {"call_id": "a1"} | UNAVAILABLE


@pytest.mark.parametrize("caller", [TRUSTED, SUSPENDED, OTHERS])
async def test_r34_emergency_calls_always_go_out_for_the_whole_time(away: Gateway, caller: str) -> None:
    told = await away.start("a1", "911", caller=caller)

    assert told == {"action": "connect", "call_id": "a1", "caller_id": caller, "max_seconds": 3600}


async def test_r34_a_line_that_was_suspended_meanwhile_is_refused(gateway: Gateway, conn: PgConnection) -> None:
    await figures(gateway)
    await conn.execute("UPDATE line SET state = 'suspended'")
    await figures(gateway)
    gateway.process.context.pool.terminate()

    assert await gateway.start("a1", caller=TRUSTED) == {"call_id": "a1"} | UNAVAILABLE


async def test_r34_no_call_is_allowed_longer_than_any_call_may_last(
    dsn: str, tmp_path: Path, conn: PgConnection
) -> None:
    async with gateway_on(dsn, tmp_path, limits=Limits(call_seconds_max=45)) as gateway:
        await figures(gateway)
        gateway.process.context.pool.terminate()

        assert (await gateway.start("a1", caller=TRUSTED))["max_seconds"] == 45


async def test_r16_a_webhook_that_waited_beside_the_first_one_has_its_reply(away: Gateway) -> None:
    without = away.process.book.without_database
    known = without.known.allowances
    call = CallStarted(call_id="a1", direction=Direction.OUTBOUND, caller=TRUSTED, callee="+442079460000", line=TRUSTED)
    arrival = Arrival(connection=CUTTABLE, adapter=Native(), call=call, public_url="", received_at=away.clock.now())
    without.known.learn({}, all_recorded=True)
    first = await without.start(arrival)

    without.known.learn(known, all_recorded=True)
    second = await without.start(replace(arrival, received_at=away.clock.now() + timedelta(seconds=1)))

    assert second == Repeated(reply=first.reply)


async def test_r34_a_call_that_one_gateway_connected_is_charged_though_another_refused_its_repeat(
    gateway: Gateway, conn: PgConnection
) -> None:
    call = CallStarted(call_id="a1", direction=Direction.OUTBOUND, caller=TRUSTED, callee="+442079460000", line=TRUSTED)
    came_at = gateway.clock.now()
    allowed = Record(connection="pbx", received_at=came_at, started=call, allowed_s=60, replied=b"yes")
    refused = Record(connection="pbx", received_at=came_at + timedelta(seconds=1), refused=call, replied=b"no")
    gateway.clock.advance(30)

    await gateway.process.book.replay(refused)
    await gateway.end("a1", seconds=20)
    await gateway.process.book.replay(allowed)

    row = await conn.fetchrow("SELECT state, reply, granted_s, billed_s, charge::numeric FROM call")
    assert tuple(row) == ("ended", b"yes", 60, 20, Decimal("0.01"))
