"""`gateway hook`: the last webhooks, as an operator looks at them by the command line."""

from pathlib import Path

import pytest

from gateway.usecases.connections.captures import HookWriter
from tests.support import world
from tests.support.command_line import Gateway as Command
from tests.support.command_line import undone
from tests.support.running import Gateway

LINE = "+15550100001"


@pytest.fixture
async def hooks(gateway: Gateway) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, LINE)
    await gateway.start("a1")
    await gateway.start("a2", connection="trunk")
    await gateway.client.post("/hooks/pbx", data=b"{}")
    await HookWriter(gateway.process.context).once()


async def test_webhooks_are_listed_and_one_is_shown(hooks: None, dsn: str, tmp_path: Path) -> None:
    with undone():
        command = Command({"GATEWAY_DATABASE_URL": dsn, "GATEWAY_DATA": str(tmp_path), "HOME": str(tmp_path)})

        listed = await command.json("hook", "list")
        refused = await command.json("hook", "list", "--refused")
        taken = await command.json("hook", "list", "--taken", "--connection", "pbx")
        of_call = await command.json("hook", "list", "--call", "trunk:a2")
        shown = await command.json("hook", "show", str(taken[0]["id"]))
        lines = (await command.run("hook", "list", "--csv")).stdout.splitlines()
        gone = await command.refused("hook", "show", "999")
        nobody = await command.refused("hook", "list", "--call", "99")

    assert [each["status"] for each in listed] == [403, 200, 200]
    assert [each["status"] for each in refused] == [403]
    assert [each["provider_call_id"] for each in taken] == ["a1"]
    assert [each["connection"] for each in of_call] == ["trunk"]
    assert LINE in shown["body"]
    assert (len(lines), lines[0].startswith("id,at,connection")) == (4, True)
    assert "there is no webhook 999" in gone
    assert "there is no call 99" in nobody
