"""Lines rented, given up and lost, and money moved, from the command line."""

from decimal import Decimal

import pytest

from tests.support.command_line import CONFIG, Gateway, undone
from tests.support.rents import berlin
from tests.support.world import FakeClock

NUMBER = "+493055501"
DECK = """kind,country,category,prefix,per_minute,connection_fee,first_interval_s,increment_s,valid_from,currency
rent,DE,geographic,,4.0000,1.0000,,,2026-01-01,USD
"""


@pytest.fixture
def gateway(dsn, tmp_path):
    (tmp_path / "gateway.toml").write_text(CONFIG)
    (tmp_path / "deck.csv").write_text(DECK)
    environ = {"GATEWAY_DATABASE_URL": dsn, "GATEWAY_CONFIG": str(tmp_path / "gateway.toml")}
    with undone():
        yield Gateway(environ, FakeClock(berlin(6, 1, 12)))


@pytest.fixture
async def account(gateway, tmp_path) -> str:
    created = await gateway.json(
        *("account", "create", "Acme", "--currency", "USD", "--email", "a@b.example", "--time-zone", "Europe/Berlin")
    )
    await gateway.json("rates", "import", str(tmp_path / "deck.csv"))
    return str(created["id"])


async def entries(gateway, account) -> list[tuple[str, str]]:
    return [(each["kind"], each["amount"]) for each in await gateway.json("ledger", "show", account)]


async def test_r23_a_number_is_rented_or_refused_with_what_it_costs(gateway, account):
    await gateway.json("topup", account, "4.999999", "--external-id", "p-1")
    said = await gateway.refused("number", "rent", account, NUMBER)
    assert said == (
        f"Error: {NUMBER} costs 4.000000 USD a month and 1.000000 once; account {account} has 4.999999 available\n"
    )
    assert await gateway.json("number", "list", account) == []

    await gateway.json("topup", account, "0.000001", "--external-id", "p-2")
    rented = await gateway.json("number", "rent", account, NUMBER)

    assert (rented["name"], rented["state"], rented["rent"]) == (NUMBER, "active", "4.000000")
    assert (rented["due_on"], rented["reserved_until"], rented["ends_at"]) == ("2026-07-01", None, None)
    assert await gateway.json("number", "list", account) == [rented]
    assert (await entries(gateway, account))[2:] == [("setup", "-1.000000"), ("rent", "-4.000000")]


async def test_r23_what_cannot_be_rented_says_why(gateway, account):
    await gateway.json("topup", account, "50", "--external-id", "p-1")
    await gateway.json("number", "add", account, NUMBER)

    assert f"the number {NUMBER} is in use already" in await gateway.refused("number", "rent", account, NUMBER)
    assert "is not a number" in await gateway.refused("number", "rent", account, "+12")
    assert "no account 99" in await gateway.refused("number", "rent", "99", "+493055502")
    assert "no rent in USD for +442079460000" in await gateway.refused("number", "rent", account, "+442079460000")
    assert "Usage: " in await gateway.refused("number", "rent", account, code=2)
    assert "Usage: " in await gateway.refused("number", "rent", account, NUMBER, "--category", "pretty", code=2)


async def test_r26_a_connector_is_rented_by_the_month(gateway, account):
    assert "costs 49.000000 USD a month" in await gateway.refused("connector", "rent", account, "office")
    await gateway.json("topup", account, "49", "--external-id", "p-1")

    rented = await gateway.json("connector", "rent", account, "office")

    assert (rented["kind"], rented["name"], rented["rent"]) == ("connector", "office", "49.000000")
    assert await entries(gateway, account) == [("top_up", "49.000000"), ("connector", "-49.000000")]
    assert "in use already" in await gateway.refused("connector", "rent", account, "office")


@pytest.mark.parametrize("kind", ["number", "connector"])
async def test_r27_a_line_is_given_up_and_kept_after_all(gateway, account, kind):
    name = NUMBER if kind == "number" else "office"
    await gateway.json("topup", account, "50", "--external-id", "p-1")
    rented = await gateway.json(kind, "rent", account, name)

    given_up = await gateway.json(kind, "give-up", name)
    assert (given_up["state"], given_up["ends_at"]) == ("active", "2026-06-02T10:00:00Z")
    assert "is given up already" in await gateway.refused(kind, "give-up", name)
    assert await gateway.json(kind, "undo", name) == rented
    assert "is not given up" in await gateway.refused(kind, "undo", name)
    assert await gateway.refused(kind, "give-up", "nobody") == "Error: there is no line nobody\n"

    await gateway.json(kind, "give-up", name)
    gateway.clock.at = berlin(6, 2, 12)
    assert f"{name} is disconnected" in await gateway.refused(kind, "undo", name)
    # What is due is done before anything else.
    assert await gateway.json("rents", "run") == {"charged": 0, "restored": 0, "suspended": 0, "disconnected": 0}
    assert f"{name} is disconnected" in await gateway.refused(kind, "give-up", name)


async def test_r29_a_number_is_reported_as_lost(gateway, account):
    await gateway.json("topup", account, "50", "--external-id", "p-1")
    await gateway.json("number", "rent", account, NUMBER)

    lost = await gateway.json("number", "lost", NUMBER)

    assert (lost["state"], lost["disconnected_at"]) == ("disconnected", "2026-06-01T10:00:00Z")
    assert await gateway.refused("number", "lost", NUMBER) == f"Error: {NUMBER} is disconnected\n"
    assert await gateway.refused("number", "lost", "+493055509") == "Error: there is no line +493055509\n"


