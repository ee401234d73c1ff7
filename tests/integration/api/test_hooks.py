"""The last webhooks by the API: kept without what is secret, so many at most, for some days."""

import json
from dataclasses import replace

import pytest

from gateway.domain.access.roles import Role
from gateway.hook_captures import BODY_KEPT, MOST, HookCaptures
from gateway.postgres.hooks import HookRow
from gateway.usecases.connections.captures import HookWriter, forget_hooks, show_hook
from tests.support.api import api_client
from tests.support.running import SECRET, Gateway


async def written(gateway: Gateway) -> None:
    assert await HookWriter(gateway.process.context).once() is False


async def count(gateway: Gateway) -> int:
    kept: int = await gateway.process.context.pool.fetchval("SELECT count(*) FROM hook")
    return kept


async def test_a_webhook_is_shown_with_its_reply(gateway: Gateway, account: int) -> None:
    operator = await api_client(gateway)
    await gateway.start("a1", password="hunter22", note=f"my secret is {SECRET}")
    await written(gateway)

    [listed] = (await operator.get("/hooks", connection="pbx")).data["data"]
    shown = (await operator.get(f"/hooks/{listed['id']}")).data

    assert (listed["kind"], listed["outcome"], listed["provider_call_id"]) == ("start", shown["outcome"], "a1")
    assert (listed["method"], listed["path"], listed["status"]) == ("POST", "/hooks/pbx", 200)
    assert "body" not in listed
    body = json.loads(shown["body"])
    assert (body["caller"], body["callee"]) == ("+15550100001", "+442079460000")
    assert (body["password"], body["note"]) == ("[secret]", "my secret is [secret]")
    assert json.loads(shown["reply"])["action"] in ("connect", "reject")
    assert float(shown["ms"]) > 0


async def test_hooks_of_one_call_are_found_by_either_id_and_with_the_call(gateway: Gateway, account: int) -> None:
    operator, reader = await api_client(gateway), await api_client(gateway, Role.READER, account)
    await gateway.start("a1")
    await gateway.start("a2")
    await written(gateway)

    by_provider = (await operator.get("/hooks", call="pbx:a1")).data["data"]
    call = (await operator.get("/calls/pbx:a1", include="hooks")).data
    by_id = (await operator.get("/hooks", call=call["id"])).data["data"]
    elsewhere = (await operator.get("/hooks", call="pbx:a1", connection="trunk")).data["data"]
    of_reader = await reader.get("/calls/pbx:a1", include="hooks")
    plain = (await operator.get("/calls/pbx:a1")).data

    assert [each["provider_call_id"] for each in by_provider] == ["a1"]
    assert by_id == by_provider
    assert elsewhere == []
    assert [each["id"] for each in call["hooks"]] == [by_id[0]["id"]]
    assert plain["hooks"] is None
    if of_reader.status == 200:
        assert of_reader.data["hooks"] is None
    assert (await operator.get("/hooks", call="99")).status == 404
    assert (await reader.get("/hooks")).status == 403


async def test_a_webhook_that_was_refused_is_kept_and_found(gateway: Gateway, account: int) -> None:
    operator = await api_client(gateway)
    await gateway.start("a1")
    await gateway.client.post("/hooks/pbx", data=b'{"type": "call.start"}')
    await gateway.hook(b"no json \xff \0")
    await gateway.client.post("/hooks/nobody", data=b"{}")
    await written(gateway)

    refused = (await operator.get("/hooks", is_refused="true")).data["data"]
    taken = (await operator.get("/hooks", is_refused="false")).data["data"]

    assert [(each["status"], each["kind"]) for each in refused] == [(400, "unknown"), (403, "unknown")]
    assert [each["status"] for each in taken] == [200]
    assert [bool(each["why"]) for each in refused + taken] == [True, True, False]
    assert "\N{REPLACEMENT CHARACTER}" in (await operator.get(f"/hooks/{refused[0]['id']}")).data["body"]
    assert (await operator.get("/hooks/999999")).status == 404


async def test_of_many_at_once_so_many_are_kept(gateway: Gateway, account: int) -> None:
    for at in range(MOST + 3):
        await gateway.hook(json.dumps({"type": "call.answer", "call_id": f"a{at}"}).encode())
    await written(gateway)
    await written(gateway)

    assert await count(gateway) == MOST
    assert gateway.process.context.captures.dropped == 3
    samples = [
        sample.value
        for metric in gateway.process.context.metrics.hooks_not_kept.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    ]
    assert samples == [3]


async def test_of_a_long_body_the_beginning_is_kept(gateway: Gateway, account: int) -> None:
    await gateway.start("a1", note="x" * 20_000)
    await written(gateway)

    async with gateway.process.context.pool.acquire() as conn:
        row = await show_hook(conn, hook_id=await conn.fetchval("SELECT max(id) FROM hook"))
    assert isinstance(row, HookRow)
    assert (len(row.body), row.bytes > 20_000) == (BODY_KEPT, True)


async def test_they_are_kept_for_some_days(gateway: Gateway, account: int) -> None:
    context = gateway.process.context
    await gateway.start("a1")
    await written(gateway)
    gateway.clock.advance(6 * 24 * 3600)
    await gateway.start("a2")
    await written(gateway)

    assert await forget_hooks(context) is False
    assert await count(gateway) == 2
    gateway.clock.advance(2 * 24 * 3600)
    assert await forget_hooks(context) is False
    assert await count(gateway) == 1
    none = replace(context, settings=replace(context.settings, hooks_days=0))
    await forget_hooks(none)
    gateway.clock.advance(1)
    await forget_hooks(none)
    assert await count(gateway) == 0


async def test_no_more_than_so_many_are_kept(gateway: Gateway, account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.usecases.connections.captures.HOOKS_MAX", 2)
    for at in range(5):
        await gateway.start(f"a{at}")
    await written(gateway)

    await forget_hooks(gateway.process.context)

    assert await count(gateway) == 2


def test_where_none_is_kept_none_is_counted() -> None:
    captures = HookCaptures(0)

    assert captures.has_room() is False
    assert captures.dropped == 0


async def test_the_lists_go_on(gateway: Gateway, account: int) -> None:
    operator = await api_client(gateway)
    for at in range(3):
        await gateway.start(f"a{at}")
    await written(gateway)

    first = (await operator.get("/hooks", limit=2)).data
    second = (await operator.get("/hooks", limit=2, after=first["next"])).data
    lines = (await operator.ask("GET", "/hooks", headers={"Accept": "text/csv"})).raw.decode().splitlines()

    assert [each["provider_call_id"] for each in first["data"] + second["data"]] == ["a2", "a1", "a0"]
    assert second["next"] is None
    assert len(lines) == 4
