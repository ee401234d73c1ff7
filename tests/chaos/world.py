"""What a scenario happens to: a database, gateways on machines of their own, a provider's switch, a mail server."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from gateway.postgres.pool import open_pool
from gateway.postgres.types import Pool
from tests.chaos.clocks import CLOCK
from tests.chaos.databases import Database, open_database, program_of
from tests.chaos.nursery import Nurseries
from tests.chaos.payments import Payer, paying
from tests.chaos.provider import impatient_provider
from tests.chaos.proxy import Link, open_link
from tests.chaos.scenario import SEATS
from tests.chaos.small_disk import small_disk
from tests.chaos.smtp import MailServer, mail_server
from tests.chaos.switch import Switch, running_switch
from tests.support.postgres import throwaway_directory
from tests.support.processes import GatewayProcess, Installation, Launch, Provider

NOWHERE = "http://127.0.0.1:9"
# The provider's seconds are bounded by the gateway's own clock here, as everywhere but in other tests.
TOLERANCE_S = 10
STARTS_WITHIN_S = 40.0


@dataclass(slots=True, eq=False)
class Seat:
    """A machine with its disk and its network, and the gateway that runs on it, if one does."""

    installation: Installation
    link: Link
    nurseries: Nurseries
    gateway: GatewayProcess | None = None
    # Held by whoever stops, starts or limits the gateway, so that two faults do not undo one another.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _life: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def url(self) -> str:
        return NOWHERE if self.gateway is None else self.gateway.url

    @property
    def pid(self) -> int:
        assert self.gateway is not None, "who asks has a gateway that runs"
        return self.gateway.pid

    async def start(self, environment: Mapping[str, str] | None = None, *, errors: int | None = None) -> None:
        """As a supervisor does it: as often as it takes, since without its database a gateway does not start.

        With an environment of its own it is started in the ordinary way, but for a clock of its own.
        """
        installation = Installation(
            data=self.installation.data,
            database_url=self.link.dsn,
            control_url=self.installation.control_url,
            limits={"seconds_tolerance": TOLERANCE_S},
            environment={**self.installation.environment, **(environment or {})},
            standard_error=errors,
            launch=self._launch(environment or {}),
        )
        give_up_at = time.monotonic() + STARTS_WITHIN_S
        while self.gateway is None:
            try:
                self.gateway = await self._life.enter_async_context(installation.serve())
            except (AssertionError, TimeoutError):
                if time.monotonic() > give_up_at:
                    raise
                await asyncio.sleep(0.2)

    def _launch(self, environment: Mapping[str, str]) -> Launch | None:
        if CLOCK in environment:
            assert self.nurseries.clocks is not None, "clocks are left out where there are none"
            return self.nurseries.clocks.launch
        return None if environment else self.nurseries.ordinary.launch

    async def kill(self) -> None:
        self.gateway = None
        await self._life.aclose()

    async def stop(self) -> None:
        """In order, as a supervisor does it."""
        gateway, self.gateway = self.gateway, None
        assert gateway is not None, "who stops it knows that it runs"
        await gateway.stop()
        await self._life.aclose()

    def signal(self, number: signal.Signals) -> None:
        if self.gateway is not None:
            with suppress(ProcessLookupError):
                self.gateway.signal(number)

    @property
    def has_died(self) -> bool:
        return self.gateway is not None and self.gateway.popen.poll() is not None


@dataclass(slots=True, eq=False)
class World:
    database: Database
    seats: Sequence[Seat]
    switch: Switch
    mail: MailServer
    provider: Provider
    # Who reads the books, and who prepares them: each keeps a connection, as a seed would else open a dozen.
    reader: Pool
    clerk: Pool
    payer: Payer
    # Where the program is that the world began with, if it was an older one.
    older: Path | None = None
    # When which gateways could do nothing for their calls: (seat, from, until).
    hindrances: list[tuple[Seat, float, float]] = field(default_factory=list)

    def processes(self) -> list[int]:
        """Those of the gateways that run, and of the database."""
        return [seat.pid for seat in self.seats if seat.gateway is not None] + self.database.pids()

    def url_of(self, seat: int) -> str:
        return self.seats[seat].url

    @contextmanager
    def hindered(self, *seats: Seat) -> Iterator[None]:
        begun_at = time.monotonic()
        try:
            yield
        finally:
            now = time.monotonic()
            self.hindrances += [(seat, begun_at, now) for seat in seats or self.seats]

    def unattended(self) -> list[tuple[float, float]]:
        """The times in which no gateway could cut a call."""
        windows = [(begin, end) for seat, begin, end in self.hindrances if seat is self.seats[0]]
        for other in self.seats[1:]:
            theirs = [(begin, end) for seat, begin, end in self.hindrances if seat is other]
            windows = [
                (max(mine[0], their[0]), min(mine[1], their[1]))
                for mine in windows
                for their in theirs
                if max(mine[0], their[0]) < min(mine[1], their[1])
            ]
        return windows

    def backends(self, application: str = "gateway") -> list[int]:
        """The processes of the database that serve a gateway."""
        named = f"postgres: {application} ".encode()
        return [pid for pid in self.database.pids()[1:] if _command(pid).startswith((named, b"postgres: postgres "))]

    async def heal(self) -> None:
        """Whatever was wrong is put right; a gateway that has died is started again, as a supervisor does."""
        self.mail.mood = type(self.mail.mood).WELL
        self.switch.manners = type(self.switch.manners).GOOD
        for seat in self.seats:
            seat.link.heal()
            if seat.has_died:
                await seat.kill()
            if seat.gateway is None:
                await seat.start()


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


@asynccontextmanager
async def open_world(
    nurseries: Nurseries, *, template: Path | None = None, older: Path | None = None, is_on_patroni: bool = False
) -> AsyncIterator[World]:
    """A world in which nothing is wrong; of an older version where one is named."""
    with throwaway_directory(memory=True) as directory:
        async with AsyncExitStack() as stack:
            database = await stack.enter_async_context(
                open_database(
                    directory, nurseries.ordinary, template=template, older=older, is_on_patroni=is_on_patroni
                )
            )
            switch = await stack.enter_async_context(running_switch())
            mail = await stack.enter_async_context(mail_server())
            provider = await stack.enter_async_context(impatient_provider())
            installations = [_installed(directory / f"seat-{number}", switch, mail) for number in range(SEATS)]
            for each in installations:
                stack.enter_context(small_disk(each.data))
            seats = [await _open_seat(stack, each, database, nurseries) for each in installations]
            await asyncio.gather(*(seat.start(program_of(older)) for seat in seats))
            yield World(
                database=database,
                seats=seats,
                switch=switch,
                mail=mail,
                provider=provider,
                reader=await _kept(stack, asyncpg.create_pool(database.dsn, min_size=0, max_size=1)),
                clerk=await _kept(
                    stack, open_pool(database.dsn, size=1, opened_at_once=0, application_name="gateway-test")
                ),
                payer=stack.enter_context(paying(seats[-1].link.dsn)),
                older=older,
            )


async def _kept(stack: AsyncExitStack, opening: Awaitable[Pool]) -> Pool:
    pool = await opening
    stack.callback(pool.terminate)
    return pool


def _installed(data: Path, switch: Switch, mail: MailServer) -> Installation:
    environment = {
        "GATEWAY_SMTP_URL": f"smtp://127.0.0.1:{mail.port}?tls=none",
        "GATEWAY_MAIL_FROM": "gw@gw.example",
        # Nobody asks for it, and half of a start is to prepare it.
        "GATEWAY_API": "false",
        # Only a process of our own account may be given other limits.
        "GATEWAY_RUN_AS": "root",
    }
    return Installation(data=data, control_url=switch.url, environment=environment)


async def _open_seat(
    stack: AsyncExitStack, installation: Installation, database: Database, nurseries: Nurseries
) -> Seat:
    link = await stack.enter_async_context(open_link(database.targets, database.url_by))
    seat = Seat(installation, link, nurseries)
    stack.push_async_callback(seat.kill)
    return seat
