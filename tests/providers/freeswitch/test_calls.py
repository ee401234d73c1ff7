"""FreeSWITCH through the whole gateway: its lookups, the answer it reports, its record, and a cut by its API."""

import asyncio
import json
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.domain.connection import Connection
from gateway.postgres.types import Pool
from gateway.providers.freeswitch.adapter import Freeswitch
from tests.support import world
from tests.support.running import Gateway, gateway_on

D = Decimal
CHANNEL = "8f14e45f-ceea-467f-9575-5a1c3b2d4e6f"
LOGIN = {"Authorization": "Basic " + b64encode(b"fs:secret").decode()}


class FakeApi:
    """mod_xml_rpc, as far as it is asked: every command is answered with 200 and a text."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Basic " + b64encode(b"freeswitch:pw").decode():
            return web.Response(status=401)
        # The query is not a form: it is the command's argument, unescaped.
        self.commands.append(f"{request.match_info['command']} {request.rel_url.query_string}")
        return web.Response(text="+OK\n")


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    fake = FakeApi()
    application = web.Application()
    application.router.add_get("/txtapi/{command}", fake.handle)
    async with TestServer(application) as server:
        fake.url = str(server.make_url("")).rstrip("/")
        yield fake


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path, api: FakeApi) -> AsyncIterator[Gateway]:
    options = {"outbound_to": "sofia/gateway/trunk/{digits}", "inbound_to": "+442079460000", "api_password": "pw"}
    connection = Connection(name="fs", kind="freeswitch", secrets=("secret",), control_url=api.url, options=options)
    async with gateway_on(dsn, tmp_path, connections={"fs": connection}) as running:
        yield running


async def lookup(gateway: Gateway, context: str, caller: str, destination: str, line: str | None = None) -> str:
    fields = {"hostname": "pbx", "section": "dialplan", "tag_name": "", "Unique-ID": CHANNEL, "Hunt-Context": context}
    fields |= {"Hunt-Caller-ID-Number": caller, "Hunt-Destination-Number": destination}
    fields |= {"variable_gateway_line": line} if line else {}
    response = await gateway.client.post("/hooks/fs", data=fields, headers=LOGIN)
    assert (response.status, response.content_type) == (200, "text/xml"), await response.text()
    return await response.text()


def actions(document: str) -> list[tuple[str, str]]:
    return [(action.attrib["application"], action.attrib["data"]) for action in ET.fromstring(document).iter("action")]  # noqa: S314 - our own document


async def answered(gateway: Gateway, document: str) -> None:
    """Run `api_on_answer`."""
    [told] = [data for name, data in actions(document) if name == "set" and data.startswith("api_on_answer")]
    url = urlsplit(told.split(" ")[2])
    response = await gateway.client.post(f"{url.path}?{url.query}")
    assert response.status == 200, await response.text()


def record_of(gateway: Gateway, seconds: int, *lookups: tuple[str, str, str]) -> str:
    """The record of a channel that was answered this long, or not at all, and ends now."""
    end_us = int(gateway.clock.now().timestamp() * 1_000_000)
    variables = {"uuid": CHANNEL, "hangup_cause": "NORMAL_CLEARING", "end_uepoch": str(end_us)}
    variables |= {
        "answer_uepoch": str(end_us - seconds * 1_000_000) if seconds else "0",
        "gateway_line": "+15550100001",
    }
    callflow = [
        {
            "caller_profile": {"context": context, "caller_id_number": caller, "destination_number": destination},
            "times": {"bridged_time": str(end_us) if seconds else "0"},
        }
        for context, caller, destination in lookups
    ]
    return json.dumps({"variables": variables, "callflow": callflow})


async def record(gateway: Gateway, leg: str, seconds: int, *lookups: tuple[str, str, str]) -> None:
    body = record_of(gateway, seconds, *lookups)
    headers = LOGIN | {"Content-Type": "application/json"}
    response = await gateway.client.post(f"/hooks/fs?leg={leg}&cdr?uuid={CHANNEL}", data=body, headers=headers)
    assert response.status == 200, await response.text()


async def test_a_call_to_outside_is_authorized_answered_and_charged_once(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")

        told = await lookup(gateway, "gateway-out", "1001", "011442079460000", "+15550100001")
        assert ("set", "execute_on_answer_call=sched_hangup +2220 ALLOTTED_TIMEOUT") in actions(told)
        assert ("set", "effective_caller_id_number=+15550100001") in actions(told)
        assert actions(told)[-1] == ("bridge", "sofia/gateway/trunk/442079460000")
        assert await lookup(gateway, "gateway-out", "1001", "011442079460000", "+15550100001") == told
        # The gateway can end the call, so a slice is held.
        assert await world.money(conn, account) == (D(1), D("0.135"))
        gateway.clock.advance(9)
        await answered(gateway, told)
        gateway.clock.advance(61)
        for leg in ("call", "forward", "call"):
            await record(gateway, leg, 61, ("gateway-out", "1001", "011442079460000"))

        assert await world.money(conn, account) == (D("0.946"), D(0))


async def test_r13_a_call_from_outside_is_forwarded_and_both_calls_of_the_channel_end(
    gateway: Gateway, pool: Pool
) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")

        first = await lookup(gateway, "gateway-in", "+447700900123", "15550100001")
        assert actions(first)[-1] == ("transfer", "+442079460000 XML gateway-forward")
        second = await lookup(gateway, "gateway-forward", "+447700900123", "+442079460000", "+15550100001")
        assert actions(second)[-1] == ("bridge", "sofia/gateway/trunk/442079460000")
        await answered(gateway, first)
        await answered(gateway, second)
        gateway.clock.advance(61)
        lookups = (
            ("gateway-forward", "+447700900123", "+442079460000"),
            ("gateway-in", "+447700900123", "15550100001"),
        )
        for leg in ("call", "forward"):
            await record(gateway, leg, 61, *lookups)

        assert await world.money(conn, account) == (D("0.946"), D(0))
        states = await conn.fetch("SELECT direction, state, parent_id IS NOT NULL AS has_parent FROM call ORDER BY id")
        assert [tuple(row) for row in states] == [("inbound", "ended", False), ("forward", "ended", True)]


async def test_r8_a_caller_of_a_suspended_number_hears_busy(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, "+15550100002", state="suspended")

        told = await lookup(gateway, "gateway-in", "+442079460000", "15550100002")

        assert actions(told) == [("respond", "486 Busy Here"), ("hangup", "USER_BUSY")]


async def test_a_lookup_of_a_context_that_is_not_ours_leaves_it_to_the_operators_dialplan(gateway: Gateway) -> None:
    assert '<result status="not found" />' in await lookup(gateway, "default", "1001", "1002")


async def test_r33_what_is_not_logged_in_or_proven_is_refused(gateway: Gateway) -> None:
    for target in ("/hooks/fs", f"/hooks/fs?answered={CHANNEL}&proof=00", "/hooks/fs?leg=call"):
        response = await gateway.client.post(target, data=b"section=dialplan")
        assert (response.status, await response.read()) == (403, b"")


async def test_r18_the_gateway_ends_a_call_at_its_deadline(gateway: Gateway, pool: Pool, api: FakeApi) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        told = await lookup(gateway, "gateway-out", "1001", "011442079460000", "+15550100001")
        await answered(gateway, told)

        for _ in range(12):
            gateway.clock.advance(299)
            await gateway.extend()
        gateway.clock.advance(60)
        await gateway.cut()

        assert api.commands == [f"uuid_kill {CHANNEL} ALLOTTED_TIMEOUT"]


async def test_the_kits_cron_line_sends_what_freeswitch_left_on_disk(
    gateway: Gateway, pool: Pool, tmp_path: Path
) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        told = await lookup(gateway, "gateway-out", "1001", "011442079460000", "+15550100001")
        await answered(gateway, told)
        gateway.clock.advance(61)
        left = tmp_path / "left"
        for leg in ("call", "forward"):
            (left / leg).mkdir(parents=True)
            (left / leg / f"{CHANNEL}.cdr.json").write_text(
                record_of(gateway, 61, ("gateway-out", "1001", "011442079460000"))
            )
        await send_left(gateway, left, tmp_path)

        assert list(left.glob("*/*")) == []
        assert await world.money(conn, account) == (D("0.946"), D(0))


async def send_left(gateway: Gateway, left: Path, directory: Path) -> None:
    """Run the kit's cron line over what FreeSWITCH left there."""
    netrc = directory / "netrc"
    netrc.write_text("default login fs password secret")
    settings = gateway.process.context.settings
    kit = Freeswitch().kit(settings.connections["fs"], public_url=str(gateway.client.make_url("")).rstrip("/"))
    [script] = re.findall(r"^for leg in .*?^done; done$", kit, re.MULTILINE | re.DOTALL)
    script = script.replace("/var/lib/freeswitch/gateway", str(left))
    script = script.replace("/etc/freeswitch/gateway.netrc", str(netrc))
    process = await asyncio.create_subprocess_exec("sh", "-c", script)
    await process.wait()


