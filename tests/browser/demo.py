"""A demo that runs for the tests of pages: its address, and how browsers enter it."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

START_S: Final = 90
STOP_S: Final = 15


@dataclass(frozen=True, kw_only=True)
class RunningDemo:
    """`lines` are what it has told so far; `heard` is set with each."""

    url: str
    lines: list[str]
    heard: asyncio.Event

    async def call(self, call_id: str) -> None:
        """Place a call that lasts until it is cut, as the line does that it says one can paste."""
        pasted = await self._line("curl ")
        secret = re.search(r"Authorization: Bearer ([^']+)'", pasted)
        assert secret is not None, pasted
        body = {"type": "call.start", "call_id": call_id, "direction": "outbound"}
        body |= {"caller": "+12125550101", "callee": "+442079460018"}
        headers = {"Authorization": f"Bearer {secret[1]}"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/hooks/demo-curl", json=body, headers=headers) as answer,
        ):
            assert (await answer.json())["action"] == "connect"

    async def _line(self, words: str) -> str:
        async with asyncio.timeout(START_S):
            while not (found := [line for line in self.lines if words in line]):
                self.heard.clear()
                await self.heard.wait()
        return found[0]


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
            demo = RunningDemo(url=json.loads(line)["listening"], lines=[], heard=asyncio.Event())
            told = asyncio.create_task(_read(process.stdout, demo))
            yield demo
            told.cancel()
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                await asyncio.wait_for(process.wait(), STOP_S)


async def _read(stream: asyncio.StreamReader, demo: RunningDemo) -> None:
    """What it tells has to be read, or it waits for its reader."""
    while line := await stream.readline():
        demo.lines.append(line.decode())
        demo.heard.set()
