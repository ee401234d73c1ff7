"""R5: price lists as they come, each form with a file of its own in `tests/samples/prices` and the deck it becomes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.decks import Terms, read_deck
from gateway.domain.errors import InvalidInput
from tests.support.world import NOON

PRICES = Path(__file__).parents[2] / "samples" / "prices"
FRANCE = {"33": "0.015000", "336": "0.030000"}
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
DECKS = {
    "titles_and_notes.csv": FRANCE,
    "no_header.csv": FRANCE,
    "trailing_comma.csv": FRANCE,
    "other_case.csv": FRANCE,
    "dates_and_zone.csv": FRANCE,
    "intervals_together.csv": {**FRANCE, "337": "0.030000"},
    "units.csv": {**FRANCE, "337": "0.031000"},
    "pence.csv": FRANCE,
    "ranges.csv": {
        **{f"44740{digit}": "0.030000" for digit in range(5)},
        "33": "0.015000",
        "336": "0.015000",
        "337": "0.015000",
        "1242": "0.200000",
        **{f"442{digit}": "0.010000" for digit in range(4)},
    },
    "two_columns.csv": {"5511": "0.010000", "5521": "0.010000", "55": "0.020000", "336": "0.030000"},
    "nanp.csv": {"1201200": "0.004000", "1212555": "0.005000"},
    "national.csv": {"5511": "0.010000", "5521": "0.020000"},
    "utf_16.csv": FRANCE,
    "windows_1252.csv": {"43": "0.015000", "262": "0.030000"},
    "compressed.csv.gz": FRANCE,
    "workbook.xlsx": FRANCE,
    "own_columns_small.csv": FRANCE,
}


def read(name: str, *, content: bytes | None = None):
    mapping = PRICES / f"{name.partition('.')[0]}.toml"
    has_mapping = mapping.exists()
    terms = Terms() if has_mapping or name.startswith("own") else Terms(currency="USD")
    text = (PRICES / name).read_bytes() if content is None else content
    return read_deck(text, terms, mapping=mapping.read_bytes() if has_mapping else None, now=NOON).rows


@pytest.mark.parametrize("name", DECKS)
def test_r5_a_price_list_of_each_form_becomes_its_deck(name):
    assert {row.key.prefix: str(row.rate.per_minute) for row in read(name)} == DECKS[name]


def test_r5_dates_are_read_by_their_format_and_begin_in_their_zone():
    rows = {row.key.prefix: row.valid_from for row in read("dates_and_zone.csv")}

    assert rows == {"33": datetime(2026, 1, 31, 23, tzinfo=UTC), "336": datetime(2026, 1, 30, 23, tzinfo=UTC)}


def test_r5_intervals_may_stand_in_one_column_or_have_units():
    together = [(row.rate.first_interval_s, row.rate.increment_s) for row in read("intervals_together.csv")]
    units = [(row.rate.first_interval_s, row.rate.increment_s) for row in read("units.csv")]

    assert together == [(60, 1), (30, 6), (60, 60)]
    assert units == [(60, 1), (60, 60), (1, 1)]


def test_r5_the_present_and_the_next_price_may_stand_in_one_file():
    rows = [(row.key.prefix, str(row.rate.per_minute), row.valid_from) for row in read("present_and_next.csv")]

    assert rows == [
        ("33", "0.015000", JANUARY),
        ("33", "0.017000", datetime(2026, 4, 1, tzinfo=UTC)),
        ("336", "0.030000", JANUARY),
    ]


def test_r5_a_known_list_may_have_a_column_more_and_countries_in_small_letters():
    rows = {(row.key.prefix, row.key.caller_prefixes): row.rate for row in read("twilio_with_a_column_more.csv")}

    assert {key: str(rate.per_minute) for key, rate in rows.items()} == {
        ("447", ""): "0.030500",
        ("447", "1 33"): "0.473000",
        ("3246", ""): "0.557600",
        ("324670", "30 31"): "0.038700",
    }
    assert {row.rate.country for row in read("two_columns.csv")} == {"BR", "FR"}


def test_r5_a_cell_may_hold_all_prefixes_of_a_country():
    codes = [str(code) for code in range(331_000_000, 331_020_000)]

    rows = read("utf_16.csv", content=f'Code,Rate\n"{",".join(codes)}",0.01\n'.encode())

    assert len(rows) == len(codes)


def said_of(content: bytes, *, terms: Terms = Terms(), mapping: str | None = None) -> list[str]:  # noqa: B008
    with pytest.raises(InvalidInput) as caught:
        read_deck(content, terms, mapping=None if mapping is None else mapping.encode(), now=NOON)
    return str(caught.value).splitlines()


MAPPING = '[columns]\nprefix = "Code"\nper_minute = "Rate"\ncountry = "ISO"\n[constants]\ncurrency = "USD"\n'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7\n...", "line 1: is a PDF document, and no CSV or Excel workbook"),
        (b"PK\x03\x04 of other things", "line 1: is a ZIP archive, and no CSV or Excel workbook"),
        (b"PK\x03\x04 xl/workbook.xml, damaged", "line 1: is an Excel workbook that cannot be read: "),
        (b"\xd0\xcf\x11\xe0 and no more", "line 1: is an Excel workbook that cannot be read: "),
        (b"<html><body>Sign in", "line 1: is a web page or XML, and no CSV or Excel workbook"),
        (b'{"rates": []}', "line 1: is JSON, and no CSV or Excel workbook"),
        (b"\x1f\x8b\x08 and no more", "line 1: is compressed by gzip, but damaged"),
        (b"ISO;Code;Rate\nFR;33;0.01\n", "line 1: the separator is ';': say so by `delimiter` in the mapping"),
        (b"ISO,Code\nFR,33\n", "line 1: the columns of the mapping file must be there once: Rate"),
    ],
)
def test_r5_what_cannot_be_read_is_named_as_what_it_is(content, said):
    assert said_of(content, mapping=MAPPING)[0].startswith(said)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("FR,0,1", "'0' begins no country's numbers"),
        ("FR,011,1", "'011' begins no country's numbers"),
        (",999,1", "'999' begins no country's numbers"),
        ("US,201200,1", "'201200' begins no numbers of US, whose country code is 1"),
        ("DE,33,1", "'33' begins no numbers of DE, whose country code is 49"),
        (",44-79,1", "'44-79' is not a range of prefixes of one country, like 447400-447404"),
        (",447404-447400,1", "'447404-447400' is not a range of prefixes of one country, like 447400-447404"),
        (",4400000-4499999,1", None),
        (",441000001-449999998,1", None),
    ],
)
def test_r39_a_prefix_that_begins_no_numbers_of_its_country_is_a_mistake(row, said):
    content = f"ISO,Code,Rate\n{row}\n".encode()

    if said is None:
        assert read_deck(content, mapping=MAPPING.encode(), now=NOON).rows
    else:
        assert f"line 2, Code: {said}" in said_of(content, mapping=MAPPING)


@pytest.mark.parametrize("prefix", ["0044", "+44", "44", "4", "44 20"])
def test_r39_a_prefix_may_be_written_with_what_is_dialled_abroad_and_be_less_than_a_code(prefix):
    [row] = read_deck(f"ISO,Code,Rate\nGB,{prefix},1\n".encode(), mapping=MAPPING.encode(), now=NOON).rows

    assert row.key.prefix == prefix.replace(" ", "").removeprefix("00").removeprefix("+")


def test_r39_an_operator_can_take_prefixes_of_no_country_all_the_same():
    [row] = read_deck(b"ISO,Code,Rate\nFR,999,1\n", Terms(any_prefix=True), mapping=MAPPING.encode(), now=NOON).rows

    assert row.key.prefix == "999"


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ('prepend = "x"', "mapping: prepend must be digits"),
        ('time_zone = "Paris"', "mapping: 'Paris' is not a time zone like Europe/Berlin"),
        ("sheet = 1", "mapping: sheet must be a text"),
        ("nanp = 1", "mapping: nanp must be true or false"),
    ],
)
def test_r5_a_wrong_setting_of_a_mapping_is_named(setting, said):
    assert said_of(b"", mapping=f"{setting}\n{MAPPING}") == [said]


@pytest.mark.parametrize(
    ("columns", "row", "said"),
    [
        ('valid_from = "X"', "FR,33,1,soon", "line 2, X: 'soon' is not a date like DD.MM.YYYY"),
        ('intervals = "X"', "FR,33,1,1/2/3", "line 2, X: '1/2/3' is not two intervals in seconds, like 60/1"),
        ('increment_s = "X"', "FR,33,1,1 min", "line 2, X: '1 min' is not whole seconds"),
    ],
)
def test_r5_what_a_list_writes_that_nobody_can_read_is_named(columns, row, said):
    mapping = MAPPING.replace("[columns]", f"[columns]\n{columns}")
    if "date" in said:
        mapping = f'date_format = "DD.MM.YYYY"\n{mapping}'

    assert said_of(f"ISO,Code,Rate,X\n{row}\n".encode(), mapping=mapping)[0].startswith(said)


@pytest.mark.parametrize(
    ("price", "said"),
    [
        ("€0.015", "'€0.015' is not in USD, the currency of its row"),
        ("0.015 EUR", "'0.015 EUR' is not in USD, the currency of its row"),
        ("CA$0.015 CAD", "'CA$0.015 CAD' is not in USD, the currency of its row"),
        ("$0.015", None),
        ("US$ 0.015", None),
        ("USD .015", None),
        ("0.015 per min", None),
    ],
)
def test_r5_a_price_that_says_another_currency_than_its_row_is_a_mistake(price, said):
    content = f"ISO,Code,Rate\nFR,33,{price}\n".encode()

    if said is None:
        assert [str(row.rate.per_minute) for row in read_deck(content, mapping=MAPPING.encode(), now=NOON).rows] == [
            "0.015000"
        ]
    else:
        assert f"line 2, Rate: {said}" in said_of(content, mapping=MAPPING)
