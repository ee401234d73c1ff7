"""A fault of ours while a webhook is read: its sender is asked to send it again, and one line says what it was."""

from dataclasses import replace
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from gateway.domain.connection import Connection
from gateway.domain.events import Event
from gateway.providers.base import Hook
from gateway.providers.native.adapter import Native
from gateway.web.hooks import HookHandler
from gateway.web.keys import Traffic
from tests.support.running import gateway_on

WORD = "a-word"


class WithoutItsFiles(Native):
    """As on a machine that has no descriptor left."""

    def parse(self, hook: Hook, connection: Connection) -> Event:
        raise OSError(f"no descriptor is left to read {len(hook.body)} bytes of {connection.name}")


async def test_a_webhook_that_could_not_be_read_for_a_fault_of_ours_is_asked_for_again(
    dsn: str, tmp_path: Path
) -> None:
    office = Connection(name="office", kind="native", auth="bearer", secrets=(WORD,))
    async with gateway_on(dsn, tmp_path, connections={"office": office}) as gateway:
        context = replace(gateway.process.context, adapters={"native": WithoutItsFiles()})
        application = web.Application()
        application.router.add_post("/hooks/{connection}", HookHandler(context, gateway.process.book, Traffic()).handle)

        async with TestClient(TestServer(application)) as client:
            with capture_logs() as logged:
                reply = await client.post("/hooks/office", json={}, headers={"Authorization": f"Bearer {WORD}"})

        assert (reply.status, reply.headers["Retry-After"]) == (503, "1")
        assert [line["event"] for line in logged] == ["hook.failed"]
