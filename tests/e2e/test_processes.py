"""Several processes on one address, workers alone, and what their ends do to each other (R38)."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.support import world
from tests.support.processes import (
    GatewayProcess,
    Installation,
    Provider,
    Told,
    a_rate,
    an_account,
    assert_books_are_right,
    connected,
    provider,
    until,
)
from tests.support.running import FakeProvider, fake_provider

CALLER = "+15550100001"


@pytest.fixture
async def pbx() -> AsyncIterator[Provider]:
    async with provider() as opened:
        yield opened


@pytest.fixture
async def switch() -> AsyncIterator[FakeProvider]:
    async with fake_provider() as running:
        yield running


@pytest.fixture
async def installation(dsn: str, tmp_path: Path, switch: FakeProvider) -> Installation:
    async with connected(dsn) as conn:
        await a_rate(conn)
        await an_account(conn, CALLER)
    return Installation(data=tmp_path, database_url=dsn, control_url=switch.url)


@pytest.fixture
async def two(installation: Installation) -> AsyncIterator[GatewayProcess]:
    async with installation.serve("--processes", "2") as gateway:
        yield gateway


def children(pid: int) -> list[int]:
    """The serving processes of a parent; not the helper that Python starts for their names."""
    found = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return [child for child in found if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def counted(told: Told, name: str) -> float:
    lines = (line for line in told.body.decode().splitlines() if line.startswith((f"{name} ", f"{name}{{")))
    return sum(float(line.rpartition(" ")[2]) for line in lines)


def leader_of(gateway: GatewayProcess) -> int:
    """The serving process that decides for all: it has the lock of their directory."""
    for pid in children(gateway.pid):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            if descriptor.readlink().name == "leader.lock":
                inode = descriptor.stat().st_ino
                locks = (line.split() for line in Path("/proc/locks").read_text().splitlines())
                return next(int(lock[4]) for lock in locks if lock[5].endswith(f":{inode}"))
    raise AssertionError("nobody has the lock open")


async def start_on_a_connection_of_its_own(url: str, call_id: str) -> Told | None:
    """What was told; None where that took too long, or the connection was lost."""
    async with provider() as single:
        try:
            async with asyncio.timeout(3):
                return await single.start(url, call_id, caller=CALLER)
        except (TimeoutError, aiohttp.ClientError):
            return None


async def start_many(url: str, count: int, told: list[Told]) -> None:
    """What many starts are told, if they are: each goes to whichever process the kernel chooses."""

    async def start(number: int) -> None:
        if (each := await start_on_a_connection_of_its_own(url, f"m{number}")) is not None:
            told.append(each)

    await asyncio.gather(*map(start, range(count)))


async def test_two_processes_answer_on_one_address_and_are_counted_together(two: GatewayProcess, pbx: Provider) -> None:
    # Each on a connection of its own, so that the kernel deals them out.
    told: list[Told] = []
    for number in range(40):
        async with provider() as single:
            told.append(await single.start(two.url, f"a{number}", caller=CALLER))

    assert {each.reply["action"] for each in told} == {"connect"}
    assert len(children(two.pid)) == 2
    metrics = await pbx.get(two.url, "/metrics")
    assert counted(metrics, "gateway_hooks_total") == 40
    assert counted(metrics, "gateway_spool_records") == 0
    assert (await pbx.get(two.url, "/readyz")).status == 200
    assert await two.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_parent_takes_its_children_along(two: GatewayProcess, number: signal.Signals) -> None:
    serving = children(two.pid)

    two.signal(number)

    assert await two.wait(10) == 0
    assert not any(map(is_alive, serving))


async def test_a_child_that_dies_ends_all_so_that_a_supervisor_starts_them_anew(
    two: GatewayProcess, installation: Installation, pbx: Provider
) -> None:
    first, second = children(two.pid)

    os.kill(first, signal.SIGKILL)

    assert await two.wait(10) != 0
    assert not is_alive(second)
    async with installation.serve("--processes", "2") as again:
        assert (await pbx.start(again.url, "a1", caller=CALLER)).reply["action"] == "connect"
        assert await again.stop() == 0


async def test_a_leader_that_stands_still_keeps_no_other_from_deciding_and_cutting(
    two: GatewayProcess, dsn: str, switch: FakeProvider, pbx: Provider
) -> None:
    assert (await pbx.start(two.url, "a1", caller=CALLER, connection="pbx")).reply["action"] == "connect"
    leader, told = leader_of(two), list[Told]()

    os.kill(leader, signal.SIGSTOP)
    try:
        await start_many(two.url, 20, told)
        async with connected(dsn) as conn:
            await conn.execute("UPDATE live_call SET cut_due_at = now() WHERE cut_due_at IS NOT NULL")
        await until(lambda: ("a1", "limit") in switch.hang_ups(), 3)
    finally:
        os.kill(leader, signal.SIGCONT)

    assert told
    assert {each.reply["action"] for each in told} == {"connect"}
    assert max(each.seconds for each in told) < 1.5
    assert await two.stop() == 0


async def test_starts_that_a_killed_leader_had_are_decided_once_by_the_other(two: GatewayProcess, dsn: str) -> None:
    leader, told = leader_of(two), list[Told]()

    starts = asyncio.create_task(start_many(two.url, 200, told))
    await until(lambda: len(told) >= 20)
    os.kill(leader, signal.SIGKILL)
    await starts

    assert {each.status for each in told} <= {200, 503}
    connected_calls = [each for each in told if each.status == 200 and each.reply["action"] == "connect"]
    assert connected_calls
    async with connected(dsn) as conn:
        on_record = await conn.fetchval("SELECT count(*) FROM call WHERE state = 'open'")
        assert len(connected_calls) <= on_record <= 200
        await assert_books_are_right(conn)


async def test_a_parent_that_is_killed_takes_its_children_along(two: GatewayProcess) -> None:
    serving = children(two.pid)

    await two.kill()

    await until(lambda: not any(map(is_alive, serving)), 10)


async def test_workers_alone_cut_and_charge_what_others_serve(
    installation: Installation, dsn: str, switch: FakeProvider, pbx: Provider
) -> None:
    async with installation.serve() as gateway:
        assert (await pbx.start(gateway.url, "a1", caller=CALLER, connection="pbx")).reply["action"] == "connect"
        await gateway.kill()
    async with connected(dsn) as conn:
        await conn.execute(
            "UPDATE live_call SET must_end_at = now(), cut_due_at = now(), reconcile_due_at = now() + '1 s'"
        )
        switch.statuses["a1"] = {"type": "call.end", "call_id": "a1", "seconds": 61, "cause": "limit"}

        async with installation.run("work") as worker:
            await until(lambda: ("a1", "limit") in switch.hang_ups())
            await until(lambda: conn.fetchval("SELECT state = 'ended' FROM call"))
            assert await worker.stop() == 0

        account = await conn.fetchval("SELECT id FROM account")
        assert [str(each) for each in await world.money(conn, account)] == ["999.940000", "0.000000"]


async def test_an_address_that_is_taken_is_named(installation: Installation) -> None:
    async with installation.serve() as gateway:
        port = gateway.url.rpartition(":")[2]
        async with installation.run("serve", "--port", port) as second:
            assert await second.wait(10) == 1
            assert f"cannot listen on 127.0.0.1:{port}" in second.log.read_text()
