"""The command line as scripts use it: what it prints with --json, where messages go, and its exit codes."""

import json
from datetime import timedelta

import pytest

from gateway.cli.calls.calls import COLUMNS
from gateway.postgres.session import connected
from tests.support import calls, world
from tests.support.command_line import CONFIG, KEY, Gateway, undone
from tests.support.world import NOON

DECK = """kind,country,category,prefix,per_minute,connection_fee,first_interval_s,increment_s,valid_from,currency
outbound,,,44,0.0270,0,60,60,2026-01-01,USD
inbound,US,toll_free,,0.0180,0,60,60,2026-01-01,USD
rent,DE,geographic,,4.0000,1.0000,,,2026-01-01,USD
"""
NUMBER = "+15550100001"


@pytest.fixture
def gateway(dsn, tmp_path):
    (tmp_path / "gateway.toml").write_text(CONFIG)
    with undone():
        yield Gateway({"GATEWAY_DATABASE_URL": dsn, "GATEWAY_CONFIG": str(tmp_path / "gateway.toml")})


@pytest.fixture
async def account(gateway) -> str:
    created = await gateway.json("account", "create", "Acme", "--currency", "USD", "--email", "a@b.example")
    return str(created["id"])


@pytest.fixture
def deck(tmp_path) -> str:
    (tmp_path / "deck.csv").write_text(DECK)
    return str(tmp_path / "deck.csv")


async def test_an_account_is_created_and_shown(gateway):
    created = await gateway.json(
        *("account", "create", "Acme", "--currency", "EUR", "--email", "a@b.example", "--time-zone", "Europe/Berlin"),
        *("--main-number", "+442079460000", "--language", "de", "--credit-limit", "2.5", "--when-unavailable", "30"),
        *("--free-inbound-needs-balance", "--when-withheld", "refused"),
    )
    shown = await gateway.json("account", "show", str(created["id"]))
    listed = await gateway.json("account", "list")

    assert shown == created
    assert listed == [created]
    assert shown["created_at"].endswith("Z")
    del shown["created_at"]
    assert shown == {
        "id": created["id"],
        "name": "Acme",
        "currency": "EUR",
        "email": "a@b.example",
        "time_zone": "Europe/Berlin",
        "language": "de",
        "main_number": "+442079460000",
        "balance": "0.000000",
        "held": "0.000000",
        "owed": "0.000000",
        "credit_limit": "2.500000",
        "available": "2.500000",
        "live_calls": 0,
        "free_inbound_needs_balance": True,
        "when_unavailable": 30,
        "when_withheld": "refused",
        "state": "open",
        "blocked_reason": None,
        "closed_at": None,
    }


async def test_a_refusal_is_one_message_on_standard_error_and_exit_code_1(gateway, account):
    said = await gateway.refused("account", "create", "x", "--currency", "usd", "--email", "nobody")

    assert said.splitlines() == [
        "Error: currency: 'usd' is not a currency of ISO 4217; write it like USD",
        "e-mail: 'nobody' is not an address like somebody@example.com",
    ]
    assert await gateway.refused("account", "show", "99") == "Error: there is no account 99\n"
    assert "more than six decimal places" in await gateway.refused("topup", account, "0.0000001", "--external-id", "x")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("account", "create", "x"),
        ("account", "show", "first"),
        ("topup", "1", "5"),
        ("number", "add", "1", NUMBER, "--state", "disconnected"),
        ("rates", "import", "/nowhere/deck.csv"),
        ("quote", "a", "b", "60"),
        ("check", "--fast"),
    ],
)
async def test_wrong_usage_is_exit_code_2(gateway, arguments):
    assert "Usage: " in await gateway.refused(*arguments, code=2)


async def test_r3_a_top_up_prints_its_entry_and_the_same_one_again(gateway, account):
    first = await gateway.json("topup", account, "12.5", "--external-id", "p-1")
    again = await gateway.json("topup", account, "12.50", "--external-id", "p-1")

    assert again == first
    assert (first["kind"], first["amount"], first["balance_after"]) == ("top_up", "12.500000", "12.500000")
    assert first["external_id"] == "p-1"
    assert await gateway.json("ledger", "show", account) == [first]
    assert "booked before" in await gateway.refused("topup", account, "13", "--external-id", "p-1")


