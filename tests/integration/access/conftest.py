"""An account with lines of each kind, a deck, a call that rings and one that is over, and what was given up.

It is there once for a module; each test changes it in a transaction that is rolled back.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from gateway.domain.calls.call import Limits
from gateway.postgres.access import audit
from gateway.postgres.access.audit import AuditFilters, AuditRow
from gateway.postgres.types import PgConnection
from tests.support import world
from tests.support.postgres import DatabaseServer
from tests.support.running import Gateway, gateway_on
from tests.support.world import NOON, FakeClock

NUMBER, RENTED, GIVEN_UP, LOST = "+15550100001", "+493023125101", "+493023125102", "+493023125103"
CALLED = "+442079460000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is there: `call` rings, `ended` is over and was charged; `other` is another account, with nothing."""

    conn: PgConnection
    clock: FakeClock
    limits: Limits
    directory: Path
    account: int
    other: int
    call: int
    ended: int
    mail: int

    async def written(self) -> list[AuditRow]:
        """The audit, newest first."""
        return await audit.page(self.conn, AuditFilters(), before=None, limit=100)


@pytest.fixture(scope="module")
async def set_up(postgres: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    directory = tmp_path_factory.mktemp("access")
    async with postgres.database() as dsn, gateway_on(dsn, directory) as gateway:
        context = gateway.process.context
        async with context.pool.acquire() as conn:
            account, other = await world.account(conn, balance="10"), await world.account(conn, balance="0")
            await _add_lines(conn, account)
            ended, call = await _talk(gateway, conn)
            yield Stage(
                conn=conn,
                clock=gateway.clock,
                limits=context.settings.limits,
                directory=directory,
                account=account,
                other=other,
                call=call,
                ended=ended,
                mail=await _give_up(conn, account, call),
            )


async def _add_lines(conn: PgConnection, account: int) -> None:
    await world.number(conn, account, NUMBER)
    await world.connector(conn, account, "trunk")
    await world.rate(conn, "44", "0.0270")
    await world.rate(conn, kind="rent", per_minute="4", country="DE", category="geographic")
    await world.rate(conn, kind="rent", per_minute="5", category="connector")
    for name in (RENTED, GIVEN_UP, LOST):
        await world.rented(conn, account, name, date(2026, 4, 1))


async def _talk(gateway: Gateway, conn: PgConnection) -> tuple[int, int]:
    """A call of a minute, and one that rings."""
    await gateway.start("ended", CALLED)
    gateway.clock.advance(60)
    await gateway.end("ended", seconds=60)
    await gateway.start("up", CALLED)
    gateway.clock.at = NOON
    ended, up = [row["id"] for row in await conn.fetch("SELECT id FROM call ORDER BY id")]
    return ended, up


async def _give_up(conn: PgConnection, account: int, call: int) -> int:
    """A CRM that is not told of the call any more, and a mail that was refused; the mail's id."""
    await conn.execute("INSERT INTO crm_portal (connection, account_id, seen_call_id) VALUES ('b24', $1, 0)", account)
    await conn.execute(
        """
        INSERT INTO crm_call (connection, call_id, state, created_at, last_reply)
        VALUES ('b24', $1, 'given_up', $2, $3)
        """,
        call,
        NOON,
        f"no such number: {CALLED}",
    )
    mail: int = await conn.fetchval(
        """
        INSERT INTO mail (account_id, kind, key, recipient, language, facts, state, created_at, queued_at)
        VALUES ($1, 'rent_due', 'k', 'a@b.example', 'en', '{"told": "in a mail"}', 'refused', $2, $2)
        RETURNING id
        """,
        account,
        NOON,
    )
    return mail


@pytest.fixture
async def stage(set_up: Stage) -> AsyncIterator[Stage]:
    transaction = set_up.conn.transaction()
    await transaction.start()
    try:
        yield set_up
    finally:
        await transaction.rollback()
