"""kill -9 at any instant loses nothing that was acknowledged, and leaves no hold for ever (R22, R38)."""

import asyncio
import itertools
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.embedded.server import running_dsn
from tests.support.load import Load
from tests.support.postgres import throwaway_directory
from tests.support.processes import (
    Installation,
    a_rate,
    an_account,
    assert_books_are_right,
    connected,
    provider,
    until,
)
from tests.support.running import FakeProvider, fake_provider

ROUNDS = 20
LOAD_S = 1.0
CALLERS = tuple(f"+1555010000{number}" for number in range(6))


@pytest.fixture
async def switch() -> AsyncIterator[FakeProvider]:
    """It knows no call any more."""
    async with fake_provider() as running:
        running.hang_up_status = 404
        yield running


@pytest.fixture
def data() -> Iterator[Path]:
    # On a real disk, with fsync, as the production server.
    with throwaway_directory() as directory:
        yield directory / "data"


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_r38_kill_9_twenty_times_under_load_loses_nothing(data: Path, switch: FakeProvider) -> None:
    installation = Installation(data=data, control_url=switch.url)
    async with provider() as pbx:
        load = Load(pbx, CALLERS, connection="pbx")
        for turn in range(ROUNDS):
            async with installation.serve() as gateway:
                if turn == 0:
                    await _make_world(data)
                await load.resume(gateway.url)
                async with load.on(gateway.url):
                    await asyncio.sleep(LOAD_S)
                    gateway.signal(signal.SIGKILL)
                    if turn % 2:  # and its database with it, as when the machine fails
                        _kill_database(data)

        async with installation.serve() as gateway, connected(_dsn(data)) as conn:
            await load.resume(gateway.url)
            starts, ends = load.acknowledged
            assert starts > ends > 10 * ROUNDS
            assert load.other == []
            await load.assert_kept(conn)
            await assert_books_are_right(conn)

            # Calls that the provider forgot: a day later they are closed, and nothing is held.
            for number in range(20):
                await pbx.start(gateway.url, f"forgotten-{number}", caller=CALLERS[0], connection="pbx")
            assert await conn.fetchval("SELECT sum(held) FROM account") > 0
            await conn.execute("UPDATE live_call SET must_end_at = now() - '25 h'::interval, reconcile_due_at = now()")
            await until(lambda: conn.fetchval("SELECT count(*) = 0 FROM live_call"))
            assert await conn.fetchval("SELECT sum(held) FROM account") == 0
            await assert_books_are_right(conn)
            assert await gateway.stop() == 0


async def _make_world(data: Path) -> None:
    async with connected(_dsn(data)) as conn:
        await a_rate(conn)
        await an_account(conn, *CALLERS[:2], balance="100000")
        await an_account(conn, *CALLERS[2:5], balance="100000")
        await an_account(conn, CALLERS[5], balance="0.5")  # soon there is no money


def _dsn(data: Path) -> str:
    dsn = running_dsn(data)
    assert dsn is not None
    return dsn


def _kill_database(data: Path) -> None:
    for file in itertools.islice(data.glob("pg[0-9]*/postmaster.pid"), 1):
        os.kill(int(file.read_text().split("\n", 1)[0]), signal.SIGKILL)
