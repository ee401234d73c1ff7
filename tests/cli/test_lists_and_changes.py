"""What the API has, by commands: lists with their filters, as CSV too, and what changes something."""

import csv
import io
import zipfile

import pytest

from tests.support import calls, world
from tests.support.command_line import Gateway, undone
from tests.support.world import NOON, FakeClock

NUMBER = "+15550100001"


@pytest.fixture
def gateway(dsn, tmp_path):
    with undone():
        yield Gateway({"GATEWAY_DATABASE_URL": dsn, "GATEWAY_DATA": str(tmp_path)}, FakeClock())


@pytest.fixture
async def accounts(pool):
    """One with a number, a connector, a call that is up and a payment; and another with nothing."""
    async with pool.acquire() as conn:
        first, second = await world.account(conn, balance="100"), await world.account(conn, balance="0")
        await world.number(conn, first, NUMBER)
        await world.connector(conn, first, "office")
        await world.rate(conn, "44")
        await calls.start(conn, "a1", now=NOON)
    return str(first), str(second)


async def rows(gateway, *arguments):
    """A list as CSV; that as JSON it has the same, is checked."""
    printed = list(csv.DictReader(io.StringIO((await gateway.run(*arguments, "--csv")).stdout)))
    assert len(printed) == len(await gateway.json(*arguments))
    return printed


async def test_accounts_are_found_by_a_number_and_by_their_state(gateway, accounts):
    first, second = accounts
    await gateway.json("account", "block", second, "--reason", "unpaid")

    assert [each["id"] for each in await rows(gateway, "account", "list")] == [first, second]
    assert [each["id"] for each in await rows(gateway, "account", "list", "--q", NUMBER)] == [first]
    assert [each["id"] for each in await rows(gateway, "account", "list", "--state", "blocked")] == [second]


async def test_connectors_are_listed_without_numbers(gateway, accounts):
    first, second = accounts

    assert [each["name"] for each in await rows(gateway, "connector", "list")] == ["office"]
    assert await rows(gateway, "connector", "list", "--account", second) == []
    assert [each["name"] for each in await rows(gateway, "number", "list", first)] == [NUMBER, "office"]


async def test_what_came_in_is_listed_of_all_accounts(gateway, accounts):
    first, second = accounts
    await gateway.json("topup", second, "5", "--external-id", "p1")
    await gateway.json("refund", first, "1", "--note", "noise")

    assert [each["kind"] for each in await rows(gateway, "ledger", "list", "--limit", "2")] == ["refund", "top_up"]
    [paid] = await rows(gateway, "ledger", "list", "--account", second, "--kind", "top_up", "--from", "2026-03-01")
    assert (paid["amount"], paid["external_id"]) == ("5.000000", "p1")
    assert await rows(gateway, "ledger", "list", "--account", second, "--to", "2026-03-01") == []


async def test_all_calls_of_an_account_are_ended(gateway, accounts):
    first, second = accounts

    assert await gateway.json("calls", "cut-all", second) == {"cut": 0, "uncuttable": 0}
    ended = await gateway.json("calls", "cut-all", first)
    assert ended["cut"] + ended["uncuttable"] == 1


async def test_the_hours_of_calls_are_counted(gateway, accounts):
    first, second = accounts

    assert [each["calls"] for each in await rows(gateway, "calls", "hours", "--account", first)] == ["1"]
    assert await rows(gateway, "calls", "hours", "--account", second) == []


async def test_people_are_changed_and_taken_from_where_they_were(gateway, accounts):
    first, second = accounts
    anna = ("anna@example.com", "--role", "reader")
    await gateway.json("person", "invite", *anna, "--account", first)
    await gateway.json("person", "invite", *anna, "--account", second)

    changed = await gateway.json("person", "set", anna[0], "--name", "Anna", "--language", "de")
    left = await gateway.json("person", "remove", anna[0], "--account", first)

    assert (changed["name"], changed["language"], changed["time_zone"]) == ("Anna", "de", "Europe/Berlin")
    assert [str(each["account_id"]) for each in left["memberships"]] == [second]
    assert await rows(gateway, "account", "members", first) == []
    assert [each["email"] for each in await rows(gateway, "account", "members", second)] == [anna[0]]
    assert "no member there" in await gateway.refused("person", "remove", anna[0], "--operator")
    assert "say from where" in await gateway.refused("person", "remove", anna[0], code=2)


async def test_an_account_has_statements_and_stops_and_is_exported(gateway, accounts, tmp_path):
    first, _ = accounts

    months = await rows(gateway, "account", "statements", first)
    statement = await gateway.json("account", "statement", first, months[0]["month"])
    stops = await rows(gateway, "account", "stops", "--days", "30")
    file = str(tmp_path / "acme.zip")
    exported = await gateway.json("account", "export", first, file)

    assert (statement["account_id"], statement["month"]) == (int(first), "2026-03")
    no_month = await gateway.refused("account", "statement", first, "2026-13", code=2)
    assert "Invalid value for 'MONTH': 2026-13" in no_month
    assert isinstance(stops, list)
    assert sorted(zipfile.ZipFile(file).namelist()) == [
        "account.csv",
        "calls.csv",
        "entries.csv",
        "mails.csv",
        "numbers.csv",
    ]
    assert exported == {"file": file, "bytes": (tmp_path / "acme.zip").stat().st_size}
    assert "File exists" in await gateway.refused("account", "export", first, file)


@pytest.mark.parametrize("command", ["mail list", "crm given-up", "connection list", "connection balances"])
async def test_a_list_without_rows_as_csv_has_its_columns(gateway, command):
    printed = (await gateway.run(*command.split(), "--csv")).stdout.splitlines()

    assert len(printed) == 1
    assert "," in printed[0]


async def test_rates_are_found_as_csv(gateway, accounts):
    [found] = await rows(gateway, "rates", "search", "44", "--currency", "USD")

    assert (found["prefix"], found["kind"]) == ("44", "outbound")
    assert [each["rows"] for each in await rows(gateway, "rates", "versions")] == ["1"]
