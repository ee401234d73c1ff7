"""The embedded server with its production settings: it starts, it stops, and no way of dying loses a row."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import asyncpg
import pytest

from gateway.embedded import binaries
from gateway.embedded import server as embedded
from gateway.embedded.binaries import WHEELS, database_account, find_binaries, run_program
from gateway.embedded.server import EmbeddedError, embedded_dsn, running_dsn, start_embedded
from tests.support.postgres import throwaway_directory

# Commits row after row and says so after each commit, until it is killed.
OWNER = textwrap.dedent("""
    import asyncio, sys
    from pathlib import Path
    import asyncpg
    from gateway.embedded.server import start_embedded

    server = start_embedded(Path(sys.argv[1]))
    print(server.pid, flush=True)

    async def write():
        conn = await asyncpg.connect(server.dsn)
        await conn.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        for n in range(1, 1_000_000):
            await conn.execute("INSERT INTO kept VALUES ($1)", n)
            print(n, flush=True)

    asyncio.run(write())
""")


@pytest.fixture
def data():
    with throwaway_directory(memory=True) as directory:
        yield directory / "a gateway's data"


@pytest.fixture
def server(data):
    running = start_embedded(data)
    yield running
    running.stop()


async def fetchval(dsn, query, *args):
    conn = await asyncpg.connect(dsn)
    try:
        return await conn.fetchval(query, *args)
    finally:
        await conn.close()


async def until(predicate, limit_s=10.0):
    give_up_at = time.monotonic() + limit_s
    while not predicate():
        assert time.monotonic() < give_up_at
        await asyncio.sleep(0.01)


def is_alive(pid):
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


async def test_the_production_server_keeps_what_it_committed(server):
    names = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")

    shown = {name: await fetchval(server.dsn, f"SHOW {name}") for name in names}

    assert shown == dict.fromkeys(names, "on")


async def test_it_speaks_utf8_and_utc_and_listens_on_its_socket_alone(server):
    shown = [await fetchval(server.dsn, f"SHOW {name}") for name in ("server_encoding", "timezone")]

    assert shown == ["UTF8", "UTC"]
    assert await fetchval(server.dsn, "SHOW listen_addresses") == ""
    assert await fetchval(server.dsn, "SELECT current_database()::text") == "gateway"
    assert (server.data / "run").stat().st_mode & 0o777 == 0o700


async def test_rows_outlive_a_stop_and_a_start(data):
    first = start_embedded(data)
    await fetchval(first.dsn, "CREATE TABLE kept AS SELECT 1 AS n")
    pid = first.pid
    first.stop()
    first.stop()
    assert not is_alive(pid)

    second = start_embedded(data)
    try:
        assert await fetchval(second.dsn, "SELECT n FROM kept") == 1
    finally:
        second.stop()


async def test_a_second_owner_is_refused_in_one_line_and_the_first_goes_on(server):
    with pytest.raises(EmbeddedError) as caught:
        start_embedded(server.data)

    assert str(caught.value) == f"another gateway (process {os.getpid()}) owns the data directory {server.data}"
    assert await fetchval(server.dsn, "SELECT 1") == 1


def test_others_find_the_running_server(server):
    assert running_dsn(server.data) == server.dsn

    with embedded_dsn(server.data) as dsn:
        assert dsn == server.dsn

    assert is_alive(server.pid)


async def test_a_command_runs_the_server_for_itself_when_nobody_does(data):
    assert running_dsn(data) is None

    with embedded_dsn(data) as dsn:
        assert await fetchval(dsn, "SELECT 1") == 1
        assert running_dsn(data) == dsn

    assert running_dsn(data) is None


async def test_commands_at_the_same_time_share_one_server_that_outlives_the_last(data):
    def command(number):
        with embedded_dsn(data) as dsn:
            time.sleep(0.05 * number)
            return asyncio.run(fetchval(dsn, "SELECT $1::int", number))

    results = await asyncio.gather(*(asyncio.to_thread(command, number) for number in range(4)))

    assert results == [0, 1, 2, 3]
    assert running_dsn(data) is None


def run_owner(data, rows):
    """Start an owner and wait for so many commits; return it with its server's process."""
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(data)], stdout=subprocess.PIPE, text=True)
    pid = int(owner.stdout.readline())
    for _ in range(rows):
        owner.stdout.readline()
    return owner, pid


