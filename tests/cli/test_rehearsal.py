"""`gateway connection test`: every kind of connection, through a gateway that runs on loopback."""

import io
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from gateway.cli import context
from gateway.domain.calls.call import Limits
from gateway.domain.connection import Connection
from gateway.log import configure
from gateway.postgres.types import Pool
from gateway.providers.registry import scripts
from tests.support import world
from tests.support.command_line import Gateway as CommandLine
from tests.support.command_line import undone
from tests.support.connections import CONNECTIONS, toml_of
from tests.support.running import Gateway, gateway_on

D = Decimal
LINE, CALLEE = "+15550100001", "+442079460000"
OTHER_KEY = "whsec_" + b64encode(b"o" * 32).decode()
CALL = ("--line", LINE, "--callee", CALLEE)
SCRIPTED = [name for name, connection in CONNECTIONS.items() if connection.kind in scripts()]
PROBED = [name for name in CONNECTIONS if name not in SCRIPTED]


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The gateway logs in the process in which commands print."""
    with undone():
        configure("json", to=io.BytesIO())
        monkeypatch.setattr(context, "configure", lambda _kind: None)
        yield


@pytest.fixture
async def gateway(elsewhere: None, dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path, connections=CONNECTIONS) as running:
        yield running


@pytest.fixture
async def account(pool: Pool) -> int:
    async with pool.acquire() as conn:
        account_id = await world.account(conn, balance="1")
        await world.number(conn, account_id, LINE)
        await world.rate(conn, "44", "0.0270")
        return account_id


@pytest.fixture
def command_line(gateway: Gateway, dsn: str, tmp_path: Path) -> CommandLine:
    return command_line_of(gateway, dsn, tmp_path)


@pytest.fixture
async def strict_command_line(elsewhere: None, dsn: str, tmp_path: Path) -> AsyncIterator[CommandLine]:
    """That of an installation with the limits as they come."""
    async with gateway_on(dsn, tmp_path, connections=CONNECTIONS, limits=Limits()) as gateway:
        yield command_line_of(gateway, dsn, tmp_path)


def command_line_of(gateway: Gateway, dsn: str, tmp_path: Path) -> CommandLine:
    """The command line of the same installation."""
    (tmp_path / "gateway.toml").write_text(toml_of(*CONNECTIONS.values()))
    environ = {
        "GATEWAY_DATABASE_URL": dsn,
        "GATEWAY_CONFIG": str(tmp_path / "gateway.toml"),
        "GATEWAY_PORT": str(gateway.client.port),
        "GATEWAY_PUBLIC_URL": gateway.process.context.settings.public_url,
    }
    # A call is made before it is heard of.
    return CommandLine(environ, clock=world.FakeClock(gateway.clock.now() - timedelta(milliseconds=5)))


async def money(pool: Pool, account: int) -> tuple[Decimal, Decimal]:
    async with pool.acquire() as conn:
        return await world.money(conn, account)


@pytest.mark.parametrize("name", SCRIPTED)
async def test_a_rehearsed_call_is_connected_answered_and_charged(
    command_line: CommandLine, pool: Pool, account: int, name: str
) -> None:
    said = await command_line.json("connection", "test", name, *CALL, "--seconds", "61")

    assert (said["connects"], said["caller_id"], said["max_seconds"]) == (True, LINE, 2220)
    assert (said["charged"], said["currency"], said["billed_s"]) == ("0.054000", "USD", 61)
    assert [step["name"] for step in said["steps"]] == ["start", "answer", "end"]
    assert not any(note.startswith("Flag") for note in said["notes"])
    assert "for at most 2220 s" in said["steps"][0]["does"]
    assert await money(pool, account) == (D("0.946"), D(0))
    shown = await command_line.json("calls", "show", said["call"])
    assert (shown["caller"], shown["state"]) == ("gateway-test", "ended")


@pytest.mark.parametrize("name", ["native-1", "kamailio-1", "twilio-1"])
async def test_a_rehearsed_call_whose_seconds_cannot_have_passed_says_so(
    strict_command_line: CommandLine, pool: Pool, account: int, name: str
) -> None:
    said = await strict_command_line.json("connection", "test", name, *CALL, "--seconds", "61")

    assert (said["charged"], said["billed_s"]) == ("0.027000", 10)
    assert any(note.startswith("Flag seconds_bounded: more seconds were reported than") for note in said["notes"])
    assert await money(pool, account) == (D("0.973"), D(0))


@pytest.mark.parametrize("name", SCRIPTED)
async def test_a_rehearsed_call_costs_nothing_unless_it_is_to_be_answered(
    command_line: CommandLine, pool: Pool, account: int, name: str
) -> None:
    said = await command_line.json("connection", "test", name, *CALL)

    assert ([step["name"] for step in said["steps"]], D(said["charged"])) == (["start", "end"], D(0))
    assert await money(pool, account) == (D(1), D(0))


@pytest.mark.parametrize("name", SCRIPTED)
async def test_a_rehearsed_call_that_is_refused_has_no_more_than_its_start(
    command_line: CommandLine, pool: Pool, account: int, name: str
) -> None:
    async with pool.acquire() as conn:
        await world.adjust(conn, account, "-1")

    said = await command_line.json("connection", "test", name, *CALL, "--seconds", "61")

    [start] = said["steps"]
    assert said["connects"] is False
    assert "refuses" in start["does"] or "answers, says" in start["does"]
    assert start["reply"]
    assert any("the account has not enough money" in note for note in said["notes"])
    [row] = await command_line.json("audit", "list")
    assert (row["action"], row["object"], row["after"]) == (
        "connections.test",
        f"connection:{name}",
        {"call": said["call"]},
    )


@pytest.mark.parametrize("name", PROBED)
async def test_a_connection_that_cannot_be_rehearsed_says_why_and_what_was_checked(
    command_line: CommandLine, account: int, name: str
) -> None:
    said = await command_line.json("connection", "test", name, *CALL)

    assert said["call"] is None
    assert "rehearsed" in said["notes"][0]
    assert "as it should" in said["steps"][0]["does"]
    assert await command_line.json("audit", "list") == []


@pytest.mark.parametrize("name", [*SCRIPTED, "bitrix24-1"])
async def test_r33_a_secret_that_differs_is_told(
    command_line: CommandLine, pool: Pool, account: int, tmp_path: Path, name: str
) -> None:
    connection = CONNECTIONS[name]
    other = replace(connection, secrets=(OTHER_KEY if name == "native-1" else "another-secret-of-theirs",))
    (tmp_path / "gateway.toml").write_text(toml_of(other))

    said = await command_line.refused("connection", "test", name, *CALL)

    assert f"does not take the hook of connection {name} for authentic (403): here and there" in said
    assert "one of these differs: the newest secret" in said
    async with pool.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM call") == 0


@pytest.mark.parametrize("name", ["twilio-1", "signalwire-1", "plivo-1"])
async def test_a_public_url_that_differs_is_told_by_those_who_sign_it(
    command_line: CommandLine, account: int, name: str
) -> None:
    command_line.environ["GATEWAY_PUBLIC_URL"] = "https://other.example.net"

    said = await command_line.refused("connection", "test", name, *CALL)

    assert "the public URL (here https://other.example.net)" in said


@pytest.mark.parametrize("name", ["vonage-1", "freeswitch-1"])
async def test_a_public_url_that_differs_is_told_by_the_url_of_the_reply(
    command_line: CommandLine, account: int, name: str
) -> None:
    command_line.environ["GATEWAY_PUBLIC_URL"] = "https://other.example.net"

    said = await command_line.refused("connection", "test", name, *CALL, "--seconds", "1")

    assert "GATEWAY_PUBLIC_URL differs here and there" in said
    assert f"The call {name}:" in said
    assert "https://other.example.net" in said


async def test_people_are_told_what_the_provider_would_have_done_and_what_it_was_told(
    command_line: CommandLine, account: int
) -> None:
    said = (await command_line.run("connection", "test", "native-1", *CALL, "--seconds", "61")).stdout.splitlines()
    silent = (await command_line.run("connection", "test", "telnyx-1", *CALL)).stdout.splitlines()

    assert said[0] == f"start   the provider connects {CALLEE} with caller ID {LINE}, for at most 2220 s"
    assert said[1].startswith('        200 {"action":"connect"')
    assert said[6].startswith("call    native-1:test-")
    assert said[7] == "charged 0.054000 USD for 61 s"
    assert silent[1:3] == [
        "        403",
        "Only Telnyx has the key that its hooks are signed with, so no call of it can be rehearsed.",
    ]


async def test_what_cannot_be_rehearsed_is_one_message(
    command_line: CommandLine, pool: Pool, account: int, tmp_path: Path
) -> None:
    off = Connection(name="off", kind="native")
    unknown = replace(CONNECTIONS["native-1"], name="elsewhere")
    (tmp_path / "gateway.toml").write_text(toml_of(*CONNECTIONS.values(), off, unknown))

    async def said(name: str, line: str = LINE, seconds: str = "0") -> str:
        arguments = ("--line", line, "--callee", CALLEE, "--seconds", seconds)
        return await command_line.refused("connection", "test", name, *arguments)

    assert "there is no connection nobody" in await said("nobody")
    assert "connection off is off: it has no secret" in await said("off")
    assert "has no such connection: it runs with another configuration (404)" in await said("elsewhere")
    assert "there is no line +15550109999" in await said("native-1", line="+15550109999")
    assert "seconds: must be from 0 to 3600" in await said("native-1", seconds="3601")
    command_line.environ["GATEWAY_PORT"] = str(unused_port())
    assert "no gateway answers at http://127.0.0.1:" in await said("native-1")
    async with pool.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM call") == 0


async def test_a_gateway_that_fails_or_takes_what_it_should_refuse_is_told(
    command_line: CommandLine, account: int
) -> None:
    statuses = iter((503, 200))

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=next(statuses))

    application = web.Application()
    application.router.add_post("/hooks/{name}", answer)
    async with TestServer(application) as server:
        command_line.environ |= {"GATEWAY_PORT": str(server.port), "GATEWAY_HOST": "0.0.0.0"}  # noqa: S104 - only read

        assert "could not take it: its log says why (503)" in await command_line.refused(
            "connection", "test", "native-1", *CALL
        )
        assert "takes a hook that it should refuse (200)" in await command_line.refused(
            "connection", "test", "telnyx-1", *CALL
        )


def test_help_says_that_the_call_is_a_real_one() -> None:
    from click.testing import CliRunner

    from gateway.cli import cli

    said = " ".join(CliRunner().invoke(cli, ["connection", "test", "--help"]).stdout.split())

    assert "the call is a real one on record" in said
    assert "costs what it costs: nothing unless --seconds" in said