async def test_numbers_and_connectors_are_lines(gateway, account):
    number = await gateway.json("number", "add", account, NUMBER, "--state", "suspended", "--category", "mobile")
    connector = await gateway.json("connector", "add", account, "office")

    assert (number["name"], number["state"], number["country"], number["category"]) == (
        NUMBER,
        "suspended",
        "US",
        "mobile",
    )
    assert (connector["name"], connector["kind"], connector["state"]) == ("office", "connector", "active")
    assert await gateway.json("number", "list", account) == [number, connector]
    assert "in use" in await gateway.refused("number", "add", account, NUMBER)
    assert "is not a number" in await gateway.refused("number", "add", account, "+12")


async def test_r5_a_deck_is_tried_imported_and_imported_again(gateway, deck):
    tried = await gateway.json("rates", "import", deck, "--dry-run")
    done = await gateway.json("rates", "import", deck)
    again = await gateway.json("rates", "import", deck)

    assert [(row["change"], row["kind"]) for row in tried.pop("rows")] == [
        ("added", "outbound"),
        ("added", "inbound"),
        ("added", "rent"),
    ]
    assert tried == {"added": 3, "changed": 0, "removed": 0, "version": None, "left_out": 0}
    assert done == {"added": 3, "changed": 0, "removed": 0, "version": 1, "left_out": 0}
    assert again == {"added": 0, "changed": 0, "removed": 0, "version": 2, "left_out": 0}


async def test_r5_a_bad_deck_is_refused_with_line_and_column(gateway, tmp_path):
    (tmp_path / "bad.csv").write_text(DECK.replace("0.0180", "free").replace("rent", "lease"))

    said = await gateway.refused("rates", "import", str(tmp_path / "bad.csv"))

    assert said.splitlines() == [
        "Error: line 3, per_minute: 'free' is not an amount like 0.0270",
        "line 4, kind: 'lease' is not one of outbound, inbound, rent",
    ]


async def test_r41_a_quote_is_read_as_a_connection_does_which_must_be_there(gateway, account, deck):
    await gateway.json("rates", "import", deck)
    await gateway.json("number", "add", account, NUMBER)
    quoted = await gateway.json("quote", NUMBER, "+442079460000", "--connection", "pbx")
    said = await gateway.refused("quote", NUMBER, "+442079460000", "--connection", "nobody")

    assert quoted["rate"]["prefix"] == "44"
    assert said.strip() == "Error: there is no connection nobody; the configuration has pbx, off"


@pytest.mark.parametrize(
    "seconds",
    [
        ("--seconds", "60", "--seconds", "95"),
        ("--seconds", "60", "95"),
    ],
)
async def test_r6_a_quote_prints_the_row_the_increment_and_the_prices(gateway, account, deck, seconds):
    await gateway.json("rates", "import", deck)
    await gateway.json("number", "add", account, NUMBER)
    await gateway.json("topup", account, "1", "--external-id", "p")

    quoted = await gateway.json("quote", NUMBER[1:], "+442079460000", *seconds)

    assert quoted["rate"]["prefix"] == "44"
    assert quoted["rate"]["per_minute"] == "0.027000"
    assert quoted["increment_s"] == 60
    assert quoted["prices"] == [{"seconds": 60, "price": "0.027000"}, {"seconds": 95, "price": "0.054000"}]
    assert (quoted["caller_id"], quoted["granted_s"], quoted["refused"]) == (NUMBER, 2220, None)