async def test_a_record_over_64_kib_is_taken(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        told = await lookup(gateway, "gateway-out", "1001", "011442079460000", "+15550100001")
        await answered(gateway, told)
        gateway.clock.advance(61)
        whole = json.loads(record_of(gateway, 61, ("gateway-out", "1001", "011442079460000")))
        whole["app_log"] = [{"app_name": "set", "app_data": "x" * 100}] * 2000

        body = json.dumps(whole)
        assert len(body) > 200_000
        response = await gateway.client.post(f"/hooks/fs?leg=call&cdr?uuid={CHANNEL}", data=body, headers=LOGIN)

        assert response.status == 200, await response.text()
        assert await world.money(conn, account) == (D("0.946"), D(0))


@pytest.mark.parametrize("record", ["no JSON", '{"app_log": "' + "x" * 1_100_000 + '"}'])
async def test_a_record_that_cannot_be_taken_is_given_up_once(gateway: Gateway, tmp_path: Path, record: str) -> None:
    left = tmp_path / "left"
    (left / "call").mkdir(parents=True)
    (left / "call" / f"{CHANNEL}.cdr.json").write_text(record)

    for _ in range(2):
        await send_left(gateway, left, tmp_path)

    assert [path.name for path in left.glob("*/*")] == [f"{CHANNEL}.cdr.json.refused"]


async def test_a_lookup_of_hundreds_of_fields_is_decided(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
    fields = {f"variable_{n}": "" for n in range(400)} | {"section": "dialplan", "Unique-ID": CHANNEL}
    fields |= {"Hunt-Context": "gateway-out", "Hunt-Caller-ID-Number": "1001", "variable_gateway_line": "+15550100001"}
    fields |= {"Hunt-Destination-Number": "011442079460000"}

    response = await gateway.client.post("/hooks/fs", data=fields, headers=LOGIN)

    assert actions(await response.text())[-1] == ("bridge", "sofia/gateway/trunk/442079460000")
