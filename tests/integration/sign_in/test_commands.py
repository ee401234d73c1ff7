"""`gateway person` and `gateway session`: what an operator does by the command line."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.postgres.types import Pool
from gateway.settings import Settings
from gateway.usecases.access.links import sign_in_by_link
from gateway.usecases.access.sessions import UserAgent
from gateway.welcome import prepare_welcome
from tests.support import world
from tests.support.browser import secret_of
from tests.support.command_line import Gateway as Command
from tests.support.command_line import undone
from tests.support.world import FakeClock

ANNA = "anna@example.com"


@pytest.fixture
async def command(dsn: str, tmp_path: Path) -> AsyncIterator[Command]:
    with undone():
        environ = {"GATEWAY_DATABASE_URL": dsn, "GATEWAY_DATA": str(tmp_path), "HOME": str(tmp_path)}
        yield Command(environ, FakeClock())


async def test_somebody_is_invited_listed_disabled_and_enabled(command: Command) -> None:
    link = await command.json("person", "invite", ANNA, "--operator", "--name", "Anna")
    await command.json("person", "invite", "boris@example.com", "--support")
    again = await command.refused("person", "invite", ANNA, "--support")
    people = await command.json("person", "list")
    disabled = await command.run("person", "disable", "boris@example.com")
    last = await command.refused("person", "disable", ANNA)
    enabled = await command.json("person", "enable", "boris@example.com")

    assert link["url"].startswith("http://127.0.0.1:8080/sign-in/link?secret=")
    assert link["expires_at"] == "2026-03-11T12:15:00Z"
    assert "is a member already" in again
    assert [(each["email"], each["roles"]) for each in people] == [
        ("boris@example.com", ["support"]),
        (ANNA, ["operator"]),
    ]
    assert (disabled.exit_code, enabled["disabled_at"]) == (0, None)
    assert "the last operator" in last


async def test_a_link_is_for_what_somebody_is(command: Command, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = str(await world.account(conn))
    await command.json("person", "invite", ANNA, "--account", account, "--role", "reader")

    link = await command.json("person", "link", ANNA, "--account", account, "--role", "reader")

    assert link["url"]
    assert "invite them first" in await command.refused("person", "link", ANNA, "--operator")
    assert "invite them first" in await command.refused("person", "link", "nobody@example.com")
    assert "person,account" not in await command.refused("person", "invite", ANNA, code=2)


async def test_a_session_is_listed_and_revoked(command: Command, pool: Pool) -> None:
    link = await command.json("person", "invite", ANNA, "--operator")
    async with pool.acquire() as conn:
        visitor = UserAgent(address="192.0.2.1", agent="browser")
        await sign_in_by_link(conn, secret=secret_of(link["url"]), visitor=visitor, now=command.clock.now())

    [session] = await command.json("session", "list", "--person", ANNA)
    await command.json("session", "revoke", str(session["id"]))
    audit = await command.json("audit", "list")

    assert (session["address"], session["agent"]) == ("192.0.2.1", "browser")
    assert await command.json("session", "list") == []
    assert [each["action"] for each in audit] == ["people.change", "me.change", "me.change", "members.change"]
    assert secret_of(link["url"]) not in json.dumps(audit)
    assert "is over already" in await command.refused("session", "revoke", str(session["id"]))


async def test_an_invitation_is_mailed_where_mails_have_a_sender(command: Command, pool: Pool) -> None:
    command.environ["GATEWAY_MAIL_FROM"] = "gateway@example.com"

    link = await command.json("person", "invite", ANNA, "--operator")

    facts = await pool.fetchval("SELECT facts FROM mail")
    assert facts["link"] == link["url"]


def test_a_new_gateway_says_a_link_to_people_and_none_to_a_log(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data=tmp_path, database_url=dsn)

    prepare_welcome(settings, dsn)()
    assert "secret=" not in capsys.readouterr().err
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    prepare_welcome(settings, dsn)()

    assert "No operator yet. Open http://127.0.0.1:8080/welcome?secret=" in capsys.readouterr().err


async def test_second_factors_that_were_lost_are_taken_away(command: Command, pool: Pool) -> None:
    link = await command.json("person", "invite", ANNA, "--operator")
    async with pool.acquire() as conn:
        visitor = UserAgent(address="192.0.2.1", agent="browser")
        await sign_in_by_link(conn, secret=secret_of(link["url"]), visitor=visitor, now=command.clock.now())
    await pool.execute("INSERT INTO totp SELECT id, 'sealed', $1, 0 FROM person", command.clock.now())

    taken = await command.json("person", "forget-factors", ANNA.upper())
    audit = await command.json("audit", "list", "--action", "people.change")

    assert taken == {"passkeys": 0, "has_totp": True}
    assert await command.json("session", "list") == []
    assert [(each["note"], each["actor_kind"]) for each in audit] == [("second factors taken away", "cli")]
    assert "sealed" not in json.dumps(audit)
    assert "has no second factor" in await command.refused("person", "forget-factors", ANNA)
    assert "invite them first" in await command.refused("person", "forget-factors", "nobody@example.com")
