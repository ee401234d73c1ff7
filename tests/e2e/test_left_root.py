"""A gateway that root starts goes on as an account that may do nothing, and works."""

import os
import pwd
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import world
from tests.support.postgres import throwaway_directory
from tests.support.processes import GatewayProcess, Installation, a_rate, an_account, connected, provider

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
