"""R5: a deck in our own columns is read whole, or every mistake is named by its line and column."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gateway.decks import COLUMNS, read_deck
from gateway.domain.errors import InvalidInput
from gateway.domain.rates.deck import DeckKey

HEADER = ",".join(COLUMNS)
GOOD = {
    "kind": "outbound",
    "country": "",
    "category": "",
    "prefix": "44",
    "per_minute": "0.0270",
    "connection_fee": "0",
    "first_interval_s": "60",
    "increment_s": "60",
    "valid_from": "2026-01-01",
    "currency": "USD",
}


def row(**changed: str) -> str:
    return ",".join({**GOOD, **changed}.values())


def read(*rows: str) -> list:
    return read_deck("\n".join([HEADER, *rows, ""]).encode()).rows


def problems(*rows: str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        read(*rows)
    return str(caught.value).splitlines()


def test_r5_the_deck_of_the_documentation_is_read():
    rows = read(
        "outbound,,,44,0.0270,0,60,60,2026-01-01,USD",
        "inbound,US,toll_free,,0.0180,0,60,60,2026-01-01,USD",
        "rent,DE,geographic,,4.0000,1.0000,,,2026-01-01,USD",
        "rent,,connector,,49,,,,2026-01-01,USD",
    )

    assert [each.key for each in rows] == [
        DeckKey("outbound", "USD", "", "", "44"),
        DeckKey("inbound", "USD", "US", "toll_free", ""),
        DeckKey("rent", "USD", "DE", "geographic", ""),
        DeckKey("rent", "USD", "", "connector", ""),
    ]
    assert [str(each.rate.per_minute) for each in rows] == ["0.027000", "0.018000", "4.000000", "49.000000"]
    assert [str(each.rate.connection_fee) for each in rows] == ["0.000000", "0.000000", "1.000000", "0.000000"]
    assert {each.valid_from for each in rows} == {datetime(2026, 1, 1, tzinfo=UTC)}
    assert [each.line for each in rows] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("first", "increment", "expected"),
    [("", "", (60, 60)), ("", "6", (6, 6)), ("30", "", (30, 60)), ("1", "3600", (1, 3600))],
)
def test_r4_the_first_interval_defaults_to_the_increment_and_that_to_a_minute(first, increment, expected):
    [read_row] = read(row(first_interval_s=first, increment_s=increment))

    assert (read_row.rate.first_interval_s, read_row.rate.increment_s) == expected


def test_a_time_with_its_zone_is_the_instant_it_names():
    [read_row] = read(row(valid_from="2026-01-01T00:00:00+01:00"))

    assert read_row.valid_from == datetime(2025, 12, 31, 23, tzinfo=UTC)


def test_columns_may_stand_in_any_order_and_files_may_come_from_windows():
    text = "\r\n".join([",".join(reversed(COLUMNS)), ",".join(reversed(GOOD.values())), "", ""])

    [read_row] = read_deck(b"\xef\xbb\xbf" + text.encode()).rows

    assert read_row.key.prefix == "44"


def test_country_and_category_of_an_outbound_row_are_labels():
    [read_row] = read(row(country="GB", category="mobile"))

    assert read_row.key == DeckKey("outbound", "USD", "", "", "44")
    assert (read_row.rate.country, read_row.rate.category) == ("GB", "mobile")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "roaming"}, "kind: 'roaming' is not one of outbound, inbound, rent"),
        ({"country": "g1"}, "country: 'G1' is not a country"),
        ({"category": "connector"}, "category: 'connector' is not one of geographic, mobile, toll_free, national,"),
        ({"kind": "rent", "category": "fax", "prefix": ""}, "category: 'fax' is not one of geographic"),
        ({"prefix": "+44"}, "prefix: '+44' is not 1 to 15 digits without a plus"),
        ({"prefix": ""}, "prefix: '' is not 1 to 15 digits"),
        ({"prefix": "4" * 16}, "prefix: "),
        ({"kind": "inbound"}, "prefix: must be empty"),
        ({"per_minute": ""}, "per_minute: '' is not an amount like 0.0270"),
        ({"per_minute": "-1"}, "per_minute: '-1' is not an amount"),
        ({"per_minute": "0,5", "connection_fee": "0"}, ""),
        ({"per_minute": "1e3"}, "per_minute: '1e3' is not an amount"),
        ({"per_minute": "NaN"}, "per_minute: 'NaN' is not an amount"),
        ({"per_minute": "0.0000001"}, "per_minute: '0.0000001' has more than six decimal places"),
        ({"per_minute": "1000000001"}, "per_minute: '1000000001' is more than"),
        ({"connection_fee": "free"}, "connection_fee: 'free' is not an amount"),
        ({"first_interval_s": "0"}, "first_interval_s: '0' is not whole seconds from 1 to 3600"),
        ({"increment_s": "3601"}, "increment_s: '3601' is not whole seconds"),
        ({"increment_s": "1.5"}, "increment_s: '1.5' is not whole seconds"),
        ({"valid_from": "01.01.2026"}, "valid_from: '01.01.2026' is not a date like 2026-01-01"),
        ({"valid_from": "2026-02-30"}, "valid_from: '2026-02-30' is not a date"),
        ({"valid_from": "2026-01-01T00:00:00"}, "valid_from: '2026-01-01T00:00:00' is not a date"),
        ({"valid_from": "0001-01-01"}, "valid_from: '0001-01-01' is not a date"),
        ({"valid_from": ""}, "valid_from: '' is not a date"),
        ({"currency": "EURO"}, "currency: 'EURO' is not a currency"),
    ],
)
def test_r5_a_wrong_value_is_named_by_line_and_column(changed, said):
    [problem] = problems(row(prefix="1"), row(**changed))

    assert problem.startswith(f"line 3, {said}" if said else "line 3: has 11 columns instead of 10")


def test_r5_all_mistakes_are_named_at_once_also_of_one_row():
    assert [
        each.partition(":")[0] for each in problems(row(kind="x", currency="x", per_minute="x"), row(prefix="x"))
    ] == [
        "line 2, kind",
        "line 2, currency",
        "line 2, per_minute",
        "line 3, prefix",
    ]


def test_r5_at_most_fifty_mistakes_are_named_and_the_rest_counted():
    said = problems(*(row(per_minute="x", prefix=f"44{each + 10}") for each in range(60)))

    assert len(said) == 51
    assert said[-1] == "and 10 more"


def test_r5_the_same_destination_twice_is_a_mistake():
    assert problems(row(), row(prefix="45"), row(per_minute="1", country="GB")) == [
        "line 4, prefix: the same destination stands in line 2"
    ]
    number = {"kind": "inbound", "country": "US", "prefix": ""}
    assert problems(row(**number), row(**number, currency="EUR"), row(**number)) == [
        "line 4, category: the same destination stands in line 2"
    ]


@pytest.mark.parametrize(
    "header", ["", "kind,prefix", HEADER + ",note", HEADER.replace("prefix", "code"), "kind," + HEADER]
)
def test_r5_other_columns_are_refused(header):
    with pytest.raises(InvalidInput, match=r"^line 1: the columns must be kind,country,category,prefix"):
        read_deck(f"{header}\n{row()}\n".encode())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"{HEADER}\n".encode(), "line 2: the deck has no rows"),
        (f"{HEADER}\n{row()}\nK\x81ln".encode("latin-1"), "line 3: is neither UTF-8 nor Windows-1252 at byte"),
        (f'{HEADER}\n{row()}\n"unclosed'.encode(), "line 3: is not CSV"),
        (b"", "line 1: the columns must be"),
    ],
)
def test_r5_what_is_no_deck_at_all_is_refused(content, said):
    with pytest.raises(InvalidInput, match=f"^{said}"):
        read_deck(content)


def test_prices_are_exact():
    [read_row] = read(row(per_minute="0.100000000"))

    assert read_row.rate.per_minute == Decimal("0.1")


def test_r39_a_row_may_be_for_some_callers_beside_the_one_for_all():
    content = "\n".join([f"{HEADER},caller_prefixes", f"{row()},", f"{row()},31 +30", f"{row()},44"])

    rows = read_deck(content.encode()).rows

    assert [each.key.caller_prefixes for each in rows] == ["", "30 31", "44"]
    assert [each.rate.caller_prefixes for each in rows] == ["", "30 31", "44"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"{row()},local", "caller_prefixes: 'local' is not what callers' numbers begin with, like 30 31"),
        (
            f"{row(kind='inbound', prefix='')},30",
            "caller_prefixes: must be empty: only outbound rates of long numbers may be for some callers",
        ),
    ],
)
def test_r39_callers_that_a_row_cannot_be_for_are_named(line, said):
    with pytest.raises(InvalidInput) as caught:
        read_deck(f"{HEADER},caller_prefixes\n{line}\n".encode())

    assert str(caught.value) == f"line 2, {said}"