async def test_calls_are_listed_shown_and_cut(gateway, account, deck, dsn):
    await gateway.json("rates", "import", deck)
    await gateway.json("number", "add", account, NUMBER)
    await gateway.json("topup", account, "1", "--external-id", "p")
    async with connected(dsn, application_name="test") as conn:
        live = await calls.start(conn, "a1")
        ended = await calls.start(conn, "a2")
        await calls.end(conn, "a2", 95)

    assert [each["id"] for each in await gateway.json("calls", "list")] == [ended, live]
    [up] = await gateway.json("calls", "list", "--live", "--account", account)
    assert (up["id"], up["live"]["hold"], up["granted_s"]) == (live, "0.135000", 2220)
    shown = await gateway.json("calls", "show", "pbx:a2")
    assert (shown["charge"], shown["ledger_entry"]["amount"]) == ("0.054000", "-0.054000")
    assert shown["explanation"][0].startswith("Connected by R14:")
    assert (await gateway.json("calls", "cut", str(live)))["cut_reason"] == "operator"
    assert "is not live" in await gateway.refused("calls", "cut", str(ended))
    assert "there is no call 4711" in await gateway.refused("calls", "show", "4711")
    assert (await gateway.json("account", "show", account))["live_calls"] == 1


async def test_calls_are_listed_by_what_they_are_and_as_csv(gateway, account, deck, dsn):
    await gateway.json("rates", "import", deck)
    await gateway.json("number", "add", account, NUMBER)
    await gateway.json("topup", account, "1", "--external-id", "p")
    async with connected(dsn, application_name="test") as conn:
        live = await calls.start(conn, "a1")
        ended = await calls.start(conn, "a2")
        await calls.end(conn, "a2", 95)

    async def ids(*options: str) -> list[int]:
        return [each["id"] for each in await gateway.json("calls", "list", *options)]

    everything = ["--line", NUMBER, "--number", NUMBER[1:], "--direction", "outbound", "--connection", "pbx"]
    assert await ids(*everything, "--country", "GB", "--account", account) == [ended, live]
    assert await ids("--state", "ended", "--min-charge", "0.05", "--sort", "charge") == [ended]
    assert await ids("--from", "2000-01-01", "--to", "2000-01-02T12:00:00") == []
    assert await ids("--flag", "clock", "--reason", "no_money") == []
    assert "not-a-flag" in (await gateway.run("calls", "list", "--flag", "not-a-flag")).stderr
    lines = (await gateway.run("calls", "list", "--csv", "--state", "ended")).stdout.splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert lines[1].startswith(f"{ended},{account},pbx,{NUMBER},ended,outbound,{NUMBER},")


async def test_r2_check_is_exit_code_0_if_all_is_right_and_1_if_not(gateway, account, dsn):
    await gateway.json("topup", account, "1", "--external-id", "p")
    right, full = await gateway.json("check"), await gateway.json("check", "--full")
    async with connected(dsn, application_name="test") as conn:
        await conn.execute("UPDATE account SET balance = 7")

    wrong = await gateway.run("check", "--json")

    assert right == full == {"ok": True, "accounts": 1, "entries": 1, "since": None, "differences": []}
    assert (wrong.exit_code, json.loads(wrong.stdout)["ok"]) == (1, False)
    assert json.loads(wrong.stdout)["differences"][0]["kind"] == "balance"
    assert wrong.stderr == "Error: 1 differences\n"


async def test_people_get_aligned_text(gateway, account, deck):
    await gateway.run("topup", account, "1", "--external-id", "p")
    await gateway.run("number", "add", account, NUMBER)
    await gateway.run("rates", "import", deck)

    ledger = (await gateway.run("ledger", "show", account)).stdout.splitlines()
    shown = (await gateway.run("account", "show", account)).stdout.splitlines()
    quoted = (await gateway.run("quote", NUMBER, "+442079460000")).stdout
    refused = (await gateway.run("quote", NUMBER, "+12125550123")).stdout

    assert ledger[0].split()[:3] == ["id", "booked", "at"]
    assert ledger[1].split()[2:5] == ["top_up", "1.000000", "1.000000"]
    assert "free inbound needs balance  no" in shown
    assert "main number                 -" in shown
    assert "rate per minute" in quoted
    assert "seconds 60, price 0.027000" in quoted
    assert "no rate covers the callee" in refused
    assert (await gateway.run("calls", "list")).stdout.startswith("id  account id  connection  line  state")
    assert (await gateway.run("account", "list")).stdout.splitlines()[1].split()[1] == "Acme"


