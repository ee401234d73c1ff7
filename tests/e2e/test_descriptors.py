"""Few file descriptors, and many who connect and say nothing: webhooks are answered all the same."""

import asyncio
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from tests.support.processes import Installation, a_rate, an_account, connected, provider

CALLER = "+15550100001"
RAISED = "import resource; from gateway.descriptors import raise_limit; raise_limit(); print(resource.getrlimit(7))"


async def test_a_hundred_silent_connections_and_64_descriptors_cost_no_webhook(dsn: str, tmp_path: Path) -> None:
    async with connected(dsn) as conn:
        await a_rate(conn)
        await an_account(conn, CALLER)
    installation = Installation(data=tmp_path, database_url=dsn, descriptors=64)

    async with installation.serve() as gateway, AsyncExitStack() as silent, provider() as pbx:
        port = int(gateway.url.rpartition(":")[2])
        for _ in range(100):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            silent.callback(writer.close)

        told = [await pbx.start(gateway.url, f"a{number}", caller=CALLER) for number in range(10)]
        told += await asyncio.gather(*(pbx.end(gateway.url, f"a{number}") for number in range(10)))

        assert [each.status for each in told] == [200] * 20
        assert b'gateway_http_closed_total{why="crowded"}' in (await pbx.get(gateway.url, "/metrics")).body
        assert not gateway.events("http.failed")
        assert not gateway.events("library.reported")
        assert await gateway.stop() == 0


def test_a_process_has_as_many_descriptors_as_the_system_allows() -> None:
    limited = f"ulimit -Sn 64; ulimit -Hn 4096; exec {sys.executable} -c '{RAISED}'"

    assert subprocess.check_output(["bash", "-c", limited], text=True).strip() == "(4096, 4096)"
