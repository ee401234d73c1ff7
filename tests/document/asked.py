"""One run of schemathesis against a gateway of its own."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket as Socket  # noqa: N812 - a type

from gateway.domain.access.roles import Role
from gateway.listeners import build_web
from gateway.web.listening import listening
from tests.support.api import api_client
from tests.support.postgres import server
from tests.support.running import Gateway, gateway_on
from tests.support.sides import side

CONFIG = Path(__file__).parent / "schemathesis.toml"
ALL_PHASES = ("examples", "coverage", "fuzzing", "stateful")
# What would take away the token that asks.
LEFT_OUT = "revoke_token"


@asynccontextmanager
async def _served(gateway: Gateway) -> AsyncIterator[str]:
    """As a process serves it; a request that is no HTTP is answered too."""
    with Socket() as socket:
        socket.bind(("127.0.0.1", 0))
        async with listening(build_web(gateway.process), socket):
            yield f"http://127.0.0.1:{socket.getsockname()[1]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whether all was as the document says, and what schemathesis printed."""

    is_right: bool
    printed: str


async def ask(role: Role, *, examples: int, phases: Sequence[str] = ALL_PHASES, seed: int | None = None) -> Asked:
    """Ask everything as a role, in a world with one of everything; an account's role is that of the first of two."""
    async with AsyncExitStack() as stack:
        postgres = await stack.enter_async_context(server())
        dsn = await stack.enter_async_context(postgres.database())
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        gateway = await stack.enter_async_context(gateway_on(dsn, directory))
        own, _ = [await side(gateway, digit) for digit in (1, 2)]
        client = await api_client(gateway, role, own.account_id if role.is_of_account else None)
        url = await stack.enter_async_context(_served(gateway))
        command = [
            *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIG), "run"),
            *(f"{url}/openapi.json", "--url", f"{url}/v1", "--header", f"Authorization: Bearer {client.token}"),
            *("--checks", "all", "--max-examples", str(examples), "--phases", ",".join(phases)),
            *("--exclude-operation-id", LEFT_OUT, "--suppress-health-check", "all", "--no-color"),
            *(() if seed is None else ("--seed", str(seed))),
        ]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=directory, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        printed, _ = await process.communicate()
    return Asked(is_right=process.returncode == 0, printed=printed.decode())
