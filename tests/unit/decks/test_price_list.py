"""R5: the price lists that providers give their customers are read by their header, or by a mapping file."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.decks import COLUMNS, ReadDeck, Terms, read_deck
from gateway.domain.errors import InvalidInput
from gateway.domain.rates.deck import DeckRow
from tests.support.world import NOON

PRICES = Path(__file__).parent / "prices"
USD = Terms(currency="USD")
TWILIO = "ISO,Country,Description,Price / min,Origination Prefixes,Destination Prefixes"
TELNYX = (
    "ISO,Country,Origination Prefixes,Destination Prefixes,Description,"
    "Interval 1,Interval N,Rate,Price Per Call,Exact Match"
)


def sample(name: str) -> bytes:
    return (PRICES / name).read_bytes()


def read_all(content: str | bytes, terms: Terms = USD, *, mapping: str | bytes | None = None) -> ReadDeck:
    return read_deck(_bytes(content), terms, mapping=None if mapping is None else _bytes(mapping), now=NOON)


def read(content: str | bytes, terms: Terms = USD, *, mapping: str | bytes | None = None) -> dict[str, DeckRow]:
    """The rows for all callers, by their prefixes."""
    rows = [row for row in read_all(content, terms, mapping=mapping).rows if not row.key.caller_prefixes]
    by_prefix = {row.key.prefix: row for row in rows}
    assert len(by_prefix) == len(rows)
    return by_prefix


def problems(content: str | bytes, terms: Terms = USD, *, mapping: str | None = None) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        read(content, terms, mapping=mapping)
    return str(caught.value).splitlines()


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def lines(header: str, *rows: str) -> str:
    return "\n".join([header, *rows, ""])


def twilio(price: str = "0.0150", *, origin: str = "", prefix: str = "49") -> str:
    country = "DE" if prefix.startswith("49") else ""
    return f'{country},Germany,Programmable Outbound Minute - Germany,{price},"{origin}","{prefix}"'


def test_r5_twilios_list_is_recognised_and_each_prefix_of_a_cell_is_a_row():
    rows = read(sample("twilio.csv"))

    by_price: dict[str, str] = {}
    for prefix, row in rows.items():
        price = str(row.rate.per_minute)
        by_price[price] = f"{by_price[price]} {prefix}" if price in by_price else prefix
    assert by_price == {
        "0.155000": "43 431",
        "0.240000": "43664 4367",
        "0.015000": "49",
        "0.039050": "4915 4916 4917",
        "0.015800": "44 44203 44207 44208",
        "0.030500": "447 447404",
        "0.014000": "1 1800 1888",
        "9.500000": "88216",
    }
    assert (rows["43664"].rate.country, rows["43664"].rate.category) == ("AT", "mobile")
    assert (rows["1800"].rate.country, rows["1800"].rate.category) == ("US", "toll_free")
    assert (rows["43"].rate.country, rows["43"].rate.category) == ("AT", "")
    assert {(row.rate.first_interval_s, row.rate.increment_s) for row in rows.values()} == {(60, 60)}
    assert {(row.key.kind, row.key.currency, row.valid_from) for row in rows.values()} == {("outbound", "USD", NOON)}
    assert (rows["4916"].line, rows["88216"].line) == (8, 13)


def test_r5_telnyxs_list_says_intervals_and_the_price_of_a_call_itself():
    rows = read(sample("telnyx.csv"))

    mobile = rows["447"].rate
    assert (str(mobile.per_minute), str(mobile.connection_fee)) == ("0.021500", "0.010000")
    assert (mobile.first_interval_s, mobile.increment_s) == (60, 1)
    assert (mobile.country, mobile.category) == ("GB", "mobile")
    assert str(rows["44"].rate.per_minute) == "0.006500"
    assert (rows["44"].rate.first_interval_s, rows["44"].rate.increment_s) == (1, 1)


def test_r5_an_x_in_a_prefix_is_any_area_code_of_the_country_and_a_prefix_spelled_out_goes_first():
    rows = read(sample("telnyx.csv"))

    assert str(rows["1416310"].rate.per_minute) == "0.750000"
    assert str(rows["1604310"].rate.per_minute) == "0.009000"
    assert "1605310" not in rows  # of the United States
    assert rows["1416310"].line == 7


def test_r5_a_pattern_that_stands_for_nothing_is_a_mistake():
    said = problems(
        lines(TELNYX, "US,,,1,,60,60,0.005,,", "CA,,,1XXX310,,60,60,0.75,,", "CA,,local,1XXX311,,60,60,1,,")
    )

    assert said == ["line 3, Destination Prefixes: '1XXX310' stands for none of the country's prefixes"]


def test_r5_a_row_for_exactly_one_number_is_taken_if_it_can_be_called_and_no_other_row_has_its_prefix():
    rows = read(sample("telnyx.csv"))

    assert str(rows["358700123"].rate.per_minute) == "1.100000"
    assert "35811" not in rows

    both = read(lines(TELNYX, "FI,,,3587001,,60,60,9,,Y", "FI,,,3587001,,60,60,1,,"))
    assert str(both["3587001"].rate.per_minute) == "1.000000"


@pytest.mark.parametrize("word", ["", "no", "No", "FALSE", "n", "0"])
def test_r5_a_row_that_is_said_not_to_be_for_exactly_one_number_is_a_prefix(word):
    read_list = read_all(lines(TELNYX, f"GB,,,44,,60,60,0.01,,{word}", f"GB,,,4420,,60,60,0.02,,{word}"))

    assert [row.key.prefix for row in read_list.rows] == ["44", "4420"]
    assert read_list.left_out == 0


@pytest.mark.parametrize("word", ["yes", "Yes", "TRUE", "y", "1"])
def test_r5_rows_for_exactly_one_number_that_are_left_out_are_counted(word):
    exact = (
        f"FI,,,35811,,60,60,9,,{word}",  # Too short to be called.
        f"FI,,local,35812,,60,60,9,,{word}",
        f"FI,,,358XX,,60,60,9,,{word}",
        f"FI,,,3587001,,60,60,9,,{word}",  # An ordinary row has the same prefix.
        f"FI,,,3587002,,60,60,9,,{word}",
    )

    read_list = read_all(lines(TELNYX, "FI,,,358,,60,60,1,,", "FI,,,3587001,,60,60,2,,", *exact))

    assert [row.key.prefix for row in read_list.rows] == ["358", "3587001", "3587002"]
    assert read_list.left_out == 4


def test_r5_a_word_that_does_not_say_whether_a_row_is_for_exactly_one_number_is_a_mistake():
    assert problems(lines(TELNYX, "GB,,,44,,60,60,0.01,,", "GB,,,4420,,60,60,0.02,,maybe")) == [
        "line 3, Exact Match: 'maybe' is not yes or no, true or false, y or n, 1 or 0, or empty for no"
    ]


def prices(content: str, terms: Terms = USD) -> dict[tuple[str, str], str]:
    """Per minute, by prefix and callers."""
    rows = read_all(content, terms).rows
    return {(row.key.prefix, row.key.caller_prefixes): str(row.rate.per_minute) for row in rows}


def test_r39_a_row_for_some_callers_is_kept_for_them_dearer_or_cheaper():
    content = lines(TWILIO, twilio("0.01", origin="1"), twilio("0.15"), twilio("0.4730", origin="+31, 30"))

    assert prices(content) == {("49", ""): "0.150000", ("49", "1"): "0.010000", ("49", "30 31"): "0.473000"}


def test_r39_a_destination_may_have_prices_for_some_callers_only_and_the_shorter_row_is_for_the_others():
    content = lines(TWILIO, twilio("0.5576", prefix="3246"), twilio("0.0387", origin="30, 31", prefix="324670"))

    assert prices(content) == {("3246", ""): "0.557600", ("324670", "30 31"): "0.038700"}


def test_r39_the_dearest_counts_for_all_where_the_operator_says_so_and_is_never_cheaper_than_the_shorter_row():
    dearest = Terms(currency="USD", dearest_origin=True)
    cheaper = lines(TWILIO, twilio("0.5576", prefix="3246"), twilio("0.0387", origin="30, 31", prefix="324670"))
    dearer = lines(TWILIO, twilio("0.0305", prefix="447"), twilio("0.473", origin="33", prefix="447, 44740"))
    alone = lines(TWILIO, twilio("0.2", origin="33", prefix="4915"), twilio("0.1", origin="34", prefix="4915"))

    assert prices(cheaper, dearest) == {("3246", ""): "0.557600"}
    assert prices(dearer, dearest) == {("447", ""): "0.473000"}  # 44740 costs the same by it
    assert prices(alone, dearest) == {("4915", ""): "0.200000"}


def test_r39_of_callers_whom_no_prefix_names_the_dearest_counts_for_all_and_it_is_said():
    content = lines(TELNYX, "GB,,,44,,60,60,0.02,,", "GB,,local,44,,60,60,0.01,,", "GB,,zone 1,447,,60,60,0.4,0.1,")

    read_list = read_all(content)

    assert {row.key.prefix: str(row.rate.per_minute) for row in read_list.rows} == {"44": "0.020000", "447": "0.400000"}
    assert str(read_list.rows[1].rate.connection_fee) == "0.100000"
    assert read_list.warnings == (
        "rows for some callers that cost no more than those for all, and are left out: 1",
        "rows for some callers that cost more than those for all, so that the dearest counts for all: 1",
    )


def test_r39_a_dearer_part_of_a_price_for_some_makes_that_part_count_for_all():
    [row] = read_all(lines(TELNYX, "GB,,,44,,1,1,0.02,0.3,", "GB,,local,44,,60,60,0.01,,")).rows

    parts = (str(row.rate.per_minute), str(row.rate.connection_fee), row.rate.first_interval_s, row.rate.increment_s)
    assert parts == ("0.020000", "0.300000", 60, 60)


def test_r39_a_destination_with_prices_for_callers_whom_no_prefix_names_alone_is_a_mistake():
    content = lines(TELNYX, "DE,,,49,,60,60,0.01,,", "GB,,local,44,,60,60,0.02,,")

    assert problems(content) == [
        "line 3, Origination Prefixes: 44 has prices for some callers only, so none for the others"
    ]


def test_r39_a_pattern_for_some_callers_is_for_them_alone():
    content = lines(TELNYX, "CA,,,1416,,60,60,0.01,,", "CA,,44,1XXX310,,60,60,0.5,,", "CA,,local,1XXX311,,60,60,0.6,,")

    assert prices(content) == {("1416", ""): "0.010000", ("1416310", "44"): "0.500000", ("1416311", ""): "0.600000"}


def test_r39_two_rows_for_the_same_callers_are_a_mistake():
    assert problems(lines(TWILIO, twilio(), twilio("1", origin="30, 31"), twilio("2", origin="31,30"))) == [
        "line 4, Destination Prefixes: the same destination stands in line 3"
    ]


def test_r5_two_rows_for_all_callers_are_a_mistake_unless_they_say_the_same():
    assert list(read(lines(TWILIO, twilio(), twilio()))) == ["49"]
    assert problems(lines(TWILIO, twilio(), twilio("0.0151", origin="ALL", prefix="48, 49"))) == [
        "line 3, Destination Prefixes: the same destination stands in line 2"
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (twilio("free"), "line 2, Price / min: 'free' is not an amount like 0.0270"),
        (twilio(""), "line 2, Price / min: '' is not an amount like 0.0270"),
        (twilio("99999999999"), "line 2, Price / min: '99999999999' is not an amount like 0.0270"),
        (twilio("1000000001"), "line 2, Price / min: '1000000001' is more than 1000000000"),
        (twilio(prefix=""), "line 2, Destination Prefixes: '' is not 1 to 15 digits without a plus, like 44"),
        (
            twilio(prefix="49, 4-9"),
            "line 2, Destination Prefixes: '4-9' is not a range of prefixes of one country, like 447400-447404",
        ),
        (twilio("x", origin="1"), "line 2, Price / min: 'x' is not an amount like 0.0270"),
        ("DE,Germany,x,1", "line 2: has 4 columns instead of 6"),
    ],
)
def test_r5_a_bad_row_of_a_list_is_named_by_its_line_and_the_providers_column(row, said):
    assert problems(lines(TWILIO, row)) == [said]


def test_r5_a_list_without_rows_is_refused():
    assert problems(lines(TWILIO)) == ["line 2: the deck has no rows"]


@pytest.mark.parametrize(
    ("markup", "price", "expected"),
    [
        ("20", "0.0150", "0.018000"),
        ("12.5", "0.0333", "0.037463"),  # 0.0374625, half-up
        ("0", "0.01234549", "0.012345"),
        (None, "0.0123455", "0.012346"),
        ("-99.9", "0.5", "0.000500"),
        ("20", "0", "0.000000"),
        ("33.333333", "0.03", "0.040000"),
        ("0", "900000000.00000049999999999999", "900000000.000000"),  # Of 28 digits it would be half a millionth.
    ],
)
def test_r1_a_markup_is_exact_and_rounded_once(markup, price, expected):
    terms = Terms(currency="USD", markup=None if markup is None else Decimal(markup))

    assert str(read(lines(TWILIO, twilio(price)), terms)["49"].rate.per_minute) == expected


@pytest.mark.parametrize(("markup", "price"), [(None, "0.0000004"), ("0", "0.00000049"), ("-99.9999", "0.1")])
def test_r1_a_price_never_becomes_free_by_rounding(markup, price):
    terms = Terms(currency="USD", markup=None if markup is None else Decimal(markup))

    assert problems(lines(TWILIO, twilio("0"), twilio(price, prefix="48")), terms) == [
        f"line 3, Price / min: {price!r} would be rounded to 0, and so be free"
    ]


def test_r1_a_fee_never_becomes_free_by_rounding():
    assert problems(lines(TELNYX, "GB,,,44,,60,60,0.01,0.0000004,")) == [
        "line 2, Price Per Call: '0.0000004' would be rounded to 0, and so be free"
    ]


@pytest.mark.parametrize("markup", ["-100", "-101", "100001", "NaN"])
def test_a_markup_is_a_percentage(markup):
    assert problems(lines(TWILIO, twilio()), Terms(currency="USD", markup=Decimal(markup))) == [
        f"markup: {markup} is not a percentage above -100 and up to 100000"
    ]


def test_r5_what_a_list_does_not_say_is_said_with_it():
    terms = Terms(currency="EUR", valid_from="2026-12-01", increment_s=6)

    row = read(lines(TWILIO, twilio()), terms)["49"]

    assert (row.key.currency, row.valid_from) == ("EUR", datetime(2026, 12, 1, tzinfo=UTC))
    assert (row.rate.first_interval_s, row.rate.increment_s) == (6, 6)


@pytest.mark.parametrize(
    ("content", "terms", "said"),
    [
        (lines(TWILIO, twilio()), Terms(), "currency: the price list does not say it, so it must be given"),
        (lines(TWILIO, twilio()), Terms(currency="EURO"), "line 2, currency: 'EURO' is not a currency"),
        (lines(TWILIO, twilio()), Terms(currency="USD", valid_from="soon"), "line 2, valid_from: 'soon' is not a date"),
        (
            lines(TWILIO, twilio()),
            Terms(currency="USD", increment_s=0),
            "line 2, increment_s: '0' is not whole seconds",
        ),
        (
            sample("telnyx.csv"),
            Terms(currency="USD", increment_s=60),
            "increment_s: the list says it itself, in its column 'Interval N'",
        ),
        (
            lines(",".join(COLUMNS)),
            Terms(markup=Decimal(0)),
            "markup: is for price lists of providers, and this is none",
        ),
        (lines(",".join(COLUMNS)), USD, "currency: is for price lists of providers, and this is none"),
        ("Country,Rate\nDE,1\n", Terms(), "line 1: the columns must be kind,country"),
        (b"\xff\xfe", Terms(), "line 1: the columns must be kind,country"),
    ],
)
def test_r5_terms_that_do_not_fit_are_refused(content, terms, said):
    assert problems(content, terms)[0].startswith(said)


def test_r5_a_mapping_file_reads_a_list_whose_header_is_not_known():
    rows = read(sample("didww.csv"), Terms(), mapping=sample("didww.toml"))

    assert {
        prefix: (str(row.rate.per_minute), row.rate.first_interval_s, row.rate.increment_s)
        for prefix, row in rows.items()
    } == {
        "43": ("0.155000", 60, 60),
        "43664": ("0.240000", 60, 1),
        "44": ("0.015800", 1, 1),
        "447": ("0.030500", 1, 1),
    }
    assert str(rows["43664"].rate.connection_fee) == "0.010000"
    assert (rows["43664"].rate.country, rows["43664"].rate.category) == ("", "mobile")


SEMICOLONS = """
delimiter = ";"
decimal_mark = ","
prefix_separator = " "

