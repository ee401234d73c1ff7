"""R10: a connection that is bound to accounts carries no calls of the lines of others."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.domain.connection import Connection
from gateway.postgres.types import PgConnection, Pool
from gateway.workers.roster import roster
from tests.support import world
from tests.support.running import SECRET, Gateway, gateway_on

OWN, OTHERS, CALLEE, STRANGER = "+15550100001", "+15550100002", "+442079460000", "+447400123456"
BOUND = {"action": "reject", "sip_code": 403, "reason": "connection_bound"}


class Bound(NamedTuple):
    """A gateway whose connection `acme` is bound to the first of two accounts."""

    gateway: Gateway
    conn: PgConnection
    account: int
    other: int


@pytest.fixture
async def bound(dsn: str, tmp_path: Path, pool: Pool) -> AsyncIterator[Bound]:
    async with pool.acquire() as conn:
        account, other = [await world.account(conn, unavailable_allow_s=60) for _ in range(2)]
        for owner, number, connector in ((account, OWN, "office"), (other, OTHERS, "theirs")):
            await world.number(conn, owner, number)
            await world.connector(conn, owner, connector)
        await world.rate(conn, "44", "0.01")
        acme = Connection(name="acme", kind="native", secrets=(SECRET,), accounts=frozenset({account}))
        async with gateway_on(dsn, tmp_path, connections={"acme": acme}) as gateway:
            yield Bound(gateway, conn, account, other)


async def test_r10_a_line_of_the_connections_account_calls(bound: Bound) -> None:
    assert (await bound.gateway.start("a1", CALLEE, caller=OWN, connection="acme"))["action"] == "connect"
    assert (await bound.gateway.start("a2", OWN, caller=STRANGER, direction="inbound", connection="acme"))[
        "action"
    ] == ("connect")


@pytest.mark.parametrize("line", [OTHERS, "theirs"])
async def test_r10_a_line_of_another_account_is_refused_in_every_direction(bound: Bound, line: str) -> None:
    start = bound.gateway.start
    await start("in", OWN, caller=STRANGER, direction="inbound", connection="acme")

    out = await start("a1", CALLEE, caller=OWN, line=line, connection="acme")
    inward = await start("a2", line, caller=STRANGER, direction="inbound", line=line, connection="acme")
    forward = await start(
        "a3", CALLEE, caller=OWN, direction="forward", line=line, parent_call_id="in", connection="acme"
    )

    assert [out, inward, forward] == [{"call_id": call_id, **BOUND} for call_id in ("a1", "a2", "a3")]
    assert await bound.conn.fetchval("SELECT count(*) FROM call WHERE record_code = 403 AND rule = 'R10'") == 3
    assert await world.money(bound.conn, bound.other) == (Decimal(100), Decimal(0))


async def test_r10_another_connection_carries_the_calls_of_all(bound: Bound) -> None:
    assert (await bound.gateway.start("a1", CALLEE, caller=OTHERS))["action"] == "connect"


async def test_r10_an_emergency_call_is_connected_whatever_the_connection_is_bound_to(bound: Bound) -> None:
    assert (await bound.gateway.start("a1", "911", caller=OTHERS, connection="acme"))["action"] == "connect"


async def test_r10_an_end_that_opens_a_call_charges_no_account_that_the_connection_is_not_for(bound: Bound) -> None:
    told = {"direction": "outbound", "caller": OTHERS, "callee": CALLEE}

    await bound.gateway.end("a1", seconds=60, connection="acme", **told)

    assert await world.money(bound.conn, bound.other) == (Decimal(100), Decimal(0))
    row = await bound.conn.fetchrow("SELECT state, reason, flags FROM call WHERE provider_call_id = 'a1'")
    assert row is not None
    assert (row["state"], row["reason"], set(row["flags"])) == ("refused", "connection_bound", {"no_start", "refused"})


async def test_r10_an_end_without_its_start_is_not_charged_by_a_start_of_another_accounts_line(bound: Bound) -> None:
    await bound.gateway.end("a1", seconds=60, connection="acme")

    assert (await bound.gateway.start("a1", CALLEE, caller=OTHERS, connection="acme"))["action"] == "reject"

    assert await world.money(bound.conn, bound.other) == (Decimal(100), Decimal(0))


async def test_r10_while_the_database_is_away_a_connection_is_bound_too(bound: Bound) -> None:
    gateway = bound.gateway
    [worker] = [
        each for each in roster(gateway.process.context, gateway.process.book, gateway.cutter) if each.name == "figures"
    ]
    await worker.once()
    gateway.process.context.pool.terminate()

    assert (await gateway.start("a1", CALLEE, caller=OWN, connection="acme"))["action"] == "connect"
    assert (await gateway.start("a2", CALLEE, caller=OTHERS, connection="acme"))["action"] == "reject"
    assert (await gateway.start("a3", OTHERS, caller=STRANGER, direction="inbound", connection="acme"))["action"] == (
        "reject"
    )
    assert (await gateway.start("a4", CALLEE, caller=OTHERS))["action"] == "connect"


async def test_r21_the_former_owners_pbx_is_refused_once_its_number_has_changed_hands(bound: Bound) -> None:
    """The call that was up then is still its own."""
    await bound.gateway.start("a1", CALLEE, caller=OWN, connection="acme")
    bound.gateway.clock.advance(60)
    change = "UPDATE line SET state = 'disconnected', calendar_due_at = NULL, disconnected_at = $1 WHERE name = $2"
    await bound.conn.execute(change, bound.gateway.clock.now(), OWN)
    await world.number(bound.conn, bound.other, OWN)

    refused = await bound.gateway.start("a2", CALLEE, caller=OWN, connection="acme")
    await bound.gateway.end("a1", seconds=60, connection="acme")

    assert refused == {"call_id": "a2", **BOUND}
    assert (await world.money(bound.conn, bound.account))[0] == Decimal("99.99")
    assert (await world.money(bound.conn, bound.other))[0] == Decimal(100)
