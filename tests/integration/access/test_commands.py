"""`gateway audit list` and `gateway token`: who did what by the command line, and what programs are given."""

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.cli.os_user import os_user
from gateway.postgres.types import Pool
from tests.support import world
from tests.support.command_line import Gateway as Command
from tests.support.command_line import undone
from tests.support.world import FakeClock


@pytest.fixture
async def account(pool: Pool) -> int:
    async with pool.acquire() as conn:
        return await world.account(conn)


@pytest.fixture
async def command(dsn: str, tmp_path: Path) -> AsyncIterator[Command]:
    with undone():
        environ = {"GATEWAY_DATABASE_URL": dsn, "GATEWAY_DATA": str(tmp_path), "HOME": str(tmp_path)}
        yield Command(environ, FakeClock())


async def test_who_types_has_done_it(command: Command, account: int) -> None:
    entry = await command.json("topup", str(account), "5", "--external-id", "p1")

    [row] = await command.json("audit", "list")

    assert row == {
        "id": row["id"],
        "at": "2026-03-11T12:00:00Z",
        "actor_kind": "cli",
        "actor_id": os_user(),
        "address": None,
        "request_id": None,
        "action": "money.top_up",
        "account_id": account,
        "object": f"account:{account}",
        "before": {"balance": "100.000000"},
        "after": entry,
        "note": None,
        "actor_name": None,
    }


async def test_the_audit_is_filtered(command: Command, account: int) -> None:
    await command.json("topup", str(account), "5", "--external-id", "p1")
    command.clock.advance(60)
    await command.json("account", "block", str(account), "--reason", "unpaid")
    await command.json("rates", "set", "44", "0.03", "--currency", "USD")

    async def actions(*filters: str) -> list[str]:
        return [row["action"] for row in await command.json("audit", "list", *filters)]

    first = (await command.json("audit", "list", "--action", "money.top_up"))[0]
    assert await actions() == ["rates.change", "accounts.block", "money.top_up"]
    assert await actions("--account", str(account)) == ["accounts.block", "money.top_up"]
    assert await actions("--object", f"account:{account}", "--limit", "1") == ["accounts.block"]
    assert await actions("--actor", f"cli:{os_user()}", "--before", str(first["id"] + 1)) == ["money.top_up"]
    assert await actions("--actor", "cli", "--from", "2026-03-11T12:00:01") == ["rates.change", "accounts.block"]
    assert await actions("--to", "2026-03-11T12:00:01") == ["money.top_up"]
    assert await actions("--actor", "cli:nobody") == await actions("--actor", "token") == []
    assert "limit: must be" in await command.refused("audit", "list", "--limit", "0")
    assert "'ghost' is not one of cli, token" in await command.refused("audit", "list", "--actor", "ghost:7", code=2)


async def test_the_audit_as_csv_and_for_people(command: Command, account: int) -> None:
    await command.json("account", "block", str(account), "--reason", "unpaid")

    [row] = csv.DictReader(io.StringIO((await command.run("audit", "list", "--csv")).stdout))
    table = (await command.run("audit", "list")).stdout.splitlines()

    assert json.loads(row["before"])["state"] == "open"
    assert json.loads(row["after"])["state"] == "blocked"
    assert (row["note"], row["address"]) == ("unpaid", "")
    assert table[1].split()[-4:] == ["accounts.block", str(account), f"account:{account}", "unpaid"]


async def test_a_token_is_told_once_and_revoked(command: Command, account: int) -> None:
    made = (
        "--account",
        str(account),
        "--role",
        "reader",
        "--name",
        "till",
        "--expires",
        "90d",
        "--scope",
        "calls:read",
    )
    created = await command.json("token", "create", *made)
    [listed] = await command.json("token", "list", "--account", str(account))
    revoked = await command.json("token", "revoke", str(created["id"]))

    assert created.keys() == {"id", "token", "name", "role", "account_id", "scopes", "expires_at"}
    assert created["token"].startswith("gw_r_")
    assert created["token"] not in str(listed)
    assert (listed["name"], listed["role"], listed["scopes"]) == ("till", "reader", ["calls:read"])
    assert listed["created_by"] == f"cli:{os_user()}"
    assert listed["expires_at"] == created["expires_at"] == "2026-06-09T12:00:00Z"
    assert (listed["revoked_at"], revoked["revoked_at"]) == (None, "2026-03-11T12:00:00Z")
    assert "revoked already" in await command.refused("token", "revoke", str(created["id"]))
    assert created["token"] not in (await command.run("audit", "list", "--json")).stdout


@pytest.mark.parametrize(
    ("side", "role"),
    [(("--operator",), "operator"), (("--support", "--expires", "12h"), "support")],
)
async def test_a_token_of_the_operators_side_is_of_no_account(
    command: Command, side: tuple[str, ...], role: str
) -> None:
    created = await command.json("token", "create", *side)
    rows = csv.DictReader(io.StringIO((await command.run("token", "list", "--csv")).stdout))

    assert (created["role"], created["account_id"]) == (role, None)
    assert created["expires_at"] in (None, "2026-03-12T00:00:00Z")
    assert [row["role"] for row in rows] == [role]


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        ((), 2, "say whose it is"),
        (("--operator", "--support"), 2, "say whose it is"),
        (("--operator", "--role", "reader"), 2, "say whose it is"),
        (("--account", "1"), 2, "say whose it is"),
        (("--role", "reader"), 1, "account: a token of reader needs one"),
        (("--operator", "--account", "1"), 1, "account: a token of operator has none"),
        (("--operator", "--expires", "soon"), 2, "--expires"),
        (("--operator", "--expires", "0d"), 2, "--expires"),
        (("--operator", "--scope", "calls:fly"), 1, "calls:fly is no scope"),
    ],
)
async def test_a_token_is_not_made_by_half(command: Command, asked: tuple[str, ...], code: int, said: str) -> None:
    assert said in await command.refused("token", "create", *asked, code=code)