def last_number(owner):
    """The last row that it told of before it died; its log tells of its server's death on the same stream."""
    with owner.stdout as said:
        numbers = [line for line in said.read().splitlines() if line.isdigit()]
    owner.wait()
    return int(numbers[-1]) if numbers else 0


async def test_killing_the_owner_loses_no_committed_row(data):
    owner, postmaster_pid = run_owner(data, rows=20)
    owner.kill()
    committed = max(20, last_number(owner))

    server = start_embedded(data)
    try:
        assert await fetchval(server.dsn, "SELECT count(*) FROM kept") >= committed
        assert not is_alive(postmaster_pid)
    finally:
        server.stop()


async def test_killing_the_owner_and_the_server_at_once_loses_no_committed_row(data):
    owner, postmaster_pid = run_owner(data, rows=20)
    os.kill(postmaster_pid, signal.SIGKILL)
    owner.kill()
    committed = max(20, last_number(owner))

    server = start_embedded(data)
    try:
        assert await fetchval(server.dsn, "SELECT count(*) FROM kept") >= committed
    finally:
        server.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
async def test_the_server_ends_with_a_killed_owner(data):
    owner, postmaster_pid = run_owner(data, rows=1)

    owner.kill()
    last_number(owner)

    await until(lambda: not is_alive(postmaster_pid))


async def test_a_server_started_by_a_thread_outlives_the_thread(data):
    started = []
    thread = threading.Thread(target=lambda: started.append(start_embedded(data)))
    thread.start()
    await asyncio.to_thread(thread.join)
    (server,) = started
    pid = server.pid

    await asyncio.sleep(0.2)  # a signal at the thread's end would have come by now

    try:
        assert await fetchval(server.dsn, "SELECT 1") == 1
        assert server.pid == pid
    finally:
        server.stop()


async def test_a_server_left_by_a_killed_owner_is_stopped_and_replaced(data, monkeypatch):
    monkeypatch.setattr("gateway.embedded.postmaster._end_with_parent", lambda: None)
    left = start_embedded(data)
    await fetchval(left.dsn, "CREATE TABLE kept AS SELECT 1 AS n")
    left._stopping.set()
    os.close(left._owner_lock)

    server = start_embedded(data)
    try:
        assert await fetchval(server.dsn, "SELECT n FROM kept") == 1
        assert server.pid != left.pid
        assert not is_alive(left.pid)
    finally:
        server.stop()


async def test_a_server_that_dies_by_itself_is_started_again(server):
    await fetchval(server.dsn, "CREATE TABLE kept AS SELECT 1 AS n")
    killed = server.pid

    os.kill(killed, signal.SIGKILL)

    await until(lambda: server.pid != killed and running_dsn(server.data) is not None, limit_s=40)
    assert await fetchval(server.dsn, "SELECT n FROM kept") == 1
    assert not server.failed.is_set()


async def test_a_server_that_dies_too_often_is_given_up(server, monkeypatch):
    monkeypatch.setattr(embedded, "RESTARTS_MAX", 1)
    killed = server.pid
    os.kill(killed, signal.SIGKILL)
    await until(lambda: server.pid != killed and running_dsn(server.data) is not None, limit_s=40)
    assert not server.failed.is_set()

    os.kill(server.pid, signal.SIGKILL)

    await until(server.failed.is_set)
    server.stop()
    with embedded_dsn(server.data) as dsn:  # this also frees the shared memory that the killed one left
        assert await fetchval(dsn, "SELECT 1") == 1


