"""Real gateway processes, `python -m gateway …`, and a provider that posts signed webhooks to them."""

import asyncio
import atexit
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import IO, Any, Protocol, Self

import aiohttp

from gateway.clock import SystemClock
from gateway.postgres.pool import open_pool
from gateway.postgres.types import PgConnection, Pool, PoolConnection
from gateway.providers.wire.signing import sign_standard
from gateway.usecases.accounts.check_ledger import check_ledger
from tests.chaos.nursery import Nursery, start_nursery
from tests.support import world
from tests.support.running import SECRET

START_S_MAX = 30.0
# What has to be there before a program begins.
_BEFORE_THE_PROGRAM = frozenset({"LD_PRELOAD", "PYTHONPATH", "PYTHONHASHSEED", "PYTHONTRACEMALLOC"})
_opened = ExitStack()
atexit.register(_opened.close)
STOP_S_MAX = 30.0
# Rates and lines must be older than any call of today.
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
# Ends tell of minutes that no test waits for; what a call is charged at most by our clock has its own tests.
RECORDED = MappingProxyType({"seconds_tolerance": 3600})
_ids = itertools.count(1)


class Process(Protocol):
    """A process as whoever started it has it; what it has open of it is closed at the end of a block."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None, /
    ) -> None: ...

    @property
    def pid(self) -> int: ...

    @property
    def stdout(self) -> IO[bytes] | None: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, number: int, /) -> None: ...

    def kill(self) -> None: ...


# Starts the gateway with a command, its whole environment, and its standard error.
Launch = Callable[[Sequence[str], Mapping[str, str], int], Process]


@dataclass(slots=True)
class GatewayProcess:
    """One `gateway serve` or `gateway work`. `url` is empty for the latter."""

    popen: Process
    log: Path
    url: str = ""

    @property
    def pid(self) -> int:
        return self.popen.pid

    def signal(self, number: signal.Signals) -> None:
        self.popen.send_signal(number)

    async def wait(self, limit_s: float = STOP_S_MAX) -> int:
        """The exit code."""
        return await asyncio.to_thread(self.popen.wait, limit_s)

    async def kill(self) -> None:
        self.popen.kill()
        await self.wait()

    async def stop(self) -> int:
        self.signal(signal.SIGTERM)
        return await self.wait()

    def events(self, name: str) -> list[dict[str, Any]]:
        """The lines of the log with this event."""
        lines = [json.loads(line) for line in self.log.read_bytes().splitlines() if line.startswith(b"{")]
        return [line for line in lines if line["event"] == name]


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Where gateways keep their things, and how they are configured; several may run in one."""

    data: Path
    database_url: str | None = None
    control_url: str | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    # Tables of connections beside `pbx` and `trunk`.
    connections: str = ""
    # Settings beside those above, as variables.
    environment: Mapping[str, str] = field(default_factory=dict)
    # Where standard error goes; else into a file of its own.
    standard_error: Path | int | None = None
    # How many file descriptors a gateway may have; None: as many as the tests.
    descriptors: int | None = None
    # Who starts gateways, if that is not the operating system.
    launch: Launch | None = None

    @asynccontextmanager
    async def serve(self, *options: str) -> AsyncIterator[GatewayProcess]:
        """A serving gateway; killed at the end unless it has ended by itself."""
        async with self.run("serve", "--port", "0", *options) as process:
            process.url = json.loads(await _first_line(process))["listening"]
            yield process

    @asynccontextmanager
    async def run(self, *command: str) -> AsyncIterator[GatewayProcess]:
        running = self._spawn(command)
        with running.popen as process:
            try:
                yield running
            finally:
                if process.poll() is None:
                    process.kill()
                await running.wait()

    def _spawn(self, command: Sequence[str]) -> GatewayProcess:
        self.data.mkdir(parents=True, exist_ok=True)
        log = self.standard_error if isinstance(self.standard_error, Path) else self.data / f"gateway-{next(_ids)}.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
        with log.open("ab") as own:
            errors = self.standard_error if isinstance(self.standard_error, int) else own.fileno()
            environment = kept | self._environment()
            process = (self.launch or self._launcher(command, environment))(command, environment, errors)
        return GatewayProcess(process, log)

    def _launcher(self, command: Sequence[str], environment: Mapping[str, str]) -> Launch:
        """From the nursery where that makes no difference: one of several processes is started by the first."""
        is_alone = "--processes" not in command and "GATEWAY_PROCESSES" not in environment
        is_plain = self.descriptors is None and environment.keys().isdisjoint(_BEFORE_THE_PROGRAM)
        return shared_nursery().launch if is_alone and is_plain else self._start

    def _start(self, command: Sequence[str], environment: Mapping[str, str], errors: int) -> Process:
        return subprocess.Popen(
            [*self._limited(), sys.executable, "-m", "gateway", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            start_new_session=True,
        )

    def _limited(self) -> list[str]:
        return [] if self.descriptors is None else ["prlimit", f"--nofile={self.descriptors}"]

    def _environment(self) -> dict[str, str]:
        config = self.data / "gateway.toml"
        control = "" if self.control_url is None else f'control_url = "{self.control_url}"'
        limits = "\n".join(f"{name} = {value}" for name, value in (RECORDED | self.limits).items())
        connections = (
            f'[connections.pbx]\nkind = "native"\nsecrets = ["{SECRET}"]\n{control}\n'
            f'[connections.trunk]\nkind = "native"\nsecrets = ["{SECRET}"]\n'
        )
        config.write_text(f"{connections}{self.connections}[limits]\n{limits}\n")
        environment = {"GATEWAY_CONFIG": str(config), "GATEWAY_DATA": str(self.data), "GATEWAY_LOG": "json"}
        if self.database_url is not None:
            environment["GATEWAY_DATABASE_URL"] = self.database_url
        return environment | self.environment


@cache
def shared_nursery() -> Nursery:
    """One for all gateways of this process, which needs not read their program again for each; it ends with us."""
    return _opened.enter_context(start_nursery({}))


async def _first_line(process: GatewayProcess) -> bytes:
    assert process.popen.stdout is not None
    async with asyncio.timeout(START_S_MAX):
        line = await asyncio.to_thread(process.popen.stdout.readline)
    assert line, f"the gateway did not start: {process.log.read_text()[-2000:]}"
    return line


@dataclass(frozen=True, slots=True)
class Told:
    """What a gateway told a provider about a webhook, and after how long."""

    status: int
    body: bytes
    seconds: float

    @property
    def reply(self) -> dict[str, Any]:
        reply: dict[str, Any] = json.loads(self.body)
        return reply


class Provider:
    """Posts webhooks with signatures of the real time, to any of several gateways."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def hook(self, url: str, body: Mapping[str, Any] | bytes, *, connection: str = "trunk") -> Told:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        message_id, timestamp = f"msg_{next(_ids)}", str(int(SystemClock().now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign_standard(SECRET, message_id, timestamp, raw).decode(),
        }
        begin = time.perf_counter()
        async with self._session.post(f"{url}/hooks/{connection}", data=raw, headers=headers) as response:
            told = await response.read()
            return Told(response.status, told, time.perf_counter() - begin)

    async def start(
        self, url: str, call_id: str, *, caller: str, callee: str = "+442079460000", connection: str = "trunk"
    ) -> Told:
        body = {"type": "call.start", "call_id": call_id, "direction": "outbound", "caller": caller, "callee": callee}
        return await self.hook(url, body, connection=connection)

    async def answer(self, url: str, call_id: str, *, connection: str = "trunk") -> Told:
        return await self.hook(url, {"type": "call.answer", "call_id": call_id}, connection=connection)

    async def end(
        self, url: str, call_id: str, *, seconds: int = 60, connection: str = "trunk", **more: object
    ) -> Told:
        body = {"type": "call.end", "call_id": call_id, "seconds": seconds, "cause": "normal"}
        return await self.hook(url, body | more, connection=connection)

    async def bearer(self, url: str, secret: str) -> int:
        """How a webhook is answered that says nothing but a secret."""
        async with self._session.post(url, json={}, headers={"Authorization": f"Bearer {secret}"}) as response:
            return response.status

    async def get(self, url: str, path: str) -> Told:
        begin = time.perf_counter()
        async with self._session.get(f"{url}{path}") as response:
            told = await response.read()
            return Told(response.status, told, time.perf_counter() - begin)


@asynccontextmanager
async def provider() -> AsyncIterator[Provider]:
    """Gives up on a gateway after ten seconds, and opens as many connections as there are webhooks under way."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=10)) as session:
        yield Provider(session)


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[PoolConnection]:
    """A look into the database, with the codecs of the gateway."""
    pool: Pool = await open_pool(dsn, size=1, application_name="gateway-test")
    try:
        async with pool.acquire() as conn:
            yield conn
    finally:
        pool.terminate()


async def an_account(conn: PgConnection, *names: str, balance: str = "1000", unavailable_allow_s: int = 0) -> int:
    """An account that calls by these numbers."""
    account = await world.account(conn, balance=balance, unavailable_allow_s=unavailable_allow_s)
    for name in names:
        await world.number(conn, account, name)
    return account


async def a_rate(conn: PgConnection) -> int:
    """Calls to Britain cost 0.03 a minute, by the minute."""
    return await world.rate(conn, "44", "0.03", valid_from=LONG_AGO)


async def until(condition: Callable[[], bool | Awaitable[bool]], limit_s: float = 15.0) -> None:
    """Wait for what nothing tells us of, such as a row or the end of somebody else's process."""
    give_up_at = time.monotonic() + limit_s
    while True:
        met = condition()
        if met if isinstance(met, bool) else await met:
            return
        assert time.monotonic() < give_up_at, "it did not come to pass"
        await asyncio.sleep(0.02)


async def assert_books_are_right(conn: PgConnection) -> None:
    """R2: balances are sums of entries, each entry follows the one before, holds are those of live calls."""
    checked = await check_ledger(conn)
    assert checked.ok, [difference.text for difference in checked.differences]
