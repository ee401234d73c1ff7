"""What the tests of SIP servers of one's own share: a PBX and a carrier, each at an address of its own, and a gateway.

Such a server runs with the kit that the gateway prints for it; `site_on` adds everything around it.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from gateway.domain.connection import Connection
from gateway.postgres.types import PgConnection
from tests.support import world
from tests.support.processes import GatewayProcess, Installation, assert_books_are_right, connected, until
from tests.support.sip.phones import Phone, Phones, tcp_port, udp_port

LINE = "+15550100001"
SUSPENDED = "+15550100002"
MAIN = "+15550100999"
LONDON = "+442079460000"
CLIENT = "+447400123456"
CARRIER, PBX = "127.0.0.2", "127.0.0.3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where everybody listens; the gateway comes back on its own after a restart."""

    gateway: int = field(default_factory=tcp_port)
    http: int = field(default_factory=tcp_port)
    # Of the server, for the PBX and for the carrier.
    inside: int = field(default_factory=udp_port)
    outside: int = field(default_factory=udp_port)
    pbx: int = field(default_factory=lambda: udp_port(PBX))
    carrier: int = field(default_factory=lambda: udp_port(CARRIER))

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.gateway}"


class SipServer(Protocol):
    """A running one, in a directory of its own."""

    directory: Path
    ports: Ports
    connection: Connection

    @property
    def lost(self) -> Path:
        """Where it keeps reports that got no reply."""
        ...

    async def cron(self) -> int:
        """The exit code of what the kit says to run for reports that were lost."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The telephones at one address: they are called at `port`, and call the server from any."""

    phones: Phones
    host: str
    port: int

    async def takes(self, scenario: str = "callee_answers") -> Phone:
        return await self.phones.takes(scenario, self.port, host=self.host)

    def calls(self, scenario: str, callee: str, *, caller: str = "1001", talk_s: float = 1.0) -> Phone:
        port = udp_port(self.host)
        return self.phones.calls(scenario, port, callee, caller=caller, talk_s=talk_s, host=self.host)


@dataclass(slots=True, kw_only=True)
class Site:
    """An account with an active number, a suspended one, and a main number."""

    server: SipServer
    pbx: Side
    carrier: Side
    conn: PgConnection
    account: int
    gateway: GatewayProcess
    installation: Installation

    async def calls(self, *columns: str) -> list[tuple[object, ...]]:
        """All calls, when none is up any more."""
        await until(lambda: self.conn.fetchval("SELECT count(*) > 0 FROM call"))
        await until(lambda: self.conn.fetchval("SELECT NOT EXISTS (SELECT FROM live_call)"))
        return [
            tuple(row[column] for column in columns) for row in await self.conn.fetch("SELECT * FROM call ORDER BY id")
        ]

    async def until_answered(self) -> None:
        await until(
            lambda: self.conn.fetchval(
                "SELECT count(*) > 0 FROM live_call JOIN call ON call.id = call_id WHERE answered_at IS NOT NULL"
            )
        )

    async def cut(self) -> None:
        """`gateway calls cut` of the one call that is up, typed by an operator."""
        call = await self.conn.fetchval("SELECT call_id FROM live_call")
        async with self.installation.run("calls", "cut", str(call)) as command:
            assert await command.wait() == 0, command.log.read_text()

    async def balance(self) -> Decimal:
        await assert_books_are_right(self.conn)
        balance, held = await world.money(self.conn, self.account)
        assert held == 0
        return balance

    @asynccontextmanager
    async def serve_again(self) -> AsyncIterator[None]:
        """The gateway is back where the server asks for it."""
        async with self.installation.serve("--port", str(self.server.ports.gateway)) as gateway:
            self.gateway = gateway
            yield


@asynccontextmanager
async def site_on(
    dsn: str, data: Path, server: SipServer, *, balance: str = "10", limit_s: int = 3600
) -> AsyncIterator[Site]:
    ports = server.ports
    limits = {"call_seconds_max": limit_s}
    installation = Installation(data=data, database_url=dsn, limits=limits, connections=_toml(server.connection))
    async with AsyncExitStack() as stack, connected(dsn) as conn:
        inside, outside = (
            Phones(directory=server.directory, proxy=port, stack=stack) for port in (ports.inside, ports.outside)
        )
        account = await world.account(conn, balance=balance, main_number=MAIN)
        await world.number(conn, account, LINE)
        await world.number(conn, account, SUSPENDED, state="suspended")
        await world.rate(conn, "44", "0.0300")
        async with installation.serve("--port", str(ports.gateway)) as gateway:
            yield Site(
                server=server,
                pbx=Side(phones=inside, host=PBX, port=ports.pbx),
                carrier=Side(phones=outside, host=CARRIER, port=ports.carrier),
                conn=conn,
                account=account,
                gateway=gateway,
                installation=installation,
            )


def _toml(connection: Connection) -> str:
    """The connection as the gateway's configuration has it."""
    settings = {"kind": connection.kind, "control_url": connection.control_url, **connection.options}
    lines = [f'{name} = "{value}"' for name, value in settings.items() if value is not None]
    return "\n".join([f"[connections.{connection.name}]", f"secrets = {list(connection.secrets)}", *lines, ""])
