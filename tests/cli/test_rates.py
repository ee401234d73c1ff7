"""The commands about rates: price lists, what an import would change, versions, searches."""

import json
from pathlib import Path

import pytest

from tests.support.command_line import CONFIG, Gateway, undone

PRICES = Path(__file__).parents[1] / "unit" / "decks" / "prices"
HEADER = "kind,country,category,prefix,per_minute,connection_fee,first_interval_s,increment_s,valid_from,currency\n"
DECK = f"""{HEADER}outbound,GB,,44,0.0270,0,60,60,2026-01-01,USD
outbound,,,45,0.03,0,60,60,2026-01-01,USD
outbound,,,46,0.04,0.01,30,6,2026-01-01,USD
inbound,US,toll_free,,0.0180,0,60,60,2026-01-01,USD
rent,US,toll_free,,3.0000,1.0000,,,2026-01-01,USD
"""


@pytest.fixture
def gateway(dsn, tmp_path):
    (tmp_path / "gateway.toml").write_text(CONFIG)
    with undone():
        yield Gateway({"GATEWAY_DATABASE_URL": dsn, "GATEWAY_CONFIG": str(tmp_path / "gateway.toml")})


@pytest.fixture
def deck(tmp_path) -> Path:
    (tmp_path / "deck.csv").write_text(DECK)
    return tmp_path / "deck.csv"


async def test_r5_a_dry_run_shows_the_rows_that_would_be_added_changed_and_removed(gateway, deck):
    await gateway.json("rates", "import", str(deck))
    deck.write_text(DECK.replace("0.03,0,", "0.035,0,").replace(",,46,", ",,47,"))

    tried = await gateway.json("rates", "import", str(deck), "--dry-run")
    text = (await gateway.run("rates", "import", str(deck), "--dry-run")).stdout.splitlines()

    rows = tried.pop("rows")
    assert tried == {"added": 1, "changed": 1, "removed": 1, "version": None, "left_out": 0}
    assert [(row["change"], row["kind"], row["prefix"], row["currency"]) for row in rows] == [
        ("changed", "outbound", "45", "USD"),
        ("added", "outbound", "47", "USD"),
        ("removed", "outbound", "46", "USD"),
    ]
    assert rows[0]["old"] == {
        "per_minute": "0.030000",
        "connection_fee": "0.000000",
        "first_interval_s": 60,
        "increment_s": 60,
        "label": "",
    }
    assert rows[0]["new"] == {**rows[0]["old"], "per_minute": "0.035000"}
    assert [row["new"] is None for row in rows] == [False, False, True]
    assert [line.rpartition(" from ")[0] or line for line in text] == [
        "added    1",
        "  outbound 47 USD: none -> 0.040000 + 0.010000 by 30/6 s",
        "changed  1",
        "  outbound 45 USD: 0.030000 by 60/60 s -> 0.035000 by 60/60 s",
        "removed  1",
        "  outbound 46 USD: 0.040000 + 0.010000 by 30/6 s -> none",
    ]
    assert text[1].endswith(" from 2026-01-01 00:00:00 UTC")
    assert len(await gateway.json("rates", "versions")) == 1


async def test_r5_a_dry_run_shows_fifty_rows_of_each_and_counts_the_rest(gateway, deck):
    deck.write_text(HEADER + "".join(f"outbound,,,{each},1,0,,,2026-01-01,USD\n" for each in range(100, 160)))

    text = (await gateway.run("rates", "import", str(deck), "--dry-run")).stdout.splitlines()

    assert text[0] == "added    60"
    assert text[50:] == [
        "  outbound 149 USD: none -> 1.000000 by 60/60 s from 2026-01-01 00:00:00 UTC",
        "  and 10 more",
        "changed  0",
        "removed  0",
    ]


async def test_r5_a_price_list_is_imported_with_a_margin(gateway):
    terms = ("--currency", "USD", "--markup", "20", "--increment", "6", "--valid-from", "2026-01-01")
    done = await gateway.json("rates", "import", str(PRICES / "twilio.csv"), *terms)
    [found] = await gateway.json("rates", "search", "+442079460000")

    assert done == {"added": 24, "changed": 0, "removed": 0, "version": 1, "left_out": 0}
    assert (found["prefix"], found["per_minute"], found["increment_s"]) == ("44207", "0.018960", 6)
    assert found["valid_from"] == "2026-01-01T00:00:00Z"


async def test_r5_a_list_of_another_provider_is_imported_by_a_mapping_file(gateway):
    mapping = ("--mapping", str(PRICES / "didww.toml"))
    done = await gateway.json("rates", "import", str(PRICES / "didww.csv"), *mapping)
    [version] = await gateway.json("rates", "versions")

    assert done == {"added": 4, "changed": 0, "removed": 0, "version": 1, "left_out": 0}
    assert (version["id"], version["source"], version["rows"]) == (1, "didww.csv", 4)
    assert "the columns must be kind" in await gateway.refused("rates", "import", str(PRICES / "didww.csv"))