async def test_r23_a_number_is_taken_over_with_its_due_date(gateway, account):
    taken = await gateway.json("number", "add", account, NUMBER, "--due", "2026-06-15")

    assert (taken["state"], taken["rent"], taken["due_on"]) == ("active", "4.000000", "2026-06-15")
    overdue = await gateway.json("number", "add", account, "+493055502", "--due", "2026-05-31")
    assert (overdue["state"], overdue["reserved_until"]) == ("suspended", "2026-07-30T22:00:00Z")
    wrong = ("number", "add", account, "+493055503")
    assert "due: 2026-04-01" in await gateway.refused(*wrong, "--due", "2026-04-01")
    assert "Usage: " in await gateway.refused(*wrong, "--due", "2026-06-31", code=2)
    said = await gateway.refused(*wrong, "--due", "2026-06-30", "--state", "suspended", code=2)
    assert "--due decides the state" in said


async def test_r23_r24_r25_rents_run_charges_suspends_and_a_credit_restores(gateway, account):
    nothing = {"charged": 0, "restored": 0, "suspended": 0, "disconnected": 0}
    await gateway.json("topup", account, "9", "--external-id", "p-1")
    await gateway.json("number", "rent", account, NUMBER)
    assert await gateway.json("rents", "run") == nothing

    gateway.clock.at = berlin(7, 1)
    assert await gateway.json("rents", "run") == nothing | {"charged": 1}
    gateway.clock.at = berlin(8, 1)
    assert await gateway.json("rents", "run") == nothing | {"suspended": 1}
    assert await gateway.json("rents", "run") == nothing

    gateway.clock.at = berlin(8, 15)
    refunded = await gateway.json("refund", account, "4", "--note", "a bad line", "--external-id", "r-1")
    assert (refunded["kind"], refunded["amount"], refunded["note"]) == ("refund", "4.000000", "a bad line")
    [number] = await gateway.json("number", "list", account)
    assert (number["state"], number["due_on"]) == ("active", "2026-09-15")
    assert await gateway.json("refund", account, "4.00", "--external-id", "r-1") == refunded
    assert (await gateway.json("account", "show", account))["balance"] == "0.000000"

    gateway.clock.at = berlin(12, 1)
    assert await gateway.json("rents", "run") == nothing | {"suspended": 1, "disconnected": 1}
    shown = (await gateway.run("rents", "run")).stdout.split()
    assert shown == ["charged", "0", "restored", "0", "suspended", "0", "disconnected", "0"]


@pytest.mark.parametrize("amount", ["-5", "-5.00", "-0.000001", "-.5", "7"])
async def test_r2_a_balance_is_adjusted_up_and_down(gateway, account, amount):
    adjusted = await gateway.json("adjust", account, amount, "--note", "a mistake")

    assert (adjusted["kind"], Decimal(adjusted["amount"]), adjusted["note"]) == (
        "adjustment",
        Decimal(amount),
        "a mistake",
    )
    assert (await gateway.json("account", "show", account))["balance"] == adjusted["amount"]


async def test_r2_r3_an_external_id_counts_once(gateway, account):
    first = await gateway.json("adjust", account, "-5", "--external-id", "a-1")
    assert await gateway.json("adjust", account, "-5", "--external-id", "a-1") == first
    assert "booked before with the amount -5.000000" in await gateway.refused(
        *("adjust", account, "5", "--external-id", "a-1")
    )
    await gateway.json("refund", account, "5", "--external-id", "a-1")
    await gateway.json("topup", account, "5", "--external-id", "a-1")
    await gateway.json("refund", account, "1")
    await gateway.json("refund", account, "1")

    assert (await gateway.json("account", "show", account))["balance"] == "7.000000"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("topup", "1", "0", "--external-id", "x"), "must be more than 0"),
        (("refund", "1", "0"), "must be more than 0"),
        (("adjust", "1", "0"), "must not be 0"),
        (("adjust", "1", "-0.0000001"), "more than six decimal places"),
        (("adjust", "1", "ten"), "is not an amount"),
        (("adjust", "99", "-5"), "there is no account 99"),
        (("refund", "99", "5"), "there is no account 99"),
        (("refund", "1", "5", "--external-id", ""), "external id: must be 1 to 200 printable characters"),
        (("refund", "1", "5", "--note", "a\nb"), "note: must be 1 to 500 printable characters"),
        (("adjust", "1", "99999999999999.999999"), "would make the balance larger"),
    ],
)
async def test_money_that_cannot_be_moved_is_one_message_and_exit_code_1(gateway, account, arguments, said):
    if "larger" in said:
        await gateway.json("topup", account, "1", "--external-id", "p")

    error = await gateway.refused(*arguments)

    assert error.startswith("Error: ")
    assert said in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("refund", "1", "-5"),
        ("topup", "1", "-5", "--external-id", "x"),
        ("adjust", "1"),
        ("adjust", "1", "-5", "--jason"),
        ("adjust", "-5"),
        ("number", "give-up"),
        ("number", "lost"),
        ("connector", "lost", "office"),
        ("rents", "pay"),
    ],
)
async def test_wrong_usage_of_rents_and_money_is_exit_code_2(gateway, account, arguments):
    assert "Usage: " in await gateway.refused(*arguments, code=2)
    assert await entries(gateway, account) == []
