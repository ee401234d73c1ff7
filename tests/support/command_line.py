"""The command line, run in this process or in one of its own."""

import asyncio
import gc
import json
import logging
import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from click.testing import CliRunner, Result

from gateway.cli import cli
from tests.support.world import FakeClock

KEY = "whsec_" + b64encode(b"k" * 32).decode()
CONFIG = f"""
[connections.pbx]
kind = "native"
secrets = ["{KEY}"]
control_url = "http://127.0.0.1:9/control"

[connections.off]
kind = "native"
"""


@dataclass
class Gateway:
    """Runs commands in this process, each in a thread without a loop, as `gateway` would."""

    environ: dict[str, str]
    clock: FakeClock | None = None

    async def run(self, *arguments: str) -> Result:
        clean = {name: None for name in os.environ if name.startswith("GATEWAY_")}
        environ = {**clean, **self.environ}
        return await asyncio.to_thread(CliRunner().invoke, cli, arguments, env=environ, obj=self.clock)

    async def json(self, *arguments: str):
        result = await self.run(*arguments, "--json")
        # What an import warns of has tests of its own.
        said = [line for line in result.stderr.splitlines() if not line.startswith("warning: ")]
        assert (result.exit_code, said) == (0, [])
        return json.loads(result.stdout)

    async def refused(self, *arguments: str, code: int = 1) -> str:
        result = await self.run(*arguments)
        assert (result.exit_code, result.stdout) == (code, "")
        return result.stderr


@contextmanager
def undone() -> Iterator[None]:
    """Undo what a command does to its process: the log, and the collector that an import switches off."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        yield
    finally:
        structlog.reset_defaults()
        root.handlers, root.level = before
        gc.enable()
