"""What becomes of standard error is no matter of calls: full, stuck or gone, webhooks are answered as ever (R37)."""

import asyncio
import fcntl
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.processes import Installation, Provider, a_rate, an_account, connected, provider, until

CALLER = "+15550100001"
USUAL_S = 1.0
CALLS = 40


@pytest.fixture
async def pbx() -> AsyncIterator[Provider]:
    async with provider() as opened:
        yield opened


@pytest.fixture
async def installation(dsn: str, tmp_path: Path) -> Installation:
    async with connected(dsn) as conn:
        await a_rate(conn)
        await an_account(conn, CALLER)
    return Installation(data=tmp_path, database_url=dsn)


@contextmanager
def a_full_disk() -> Iterator[Path]:
    yield Path("/dev/full")


@contextmanager
def a_pipe_that_nobody_reads() -> Iterator[int]:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    try:
        yield writer
    finally:
        os.close(reader)
        os.close(writer)


@contextmanager
def a_pipe_whose_reader_is_gone() -> Iterator[int]:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        yield writer
    finally:
        os.close(writer)


# By how many processes.
STREAMS = ((a_full_disk, 1), (a_full_disk, 2), (a_pipe_that_nobody_reads, 1), (a_pipe_whose_reader_is_gone, 1))


@pytest.mark.parametrize(("stream", "processes"), STREAMS)
async def test_r37_webhooks_are_answered_whatever_becomes_of_the_log(stream, processes, installation, pbx) -> None:
    with stream() as standard_error:
        async with replace(installation, standard_error=standard_error).serve("--processes", str(processes)) as gateway:
            for number in range(CALLS):
                call = f"a{number}"
                emergency, start, end = await asyncio.gather(
                    pbx.start(gateway.url, f"e{number}", caller=CALLER, callee="911"),
                    pbx.start(gateway.url, call, caller=CALLER),
                    pbx.end(gateway.url, "unknown"),
                )
                assert (emergency.reply["action"], start.reply["action"], end.status) == ("connect", "connect", 200)
                assert max(each.seconds for each in (emergency, start, end)) < USUAL_S
            assert (await pbx.get(gateway.url, "/livez")).status == 200
            if stream is not a_pipe_that_nobody_reads:  # its lines still wait

                async def are_counted() -> bool:
                    return _lost(await pbx.get(gateway.url, "/metrics")) > 3 * CALLS / processes

                await until(are_counted)
            assert await gateway.stop() == 0


def _lost(told) -> float:
    lines = told.body.decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("gateway_log_lines_lost_total "))


async def test_the_last_lines_are_written_before_a_process_ends(installation, pbx) -> None:
    async with installation.serve() as gateway:
        await pbx.start(gateway.url, "a1", caller=CALLER)
        assert await gateway.stop() == 0

    assert len(gateway.events("call.authorized")) == 1
    assert gateway.events("server.stopped")


async def test_a_command_without_standard_error_and_output_does_its_work(installation) -> None:
    async with installation.run("migrate") as first:
        assert await first.wait() == 0
    script = f"exec {sys.executable} -m gateway check >&- 2>&-"
    process = await asyncio.create_subprocess_shell(script, env=os.environ | installation._environment())

    assert await process.wait() == 0
