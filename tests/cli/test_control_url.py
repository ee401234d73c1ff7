"""`gateway connection test` tries the control URL: only the contract's own "no such call" is right."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.cli import context
from gateway.log import configure
from gateway.postgres.types import Pool
from tests.support import world
from tests.support.command_line import Gateway as CommandLine
from tests.support.command_line import undone
from tests.support.connections import toml_of
from tests.support.running import Gateway, gateway_on

CALL = ("connection", "test", "pbx", "--line", "+15550100001", "--callee", "+442079460000")


@pytest.fixture
async def gateway(monkeypatch: pytest.MonkeyPatch, dsn: str, tmp_path: Path, pool: Pool) -> AsyncIterator[Gateway]:
    with undone():
        configure("json", to=io.BytesIO())
        monkeypatch.setattr(context, "configure", lambda _kind: None)
        async with gateway_on(dsn, tmp_path) as running, pool.acquire() as conn:
            await world.number(conn, await world.account(conn), "+15550100001")
            await world.rate(conn, "44", "0.0270")
            yield running


@pytest.fixture
def command_line(gateway: Gateway, dsn: str, tmp_path: Path) -> CommandLine:
    settings = gateway.process.context.settings
    (tmp_path / "gateway.toml").write_text(toml_of(*settings.connections.values()))
    environ = {
        "GATEWAY_DATABASE_URL": dsn,
        "GATEWAY_CONFIG": str(tmp_path / "gateway.toml"),
        "GATEWAY_PORT": str(gateway.client.port),
        "GATEWAY_PUBLIC_URL": settings.public_url,
    }
    return CommandLine(environ, clock=world.FakeClock(gateway.clock.now()))


async def test_a_control_url_that_knows_no_such_call_is_right(command_line: CommandLine) -> None:
    said = await command_line.json(*CALL)

    assert (said["control"]["is_right"], said["control"]["status"]) == (True, 404)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "what came was 404 (empty)"),
        (405, "it takes no questions, or is not the right address"),
        (200, "what came was 200 (empty)"),
        (502, "what came was 502 (empty)"),
    ],
)
async def test_anything_else_is_said_in_words_and_fails(
    gateway: Gateway, command_line: CommandLine, status: int, words: str
) -> None:
    gateway.provider.unknown_status, gateway.provider.is_stranger = status, True

    result = await command_line.run(*CALL)

    assert result.exit_code == 1
    assert "control WRONG: " in result.stdout
    assert words in result.stdout


async def test_a_control_url_where_nobody_listens_is_said(
    gateway: Gateway, command_line: CommandLine, tmp_path: Path
) -> None:
    nobody = replace(gateway.process.context.settings.connections["pbx"], control_url="http://127.0.0.1:9/control")
    (tmp_path / "gateway.toml").write_text(toml_of(nobody))

    result = await command_line.run(*CALL)

    assert (result.exit_code, "it does not answer" in result.stdout) == (1, True)
