"""GATEWAY_DATABASE_READ_URL: what only shows or checks something is asked of a standby that can answer."""

import json
from collections.abc import AsyncIterator

import pytest

from gateway.postgres import session
from tests.support.command_line import Gateway, undone
from tests.support.processes import connected
from tests.support.replication import dsn_of


@pytest.fixture
async def gateway(pair, tmp_path) -> AsyncIterator[Gateway]:
    with undone():
        first, second = pair
        environ = {
            "GATEWAY_DATABASE_URL": first.dsn,
            "GATEWAY_DATABASE_READ_URL": dsn_of(first, second),
            "GATEWAY_DATA": str(tmp_path),
            "GATEWAY_LOG": "json",
        }
        yield Gateway(environ)


async def test_what_only_reads_is_answered_by_the_standby(gateway, pair):
    gateway.environ["GATEWAY_DATABASE_URL"] = "postgresql://127.0.0.1:1/nowhere"

    for command in ("account list", "calls list", "number list", "rates versions", "mail list", "check"):
        result = await gateway.run(*command.split(), "--json")

        assert result.exit_code == 0, (command, result.stderr)
        assert "replica.passed_over" not in result.stderr


async def test_what_was_just_made_is_found_though_the_standby_does_not_know_it_yet(gateway, pair):
    await pair[1].execute("SELECT pg_wal_replay_pause()")
    try:
        made = await gateway.run("account", "create", "Acme", "--currency", "USD", "--email", "a@b.example", "--json")
        shown = await gateway.run("account", "show", str(json.loads(made.stdout)["id"]), "--json")
    finally:
        await pair[1].execute("SELECT pg_wal_replay_resume()")

    assert json.loads(shown.stdout)["name"] == "Acme"


@pytest.mark.parametrize("away", ["gone", "behind", "older"])
async def test_a_standby_that_cannot_answer_is_passed_over_with_a_warning(gateway, pair, monkeypatch, away):
    if away == "gone":
        gateway.environ["GATEWAY_DATABASE_READ_URL"] = "postgresql://postgres@127.0.0.1:1/gateway"
    elif away == "behind":
        monkeypatch.setattr(session, "LAG_MAX", -session.LAG_MAX)
    else:
        gateway.environ["GATEWAY_DATABASE_READ_URL"] = pair[1].dsn.replace("/gateway?", "/postgres?")

    result = await gateway.run("account", "list", "--json")

    assert result.exit_code == 0
    assert "replica.passed_over" in result.stderr


async def test_a_standby_that_stands_still_is_behind_and_one_without_news_is_not(pair):
    async with connected(pair[1].dsn) as conn:
        await pair[0].wait_for(pair[1])
        assert (await session.replica_lag(conn)).total_seconds() < 5
    async with connected(pair[0].dsn) as conn:
        assert (await session.replica_lag(conn)).total_seconds() == 0
