"""What real SIP calls go through: `gateway serve` on a real database, and a Kamailio that asks it."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gateway.postgres.types import PgConnection
from tests.providers.kamailio.server import Network, Ports, network
from tests.support import world
from tests.support.processes import GatewayProcess, Installation, assert_books_are_right, connected, until

LINE = "+15550100001"
SUSPENDED = "+15550100002"
MAIN = "+15550100999"
LONDON = "+442079460000"
CLIENT = "+447400123456"


@dataclass(slots=True, kw_only=True)
class Site:
    """An account with an active number, a suspended one, and a main number."""

    ports: Ports
    installation: Installation
    network: Network
    conn: PgConnection
    account: int
    gateway: GatewayProcess

    async def call(self, number: int = 1) -> Mapping[str, Any]:
        """A call, the oldest first."""
        row = await self.conn.fetchrow("SELECT * FROM call ORDER BY id OFFSET $1 LIMIT 1", number - 1)
        assert row is not None, "the gateway has not been asked"
        return dict(row)

    async def calls(self) -> int:
        count: int = await self.conn.fetchval("SELECT count(*) FROM call")
        return count

    async def until_answered(self, calls: int = 1) -> None:
        query = "SELECT count(*) = $1 FROM live_call JOIN call ON call.id = call_id WHERE answered_at IS NOT NULL"
        await until(lambda: self.conn.fetchval(query, calls))

    async def until_over(self, calls: int = 1) -> None:
        """So many calls are on record, and none is up."""
        query = (
            "SELECT count(*) = $1 AND NOT EXISTS (SELECT FROM live_call) FROM call WHERE state IN ('ended', 'refused')"
        )
        await until(lambda: self.conn.fetchval(query, calls))

    async def cut(self) -> None:
        """`gateway calls cut`, typed by an operator."""
        call = await self.call()
        async with self.installation.run("calls", "cut", str(call["id"]), "--json") as command:
            assert await command.wait() == 0, command.log.read_text()
            assert command.popen.stdout is not None
            assert json.loads(command.popen.stdout.read())["id"] == call["id"]

    async def balance(self) -> Decimal:
        """After a check of all books; nothing may be held."""
        await assert_books_are_right(self.conn)
        balance, held = await world.money(self.conn, self.account)
        assert held == 0
        return balance


@asynccontextmanager
async def site_on(
    dsn: str,
    data: Path,
    ports: Ports,
    *,
    balance: str = "10",
    per_minute: str = "0.03",
    increment_s: int = 60,
    limits: Mapping[str, int] = MappingProxyType({}),
    change: Callable[[str], str] = lambda kit: kit,
    secrets: Sequence[str] = (),
    next_secret: str | None = None,
) -> AsyncIterator[Site]:
    installation = Installation(data=data, database_url=dsn, limits=limits, connections=ports.toml(*secrets))
    async with connected(dsn) as conn, network(ports, change, next_secret=next_secret) as running:
        account = await world.account(conn, balance=balance, main_number=MAIN)
        await world.number(conn, account, LINE)
        await world.number(conn, account, SUSPENDED, state="suspended")
        await world.rate(conn, "44", per_minute, first_interval_s=increment_s, increment_s=increment_s)
        async with serve(installation, ports) as gateway:
            yield Site(
                ports=ports,
                installation=installation,
                network=running,
                conn=conn,
                account=account,
                gateway=gateway,
            )


@asynccontextmanager
async def serve(installation: Installation, ports: Ports) -> AsyncIterator[GatewayProcess]:
    """A gateway where Kamailio asks for it."""
    async with installation.serve("--port", str(ports.gateway)) as gateway:
        yield gateway