async def test_a_half_made_cluster_is_made_anew(data):
    (data / "pg18.init").mkdir(parents=True)
    data.chmod(0o755)
    (data / "pg18.init" / "PG_VERSION").write_text("18\n")

    with embedded_dsn(data) as dsn:
        assert await fetchval(dsn, "SELECT 1") == 1

    assert not (data / "pg18.init").exists()


async def test_a_path_too_long_for_a_socket_gets_a_short_one_that_is_removed(data):
    long = data / ("long" * 30)

    with embedded_dsn(long) as dsn:
        assert await fetchval(dsn, "SELECT 1") == 1
        sockets = await fetchval(dsn, "SHOW unix_socket_directories")
        assert sockets.startswith("/tmp/gateway-")

    assert not os.path.lexists(sockets)  # noqa: ASYNC240 - nothing else runs in this loop


def test_programs_that_are_not_there_are_refused_with_advice(data):
    with pytest.raises(EmbeddedError, match=r"\(from GATEWAY_PG_BINDIR\) do not run here: set GATEWAY_DATABASE_URL"):
        start_embedded(data, bindir=data / "nowhere")


def test_no_programs_at_all_are_refused_with_advice(data, monkeypatch):
    monkeypatch.setattr(binaries, "WHEELS", ())
    monkeypatch.setattr(binaries, "_system_directories", list)

    with pytest.raises(EmbeddedError, match=r"^no PostgreSQL 15 or newer was found: .*GATEWAY_PG_BINDIR.*pip install"):
        start_embedded(data)


def test_data_of_another_version_are_not_left_aside(data):
    data.mkdir()
    data.chmod(0o755)
    (data / "pg17").mkdir()
    (data / "pg17" / "PG_VERSION").write_text("17\n")

    with pytest.raises(EmbeddedError, match=r"is of pg17, and .* holds PostgreSQL 18"):
        start_embedded(data)

    assert not (data / "pg18").exists()


def test_a_setting_that_the_server_refuses_is_shown(data):
    with pytest.raises(EmbeddedError, match=r"does not start: .*no_such_setting"):
        start_embedded(data, extra_settings={"no_such_setting": "1"})

    assert running_dsn(data) is None


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server under another account")


@needs_root
def test_root_runs_the_server_under_another_account(server):
    uid = Path(f"/proc/{server.pid}").stat().st_uid

    assert uid == database_account(None).uid
    assert uid != 0


@needs_root
def test_an_account_that_is_not_there_is_refused(data):
    with pytest.raises(EmbeddedError, match="there is no account 'no-such-account'"):
        start_embedded(data, os_user="no-such-account")


@needs_root
def test_a_directory_out_of_the_accounts_reach_is_named(data):
    data.mkdir(mode=0o700)

    with pytest.raises(EmbeddedError, match=r"may not enter .*: choose another GATEWAY_DATA"):
        start_embedded(data / "below")


@needs_root
async def test_programs_out_of_the_accounts_reach_are_copied_and_work(data, monkeypatch):
    (package, tree), *_ = WHEELS
    installed = find_binaries(None, None, copies=data).directory.parents[2]
    private = data.parent / "private"
    private.mkdir(mode=0o700)
    for part in (f"{package}/{tree}", f"{package}.libs"):
        shutil.copytree(installed / part, private / part, symlinks=True, ignore=binaries.UNUSED_PARTS)
    (private / package / "__init__.py").touch()
    monkeypatch.syspath_prepend(private)

    server = start_embedded(data)
    try:
        assert server.bindir.is_relative_to(data)
        assert await fetchval(server.dsn, "SELECT 1") == 1
        answer = run_program([str(server.bindir / "pg_dump"), "--version"], database_account(None))
        assert server.version in answer.stdout
    finally:
        server.stop()
    assert private.stat().st_mode & 0o777 == 0o700