[columns]
country = "Land"
category = "Art"
prefix = "Vorwahl"
per_minute = "Preis"

[categories]
"Mobil" = "mobile"

[constants]
currency = "EUR"
increment_s = 1
valid_from = 2026-12-01
"""


def test_r5_a_mapping_file_says_delimiter_decimal_mark_separator_categories_and_constants():
    rows = read("Land;Art;Vorwahl;Preis;x\nat;Mobil;+43664 +43676;0,1;y\n", Terms(), mapping=SEMICOLONS)

    assert list(rows) == ["43664", "43676"]
    row = rows["43676"]
    assert (row.key.currency, str(row.rate.per_minute), (row.rate.country, row.rate.category)) == (
        "EUR",
        "0.100000",
        ("AT", "mobile"),
    )
    assert (row.rate.increment_s, row.valid_from) == (1, datetime(2026, 12, 1, tzinfo=UTC))
    assert problems("Land;Art;Vorwahl;Preis\nAT;Fest;43;0.1\n", Terms(), mapping=SEMICOLONS) == [
        "line 2, Art: 'Fest' is not one of geographic, mobile, toll_free, national, short, or empty for all",
        "line 2, Preis: '0.1' is not an amount like 0,0270",
    ]
    assert problems("Land;Vorwahl;Preis\n", Terms(), mapping=SEMICOLONS) == [
        "line 1: the columns of the mapping file must be there once: Art"
    ]


def test_r6_a_mapping_file_reads_rents_as_well():
    mapping = """
        [columns]
        country = "ISO"
        category = "Type"
        per_minute = "Monthly"
        connection_fee = "Setup"
        [categories]
        Local = "geographic"
        [constants]
        kind = "rent"
        currency = "USD"
    """

    [row] = read_deck(b"ISO,Type,Monthly,Setup\nDE,Local,1.15,0.5\n", mapping=mapping.encode(), now=NOON).rows

    assert (row.key.kind, row.key.country, row.key.category, row.key.prefix) == ("rent", "DE", "geographic", "")
    assert (str(row.rate.per_minute), str(row.rate.connection_fee)) == ("1.150000", "0.500000")


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("delimiter", "mapping: is not TOML: "),
        (b"\xff", "mapping: is not TOML: "),
        ("", "mapping: columns must name the one of per_minute"),
        ('speed = 1\n[columns]\nper_minute = "p"', "mapping: 'speed' is not one of delimiter, decimal_mark"),
        ('[columns]\nper_minute = "p"\nprice = "q"', "mapping: columns: 'price' is not one of kind, country"),
        ('columns = "p"', "mapping: columns must be a table"),
        (
            '[columns]\nper_minute = "p"\n[constants]\nper_minute = 1',
            "mapping: per_minute is in columns and in constants",
        ),
        ('[columns]\nper_minute = "p"\n[constants]\nconnection_fee = 0.1', "mapping: constants.connection_fee must be"),
        ('delimiter = ""\n[columns]\nper_minute = "p"', "mapping: delimiter must be one character"),
        ('decimal_mark = ";"\n[columns]\nper_minute = "p"', "mapping: decimal_mark must be . or ,"),
        ('for_all = "x"\n[columns]\nper_minute = "p"', "mapping: for_all must be a list of texts"),
        ('leaves_out_unpriced = 1\n[columns]\nper_minute = "p"', "mapping: leaves_out_unpriced must be true or false"),
    ],
)
def test_r5_a_wrong_mapping_file_is_refused(mapping, said):
    assert problems("p\n1\n", mapping=mapping)[0].startswith(said)
