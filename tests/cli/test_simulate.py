"""`simulate`: an account's future, looked at and not touched."""

from datetime import timedelta

import pytest

from gateway.clock import SystemClock
from gateway.postgres.session import connected
from tests.support import world
from tests.support.command_line import CONFIG, Gateway, undone


@pytest.fixture
def gateway(dsn, tmp_path):
    (tmp_path / "gateway.toml").write_text(CONFIG)
    with undone():
        yield Gateway({"GATEWAY_DATABASE_URL": dsn, "GATEWAY_CONFIG": str(tmp_path / "gateway.toml")})


@pytest.fixture
async def account(dsn) -> str:
    """Ten dollars, and a number whose rent of four is due in five days."""
    due_on = SystemClock().now().date() + timedelta(days=5)
    async with connected(dsn, application_name="test") as conn:
        account_id = await world.account(conn, balance="10")
        await world.rate(conn, kind="rent", per_minute="4", country="DE", category="geographic")
    return f"{account_id} {due_on}"


async def test_r24_simulate_says_which_number_stops_when_and_changes_nothing(gateway, account):
    account_id, due_on = account.split()
    await gateway.json("number", "add", account_id, "+493023125101", "--due", due_on)
    before = await gateway.json("account", "show", account_id)

    simulated = await gateway.json("simulate", account_id, "--days", "100")

    assert [(each["what"], each["amount"]) for each in simulated["expected"]] == [
        ("charged", "4.000000"),
        ("charged", "4.000000"),
        ("suspended", "4.000000"),
    ]
    assert due_on == simulated["expected"][0]["on"]
    [stop] = simulated["stops"]
    assert ("+493023125101", simulated["expected"][2]["on"], None) == (
        stop["line"],
        stop["on"],
        stop["disconnected_on"],
    )
    assert simulated["money_gone_on"] is None
    assert before == await gateway.json("account", "show", account_id)
    assert await gateway.json("mail", "list") == []


async def test_r24_simulate_in_words(gateway, account):
    account_id, due_on = account.split()
    await gateway.json("number", "add", account_id, "+493023125101", "--due", due_on)

    said = await gateway.run("simulate", account_id, "--days", "200")

    assert (said.exit_code, said.stderr) == (0, "")
    assert "+493023125101 stops on " in said.stdout
    assert " and is lost on " in said.stdout


async def test_simulate_refuses_a_time_without_end(gateway, account):
    assert "days: must be from 1 to 3660, not 0" in await gateway.refused("simulate", account.split()[0], "--days", "0")
