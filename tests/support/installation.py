"""An installation that is healthy until something is done to it, and both that tell what is wrong with it."""

import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp.test_utils import unused_port

from gateway.clock import Clock, SystemClock
from gateway.domain.access.roles import Role
from gateway.domain.problems import Severity
from gateway.postgres import connections as receipts
from gateway.postgres.connections import HooksRow, SecretRow
from gateway.postgres.mail import outbox
from gateway.postgres.pool import open_pool
from gateway.postgres.types import PgConnection, Pool
from gateway.settings import Settings
from gateway.usecases.access.tokens import TokenTerms, create_token
from gateway.usecases.calls.months import make_months
from gateway.usecases.connections.receipts import fingerprint
from tests.support import calls, world
from tests.support.actors import CLERK
from tests.support.api import Answer, ApiClient
from tests.support.command_line import KEY
from tests.support.command_line import Gateway as CommandLine
from tests.support.configured import load
from tests.support.postgres import DatabaseServer
from tests.support.running import PATIENT, FakeProvider, Gateway, fake_provider, gateway_by

CONFIG = """
operator_email = "op@gw.example"
[connections.pbx]
kind = "native"
secrets = ["{key}"]
control_url = "{control_url}"

[connections.office]
kind = "native"
auth = "bearer"
secrets = ["new-word", "old-word"]

[connections.crm]
kind = "bitrix24"
secrets = ["token"]
account = "1"
user_id = "12"
rest_url = "https://acme.bitrix24.com/rest/12/key/"

[connections.off]
kind = "native"
"""
DAY = timedelta(days=1)
REAL_TIME = SystemClock()
END_SESSIONS = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname ="


class Serving:
    """A process of the installation, which lives until its settings are others."""

    def __init__(self, provider: FakeProvider) -> None:
        self._provider = provider
        self._stack = AsyncExitStack()
        self._by: tuple[Settings, Clock] | None = None
        self._gateway: Gateway | None = None

    async def gateway(self, settings: Settings, clock: Clock) -> Gateway:
        if self._gateway is None or self._by != (settings, clock):
            await self.stop()
            opened = gateway_by(settings, str(settings.database_url), clock, self._provider, port=settings.port)
            self._gateway = await self._stack.enter_async_context(opened)
            self._by = settings, clock
        return self._gateway

    async def stop(self) -> None:
        await self._stack.aclose()
        self._gateway = None


@dataclass(kw_only=True)
class Installation:
    """A healthy one, until something is done to it. `token` is an operator's."""

    pool: Pool
    data: Path
    provider: FakeProvider
    postgres: DatabaseServer
    gateway: CommandLine
    now: datetime
    token: str
    serving: Serving
    environ: Mapping[str, str]
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def found(self) -> list[dict[str, str]]:
        """What `gateway doctor` says."""
        result = await self.gateway.run("doctor", "--json")
        problems: list[dict[str, str]] = json.loads(result.stdout)
        assert result.exit_code == int(any(each["severity"] == Severity.ERROR for each in problems)), result.stderr
        return problems

    async def codes(self) -> list[str]:
        return [each["problem"] for each in await self.found()]

    async def health(self) -> Answer:
        """What `/v1/health` says."""
        gateway = await self.serving.gateway(load(self.gateway.environ), self.gateway.clock or REAL_TIME)
        return await ApiClient(gateway, self.token).get("/health")

    async def do(self, work: Callable[[PgConnection], Awaitable[object]]) -> None:
        async with self.pool.acquire() as conn:
            await work(conn)

    async def execute(self, statement: str, *values: object) -> None:
        await self.do(lambda conn: conn.execute(statement, *values))

    async def alter(self, what: str) -> None:
        """Change the database for the sessions to come, and have those end that are there."""
        name = self.gateway.environ["GATEWAY_DATABASE_URL"].rpartition("/")[2].partition("?")[0]
        await self.postgres.execute(f'ALTER DATABASE "{name}" {what}')
        await self.postgres.execute(f"{END_SESSIONS} '{name}'")

    async def set_as_before(self) -> None:
        """As it was configured, with nothing known of its connections."""
        self.gateway.environ.clear()
        self.gateway.environ |= self.environ
        _configure(self.data, self.provider)
        await self.execute("TRUNCATE connection_hooks, connection_secret")

    async def hooks(self, connection: str = "office", **instants: datetime) -> None:
        refused = {"refused_status": 403, "refused_why": "no such token"} if "refused_at" in instants else {}
        row = HooksRow(connection=connection, **{"configured_at": self.now - 30 * DAY} | instants | refused)
        await self.do(lambda conn: receipts.note_hooks(conn, [row]))

    async def used(self, secret: str, at: datetime) -> None:
        row = SecretRow(connection="office", fingerprint=fingerprint("office", secret), used_at=at)
        await self.do(lambda conn: receipts.note_secrets(conn, [row]))

    async def call(self, at: datetime) -> None:
        async with self.pool.acquire() as conn:
            number = f"+1555010{next(self.numbers):04}"
            await world.number(conn, await world.account(conn), number)
            if await conn.fetchval("SELECT count(*) FROM rate") == 0:
                await world.rate(conn, "44")
            await calls.start(conn, number, now=at, line=number)

    async def mail(self) -> None:
        mail = {"recipient": "op@gw.example", "kind": "call_uncut", "key": f"k{next(self.numbers)}", "facts": {}}
        await self.do(lambda conn: outbox.queue_operator(conn, **mail, now=self.now - 2 * DAY))


def _configure(data: Path, provider: FakeProvider) -> Path:
    config = data / "gateway.toml"
    config.write_text(CONFIG.format(key=KEY, control_url=provider.url))
    return config


@asynccontextmanager
async def _pool(dsn: str) -> AsyncIterator[Pool]:
    pool = await open_pool(dsn, size=5, opened_at_once=1, application_name="gateway-test", lock_timeout=PATIENT.lock)
    try:
        yield pool
    finally:
        pool.terminate()


@asynccontextmanager
async def healthy_installation(dsn: str, data: Path, postgres: DatabaseServer) -> AsyncIterator[Installation]:
    """Its months are there, and its connections are configured; its process answers `/v1/health`."""
    now = REAL_TIME.now()
    async with fake_provider() as provider, _pool(dsn) as pool:
        environ = {
            "GATEWAY_DATABASE_URL": dsn,
            "GATEWAY_CONFIG": str(_configure(data, provider)),
            "GATEWAY_DATA": str(data),
            "GATEWAY_PORT": str(unused_port()),
        }
        async with pool.acquire() as conn:
            await make_months(conn, now.date())
            terms = TokenTerms(role=Role.OPERATOR, account_id=None)
            created = await create_token(conn, actor=CLERK, terms=terms, now=now)
        serving = Serving(provider)
        try:
            yield Installation(
                pool=pool,
                data=data,
                provider=provider,
                postgres=postgres,
                gateway=CommandLine(dict(environ)),
                environ=environ,
                now=now,
                token=created.token,
                serving=serving,
            )
        finally:
            await serving.stop()
