"""A reader who does what a page says, in a directory and with a gateway of their own."""

import asyncio
import re
import shlex
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from aiohttp.test_utils import TestClient

from gateway.app import running
from gateway.domain.lines.rent_dates import day_of, midnight
from gateway.listeners import build_web
from gateway.postgres.clock import ask_time
from gateway.postgres.session import connected
from gateway.usecases.accounts.warn_low_balance import warn_low_balances
from gateway.usecases.calls.months import make_months
from tests.docs.console import ZONE, Passed, Step, Typed, Written
from tests.docs.placeholders import ENVIRONMENT, GIVEN, SECRET_FILES
from tests.support.command_line import Gateway as CommandLine
from tests.support.configured import load
from tests.support.mail.post import PLAIN, SENDER, Post
from tests.support.mail.smtp import smtp_server
from tests.support.running import FakeProvider, Gateway, GatewayServer
from tests.support.world import FakeClock

CONFIG: Final = "gateway.toml"
# Where the pages say that the gateway is.
ADDRESS: Final = "http://127.0.0.1:8080"
BEGINNING: Final = datetime(2026, 6, 1, 10, 0, tzinfo=ZONE)
_TABLE = re.compile(r"^(?=\[)", re.MULTILINE)
# A token that was printed: whoever reads puts it where the pages have `$TOKEN`.
_TOKEN = re.compile(r"gw_[osar]_[\w-]{43}")
_VARIABLE = re.compile(r'env = "(\w+)"')


class Reader:
    """Types commands; what the gateway has to do in between, it does."""

    def __init__(self, environ: dict[str, str], directory: Path) -> None:
        self.clock = FakeClock(BEGINNING)
        self._environ = environ
        self._directory = directory
        self._tables: dict[str, str] = {}
        self._served = AsyncExitStack()
        self._gateway: Gateway | None = None
        self._token = ""

    async def take(self, step: Step) -> str:
        """What is printed."""
        match step:
            case Written():
                await self._write(step)
                return ""
            case Passed():
                await self._wait(step.at)
                return ""
            case Typed():
                return await self._type(step.command)

    async def close(self) -> None:
        await self._served.aclose()
        self._gateway = None

    async def _write(self, file: Written) -> None:
        """A table of the configuration takes the place of the one that it had before; then the gateway starts again."""
        if file.name != CONFIG:
            self._directory.joinpath(file.name).write_text(file.content)
            return
        await self.close()
        content = self._filled_in(file.content)
        self._tables |= {table.partition("\n")[0]: table for table in _TABLE.split(content) if table}
        self._directory.joinpath(CONFIG).write_text("\n".join(self._tables.values()))
        self._environ |= {name: ENVIRONMENT.get(name, "s3cret") for name in _VARIABLE.findall(content)}

    def _filled_in(self, text: str) -> str:
        """What a reader would write for the abbreviations of a page."""
        for short, given in GIVEN.items():
            text = text.replace(short, given)
        for name, content in SECRET_FILES.items():
            self._directory.joinpath(name).write_text(content)
        return text.replace("/run/secrets/", f"{self._directory.as_posix()}/")

    async def _wait(self, at: datetime) -> None:
        """What the gateway does at each midnight until an instant, and then."""
        day = day_of(self.clock.at, ZONE)
        while (day := day + timedelta(days=1)) <= day_of(at, ZONE):
            await self._work(midnight(day, ZONE))
        await self._work(at)

    async def _work(self, at: datetime) -> None:
        self.clock.at = at
        gateway = await self._serving()
        await gateway.run_due()
        await warn_low_balances(gateway.process.context)
        await Post(gateway.process, self.clock).work()

    async def _type(self, command: str) -> str:
        gateway = await self._serving()
        address = str(gateway.client.make_url("")).rstrip("/")
        if command.startswith("gateway "):
            arguments = shlex.split(command)[1:]
            environ = self._environ | {"GATEWAY_PORT": str(gateway.client.port)}
            # These compare clocks, and the database's is the world's.
            clock = None if arguments[0] in {"check", "doctor"} else self.clock
            result = await CommandLine(environ, clock).run(*arguments)
            if (token := _TOKEN.search(result.output)) is not None:
                self._token = token[0]
            return result.output.replace(address, ADDRESS)
        assert command.startswith("curl "), f"nobody can type this: {command}"
        command = command.replace(ADDRESS, address).replace("$TOKEN", self._token)
        return await _run("curl", "-s", *shlex.split(command)[1:])

    async def _serving(self) -> Gateway:
        if self._gateway is None:
            self._gateway = await self._served.enter_async_context(self._serve())
        return self._gateway

    @asynccontextmanager
    async def _serve(self) -> AsyncIterator[Gateway]:
        settings = load(self._environ)
        async with connected(self._environ["GATEWAY_DATABASE_URL"], application_name="gateway-test") as conn:
            await make_months(conn, (await ask_time(conn)).date())  # as `gateway serve` does
        async with (
            running(
                settings, self._environ["GATEWAY_DATABASE_URL"], self.clock, workers=False, opened_at_once=1
            ) as process,
            TestClient(GatewayServer(build_web(process))) as client,
        ):
            yield Gateway(process, client, self.clock, FakeProvider())


async def _run(program: str, *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(program, *arguments, stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    return printed.decode()


@asynccontextmanager
async def reader_in(directory: Path, dsn: str) -> AsyncIterator[Reader]:
    """With an SMTP server that takes everything."""
    async with smtp_server() as server:
        environ = {
            "GATEWAY_DATABASE_URL": dsn,
            "GATEWAY_DATA": str(directory / "data"),
            "GATEWAY_CONFIG": str(directory / CONFIG),
            "GATEWAY_PUBLIC_URL": ADDRESS,
            "GATEWAY_SMTP_URL": server.url(options=PLAIN),
            "GATEWAY_MAIL_FROM": SENDER,
        }
        directory.joinpath(CONFIG).touch()
        reader = Reader(environ, directory)
        try:
            yield reader
        finally:
            await reader.close()
