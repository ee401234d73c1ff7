"""Several processes on one address, workers alone, and what their ends do to each other (R38)."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support import world
from tests.support.processes import (
    GatewayProcess,
    Installation,
    Provider,
    Told,
    a_rate,
    an_account,
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