async def test_r5_rows_that_an_import_leaves_out_are_said(gateway):
    telnyx = ("rates", "import", str(PRICES / "telnyx.csv"), "--currency", "USD")
    said = "note: left out 1 row for exactly one number: too short to be called, or an ordinary row has its prefix"

    tried = await gateway.run(*telnyx, "--dry-run")
    done = await gateway.run(*telnyx, "--json")

    assert tried.stderr == done.stderr
    *warnings, last = done.stderr.splitlines()
    assert (tried.exit_code, done.exit_code, last) == (0, 0, said)
    assert warnings[0] == "warning: rows for some callers that cost no more than those for all, and are left out: 1"
    assert warnings[2:] == [
        "warning: prefix 44 (GB, USD) prices what has no row of its own: Guernsey (GG), Isle of Man (IM), Jersey (JE)",
        "warning: prefix 447 (GB, USD) prices what has no row of its own: Guernsey (GG), Jersey (JE)",
    ]
    assert json.loads(done.stdout)["left_out"] == 1


@pytest.mark.parametrize("markup", ["ten", "NaN"])
async def test_a_markup_that_is_none_is_wrong_usage(gateway, markup):
    said = await gateway.refused("rates", "import", str(PRICES / "twilio.csv"), "--markup", markup, code=2)

    assert "Invalid value for '--markup'" in said


async def test_r5_versions_are_listed_the_newest_first(gateway, deck):
    await gateway.json("rates", "import", str(deck))
    await gateway.json("rates", "import", str(deck))

    listed = await gateway.json("rates", "versions")
    text = (await gateway.run("rates", "versions")).stdout.splitlines()

    assert [(each["id"], each["source"], each["rows"]) for each in listed] == [(2, "deck.csv", 0), (1, "deck.csv", 5)]
    assert text[0].split() == ["id", "imported", "at", "source", "rows"]


async def test_r6_rates_are_searched(gateway, deck):
    await gateway.json("rates", "import", str(deck))

    [found] = await gateway.json("rates", "search", "United Kingdom", "--currency", "USD")
    text = (await gateway.run("rates", "search", "US")).stdout.splitlines()
    nothing = await gateway.run("rates", "search", "Atlantis", "--currency", "USD")

    assert found["prices"] == [
        {"seconds": 60, "price": "0.027000"},
        {"seconds": 300, "price": "0.135000"},
        {"seconds": 3600, "price": "1.620000"},
    ]
    assert (found["kind"], found["country"], found["is_future"]) == ("outbound", "GB", False)
    assert text[0].split()[:4] == ["kind", "country", "category", "prefix"]
    assert text[1].split() == [
        *("inbound", "US", "toll_free", "-", "0.018000", "0.000000", "60/60", "s"),
        *("0.018000", "0.090000", "1.080000", "-", "-", "2026-01-01"),
    ]
    assert text[2].split()[-3:] == ["3.000000", "1.000000", "2026-01-01"]
    assert (nothing.exit_code, "is not a country" in nothing.stderr) == (1, True)
    assert (await gateway.run("rates", "search", "+12125550123")).stderr == "no rate covers +12125550123\n"


async def test_r6_a_table_of_rates_has_an_end_and_says_so(gateway, deck):
    rows = "".join(f"outbound,,,44{each},1,0,,,2027-01-01,USD\n" for each in range(100, 310))
    deck.write_text(HEADER + rows)
    await gateway.json("rates", "import", str(deck))

    searched = await gateway.run("rates", "search", "44")

    assert len(searched.stdout.splitlines()) == 201
    assert searched.stdout.splitlines()[1].endswith("2027-01-01 (future)")
    assert searched.stderr == "and 10 more; ask for a prefix\n"


async def test_r6_numbers_are_searched(gateway, deck):
    await gateway.json("rates", "import", str(deck))
    account = await gateway.json("account", "create", "Acme", "--currency", "USD", "--email", "a@b.example")
    await gateway.json("number", "add", str(account["id"]), "+18005550100")

    country = await gateway.json("number", "search", "US", "--category", "toll_free")
    number = await gateway.json("number", "search", "+18005550100", "--account", str(account["id"]))
    text = (await gateway.run("number", "search", "+18005550101")).stdout.splitlines()

    assert [(each["category"], each["month"], each["setup_fee"]) for each in country["prices"]] == [
        ("toll_free", "3.000000", "1.000000")
    ]
    assert (number["is_taken"], number["country"]) == (True, "US")
    # Of an account it is known, too, what it has not.
    assert number["prices"] == [each | {"missing": "4.000000"} for each in country["prices"]]
    assert [line.split()[-1] for line in text[:5]] == ["US", "States", "USD", "+18005550101", "no"]
    assert text[6].split()[:4] == ["toll_free", "3.000000", "1.000000", "0.018000"]


