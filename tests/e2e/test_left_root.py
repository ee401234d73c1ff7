"""A gateway that root starts goes on as an account that may do nothing, and works."""

import os
import pwd
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import world
from tests.support.postgres import throwaway_directory
from tests.support.processes import (
    GatewayProcess,
    Installation,
    Provider,
    a_rate,
    an_account,
    connected,
    provider,
    until,
)

CALLER = "+15550100001"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def data() -> Iterator[Path]:
    with throwaway_directory(memory=True) as directory:
        yield directory


def accounts(gateway: GatewayProcess) -> set[str]:
    """Who the gateway and its serving processes are."""
    children = Path(f"/proc/{gateway.pid}/task/{gateway.pid}/children").read_text().split()
    serving = [each for each in children if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]
    lines = [Path(f"/proc/{pid}/status").read_text() for pid in (str(gateway.pid), *serving)]
    uids = {uid for status in lines for uid in status.partition("Uid:")[2].partition("\n")[0].split()}
    return {pwd.getpwuid(int(uid)).pw_name for uid in uids}


async def test_its_embedded_server_is_started_again_and_stopped_without_root(data: Path) -> None:
    installation = Installation(data=data)

    async with installation.serve() as gateway, provider() as pbx:
        assert accounts(gateway) == {"postgres"}
        os.kill(_postmaster(data), signal.SIGKILL)
        await until(lambda: bool(gateway.events("database.restarted")))
        await until(lambda: _is_ready(pbx, gateway))

        assert await gateway.stop() == 0
        assert _postmaster(data) is None


def _postmaster(data: Path) -> int | None:
    """The process of the embedded server, if there is one."""
    found = [int(path.read_text().split()[0]) for path in data.glob("pg*/postmaster.pid")]
    return found[0] if found else None


async def _is_ready(pbx: Provider, gateway: GatewayProcess) -> bool:
    return (await pbx.get(gateway.url, "/readyz")).status == 200


@pytest.mark.parametrize("processes", ["1", "2"])
async def test_root_is_left_once_it_listens(dsn: str, data: Path, processes: str) -> None:
    async with connected(dsn) as conn:
        await a_rate(conn)
        account = await an_account(conn, CALLER)
        installation = Installation(data=data, database_url=dsn, environment={"GATEWAY_RUN_AS": "postgres"})

        async with installation.serve("--processes", processes) as gateway, provider() as pbx:
            assert accounts(gateway) == {"postgres"}
            assert (await pbx.start(gateway.url, "a1", caller=CALLER)).reply["action"] == "connect"
            assert (await pbx.end(gateway.url, "a1")).status == 200
            assert await gateway.stop() == 0

        assert (await world.money(conn, account))[0] < 1000
