"""PgBouncer of a test's own before a database: Debian's, or the newer one that `.ci/install-pgbouncer` brings."""

import asyncio
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qs, urlsplit

from gateway.embedded.binaries import database_account
from tests.support.postgres import throwaway_directory

NEWER = Path("/opt/pgbouncer/pgbouncer")
IGNORED = (
    "extra_float_digits, statement_timeout, lock_timeout, idle_in_transaction_session_timeout,"
    " plan_cache_mode, enable_seqscan, enable_hashjoin, enable_mergejoin, jit"
)
PREPARED_FROM = (1, 21)
NOTHING: Mapping[str, str] = MappingProxyType({})


def pgbouncer_program(*, newer: bool = False) -> str | None:
    """The program, if there is one; `newer`: one that keeps prepared statements in transaction mode."""
    for program in (str(NEWER) if NEWER.exists() else None, shutil.which("pgbouncer", path="/usr/sbin:/usr/bin")):
        if program is not None and (not newer or _version(program) >= PREPARED_FROM):
            return program
    return None


def _version(program: str) -> tuple[int, ...]:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"PgBouncer (\d+)\.(\d+)", said)
    assert found is not None, said
    return tuple(map(int, found.groups()))


@asynccontextmanager
async def pgbouncer(
    dsn: str, *, mode: str, program: str | None = None, settings: Mapping[str, str] = NOTHING
) -> AsyncIterator[str]:
    """The URL of the same database by way of PgBouncer."""
    parts, query = urlsplit(dsn), parse_qs(urlsplit(dsn).query)
    name = parts.path.removeprefix("/")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    written = {
        "listen_addr": "127.0.0.1",
        "listen_port": str(port),
        "unix_socket_dir": "",
        "auth_type": "any",
        "pool_mode": mode,
        "ignore_startup_parameters": IGNORED,
        "max_client_conn": "200",
        "server_login_retry": "1",
    } | dict(settings)
    place = f"host={query['host'][0]} port={query.get('port', ['5432'])[0]} user={parts.username or 'postgres'}"
    with throwaway_directory() as directory:
        config = directory / "pgbouncer.ini"
        lines = "\n".join(f"{key} = {value}" for key, value in written.items())
        config.write_text(f"[databases]\n{name} = {place} dbname={name}\n[pgbouncer]\n{lines}\n")
        with (directory / "log").open("wb") as log:
            process = _spawn(program or pgbouncer_program() or "pgbouncer", config, log.fileno())
        try:
            url = f"postgresql://postgres@127.0.0.1:{port}/{name}?sslmode=disable"
            await _until_it_listens(port, process, directory / "log")
            yield url
        except BaseException:
            print(_content(directory / "log"))  # noqa: T201 - pytest shows it with what failed
            raise
        finally:
            process.kill()
            await asyncio.to_thread(process.wait)


def _spawn(program: str, config: Path, log: int) -> "subprocess.Popen[bytes]":
    account = database_account(None)
    return subprocess.Popen(
        [program, str(config)],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


async def _until_it_listens(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(500):
        assert process.poll() is None, _content(log)
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    raise AssertionError(_content(log))


def _content(log: Path) -> str:
    return log.read_text()