async def test_r36_connections_and_their_kits_are_shown_without_secrets(gateway):
    listed = await gateway.run("connection", "list", "--json")
    kit = await gateway.run("kit", "pbx")

    on, off = json.loads(listed.stdout)
    assert (on["name"], on["kind"], on["state"], on["secrets"]) == ("pbx", "native", "on", 1)
    assert on["webhook_url"] == "http://127.0.0.1:8080/hooks/pbx"
    assert (on["last_hook_at"], on["secret_used"], on["last_refused_at"]) == (None, None, None)
    assert [each["position"] for each in on["secrets_used"]] == [1]
    assert (off["name"], off["state"]) == ("off", "off")
    assert "http://127.0.0.1:8080/hooks/pbx" in kit.stdout
    assert KEY not in listed.stdout + kit.stdout
    assert (await gateway.json("kit", "pbx"))["connection"] == "pbx"
    assert "there is no connection nobody" in await gateway.refused("kit", "nobody")


@pytest.mark.parametrize(
    ("ahead_s", "shown", "warning"),
    [
        (36.94, 36.9, "warning: the clock of pbx's provider is 36.9 s behind ours"),
        (-240, -240.0, "warning: the clock of pbx's provider is 240.0 s ahead of ours"),
        (5, 5.0, ""),
        (-0.2, -0.2, ""),
    ],
)
async def test_r18_a_connection_shows_how_far_its_providers_clock_is_off(gateway, pool, ahead_s, shown, warning):
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, NUMBER)
        await world.rate(conn, "44", "0.0270")
        await calls.start(conn, "a1", at=NOON - timedelta(minutes=30))
        await calls.start(conn, "a2", at=NOON - timedelta(seconds=ahead_s))
        await calls.start(conn, "a3")

    listed = await gateway.run("connection", "list", "--json")

    on, off = json.loads(listed.stdout)
    assert (on["clock_difference_s"], off["clock_difference_s"]) == (shown, None)
    assert listed.stderr.strip() == warning


async def test_the_configuration_file_can_be_given_and_all_its_mistakes_are_told(gateway, tmp_path):
    (tmp_path / "other.toml").write_text("port = 'x'\ncolour = 1")

    said = await gateway.refused("--config", str(tmp_path / "other.toml"), "check")

    assert len(said.splitlines()) == 2


async def test_an_account_is_changed_blocked_and_closed(gateway, account):
    changed = await gateway.json("account", "set", account, "--name", "Globex", "--free-inbound-needs-balance")
    assert (changed["name"], changed["free_inbound_needs_balance"]) == ("Globex", True)
    assert "name a setting" in await gateway.refused("account", "set", account)

    blocked = await gateway.json("account", "block", account, "--reason", "unpaid")
    assert (blocked["state"], blocked["blocked_reason"]) == ("blocked", "unpaid")
    assert (await gateway.json("account", "unblock", account))["state"] == "open"

    await gateway.json("topup", account, "5", "--external-id", "p")
    await gateway.json("number", "add", account, NUMBER)
    said = await gateway.refused("account", "close", account)
    assert "its balance is 5.000000 USD; these lines end at once, for ever: +15550100001" in said
    assert "say what becomes of it" in await gateway.refused("account", "close", account, "--yes")
    closed = await gateway.json("account", "close", account, "--yes", "--money", "pay_out")
    assert (closed["state"], closed["balance"]) == ("closed", "0.000000")


async def test_a_call_whose_end_never_came_is_closed_by_hand_with_a_note(gateway, dsn, account):
    await gateway.json("number", "add", account, NUMBER)
    await gateway.json("topup", account, "5", "--external-id", "p")
    async with connected(dsn, application_name="test") as conn:
        await world.rate(conn, "44", "0.0270")
        await calls.start(conn, "a1", now=NOON - timedelta(days=1))

    assert "Missing option" in await gateway.refused("calls", "close", "pbx:a1", "--seconds", "95", code=2)
    said = await gateway.run("calls", "close", "pbx:a1", "--seconds", "95", "--note", "by the CDR", "--json")

    assert said.exit_code == 0, said.stderr
    closed = json.loads(said.stdout)
    assert (closed["state"], closed["charge"], closed["flags"]) == ("ended", "0.054000", ["closed_by_hand"])
    [entry] = [each for each in await gateway.json("ledger", "show", account) if each["kind"] == "call"]
    assert (entry["amount"], entry["note"]) == ("-0.054000", "by the CDR")
    again = await gateway.refused("calls", "close", "pbx:a1", "--seconds", "1", "--note", "again")
    assert "is not live: it is ended" in again


