"""A demo that runs for the tests of pages: its address, and how browsers enter it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

START_S: Final = 90
STOP_S: Final = 15


@dataclass(frozen=True, kw_only=True)
class RunningDemo:
    """`data` is its directory, for commands on the same database."""

    url: str
    data: Path


@asynccontextmanager
async def running_demo(directory: Path) -> AsyncIterator[RunningDemo]:
    """The demo as anybody starts it, on a free port."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    environ |= {"GATEWAY_DATA": str(directory / "data"), "GATEWAY_LOG": "json"}
    command = [sys.executable, "-m", "gateway", "serve", "--demo", "--port", "0", "--no-browser"]
    with (directory / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command, env=environ, stdout=asyncio.subprocess.PIPE, stderr=log, start_new_session=True
        )
        assert process.stdout is not None
        try:
            line = await asyncio.wait_for(process.stdout.readline(), START_S)
            told = asyncio.create_task(_read(process.stdout))
            yield RunningDemo(url=json.loads(line)["listening"], data=directory / "data")
            told.cancel()
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                await asyncio.wait_for(process.wait(), STOP_S)


async def _read(stream: asyncio.StreamReader) -> None:
    """What it tells has to be read, or it waits for its reader."""
    while await stream.readline():
        pass