async def test_r5_a_file_that_would_end_most_of_the_deck_is_imported_only_if_somebody_says_how_much(gateway, deck):
    await gateway.json("rates", "import", str(deck))
    deck.write_text(f"{HEADER}outbound,GB,,44,0.0280,0,60,60,2026-01-01,USD\n")
    said = "ends: the file would end 2 destinations, most of a deck, as it does not have them; --ends 2 imports it"

    tried = await gateway.run("rates", "import", str(deck), "--dry-run")
    refused = await gateway.refused("rates", "import", str(deck))
    too_few = await gateway.refused("rates", "import", str(deck), "--ends", "1")
    done = await gateway.json("rates", "import", str(deck), "--ends", "2")

    assert tried.stderr.splitlines()[0] == "warning: most of a deck would end: an import needs --ends 2"
    assert said in refused
    assert "ends: the file would end 2 destinations, not 1 at most" in too_few
    assert (done["changed"], done["removed"]) == (1, 2)


async def test_r5_one_price_is_set_without_a_file_and_leaves_the_others(gateway, deck):
    await gateway.json("rates", "import", str(deck))

    done = await gateway.json("rates", "set", "44", "0.0290", "--currency", "USD", "--increment", "6")
    some = await gateway.json("rates", "set", "44", "0.5", "--currency", "USD", "--callers", "1 33")
    rent = await gateway.json("rates", "set", "9", "--kind", "rent", "--country", "DE", "--currency", "USD")
    wrong = await gateway.refused("rates", "set", "999", "1", "--currency", "USD")
    found = await gateway.json("rates", "search", "+442079460000")
    other = await gateway.json("rates", "search", "+4511223344")

    assert [each["version"] for each in (done, some, rent)] == [2, 3, 4]
    assert [(row["per_minute"], row["increment_s"], row["caller_prefixes"]) for row in found] == [
        ("0.029000", 6, ""),
        ("0.500000", 60, "1 33"),
    ]
    assert other[0]["per_minute"] == "0.030000"
    assert "prefix: '999' begins no country's numbers" in wrong


async def test_r5_the_newest_import_is_undone_by_another_version(gateway, deck):
    await gateway.json("rates", "import", str(deck))
    deck.write_text(DECK.replace("0.03,0,", "0.035,0,").replace(",,46,", ",,47,").replace("toll_free", "mobile"))
    await gateway.json("rates", "import", str(deck), "--ends", "3")

    done = await gateway.json("rates", "undo", "2")
    prices = [(await gateway.json("rates", "search", each))[0] for each in ("+4511223344", "+46812345678")]
    gone = await gateway.json("rates", "search", "+4721223344")
    older = await gateway.refused("rates", "undo", "1")

    assert done == {"added": 3, "changed": 1, "removed": 3, "version": 3}
    assert [each["per_minute"] for each in prices] == ["0.030000", "0.040000"]
    assert gone == []
    assert "only the newest import can be undone, and the newest is 3" in older


async def test_r5_there_is_nothing_to_undo_before_the_first_import(gateway):
    assert "only the newest import can be undone, and there is none" in await gateway.refused("rates", "undo", "1")


async def test_r5_a_list_is_sniffed(gateway, deck, tmp_path):
    samples = Path(__file__).parents[1] / "samples" / "prices"
    sniffed = await gateway.json("rates", "sniff", str(samples / "titles_and_notes.csv"))
    text = (await gateway.run("rates", "sniff", str(samples / "two_columns.csv"))).stdout
    known = await gateway.run("rates", "sniff", str(PRICES / "twilio.csv"))
    (tmp_path / "wrong.csv").write_text("Code,Rate\n33,soon\n")
    wrong = await gateway.run("rates", "sniff", str(tmp_path / "wrong.csv"))

    assert sniffed["known"] is None
    assert 'prefix = "Code"' in sniffed["mapping"]
    assert [(row["line"], row["prefix"], row["per_minute"]) for row in sniffed["rows"]] == [
        (6, "33", "0.015000"),
        (8, "336", "0.030000"),
    ]
    assert 'prefix = ["Country code","Area codes"]' in text
    assert "# line 2 prefix 5511 country BR per_minute 0.010000" in text
    assert known.stdout.startswith("# the price list of Twilio: it needs no mapping\n")
    assert "line 2, Rate: 'soon' is not an amount" in wrong.stderr