async def test_who_blocks_an_account_is_told_of_the_calls_that_are_up(gateway, dsn, account):
    await gateway.json("number", "add", account, NUMBER)
    await gateway.json("topup", account, "5", "--external-id", "p")
    async with connected(dsn, application_name="test") as conn:
        await world.rate(conn, "44")
        await calls.start(conn, "a1")
        await calls.start(conn, "a2")
        await conn.execute(
            "UPDATE live_call SET cut_due_at = NULL WHERE call_id = (SELECT max(call_id) FROM live_call)"
        )

    said = await gateway.run("account", "block", account, "--reason", "fraud", "--cut")

    assert said.stderr.splitlines() == [
        "note: 1 calls are being ended",
        "warning: 1 calls go on, as the gateway cannot end them",
    ]
    assert "2 calls are up: they must be over first" in await gateway.refused("account", "close", account)


async def test_a_ledger_is_shown_in_part_as_csv_and_added_up(gateway, account):
    await gateway.json("topup", account, "5", "--external-id", "p")
    await gateway.json("adjust", account, "-1", "--note", "sorry")

    part = await gateway.run("ledger", "show", account, "--kind", "adjustment", "--csv")
    assert part.stdout.splitlines()[0] == "id,booked_at,kind,amount,balance_after,call_id,line_id,external_id,note"
    assert part.stdout.splitlines()[1].split(",")[2:5] == ["adjustment", "-1.000000", "4.000000"]
    assert part.stderr == (
        "note: balance 0.000000 USD before, 4.000000 USD after;"
        " 1 entries add up to -1.000000 USD: adjustment -1.000000\n"
    )
    summary = await gateway.json("ledger", "show", account, "--summary", "--from", "2026-01-01")
    assert (summary["opening_balance"], summary["closing_balance"], summary["entries"]) == ("0.000000", "4.000000", 2)
    nothing = await gateway.run("ledger", "show", account, "--from", "2020-01-01", "--to", "2020-01-02")
    assert "0 entries add up to 0" in nothing.stderr
    assert (await gateway.json("calls", "list", "--summary"))["calls"] == 0


async def test_numbers_of_all_accounts_are_listed_and_one_is_moved(gateway, account):
    other = str(
        (await gateway.json("account", "create", "Globex", "--currency", "USD", "--email", "g@b.example"))["id"]
    )
    await gateway.json("number", "add", account, NUMBER)
    await gateway.json("number", "add", other, "+15550100002", "--state", "suspended")

    assert len(await gateway.json("number", "list")) == 2
    assert [each["name"] for each in await gateway.json("number", "list", "--account", account)] == [NUMBER]
    assert [each["account_id"] for each in await gateway.json("number", "list", "--state", "suspended")] == [int(other)]
    assert await gateway.json("number", "list", "--due-before", "2030-01-01") == []
    assert (await gateway.run("number", "list", "--csv")).stdout.startswith("id,account_id,kind,name,state,")
    moved = await gateway.json("number", "move", NUMBER, other)
    assert (moved["name"], moved["account_id"]) == (NUMBER, int(other))


async def test_a_shown_call_says_first_why_and_leaves_out_what_has_no_value(gateway, dsn, account):
    await gateway.json("number", "add", account, NUMBER)
    await gateway.json("topup", account, "0.007", "--external-id", "p")
    async with connected(dsn, application_name="test") as conn:
        await world.rate(conn, "44")
        call = str(await calls.start(conn, "a1"))

    shown = (await gateway.run("calls", "show", call)).stdout.splitlines()
    everything = (await gateway.run("calls", "show", call, "--all")).stdout.splitlines()

    assert shown[0].split(maxsplit=1) == ["explanation", "0.020000 USD more and it would have been connected."]
    assert not any(line.endswith("  -") for line in shown)
    assert everything[0].split() == shown[0].split()
    assert any(line.startswith("answered at ") and line.endswith("  -") for line in everything)
    assert len(everything) > len(shown)
