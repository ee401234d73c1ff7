"""R5: a mapping is proposed for a price list, by which its samples become their decks."""

import pytest

from gateway.decks import read_deck
from gateway.decks.sniffing import propose
from gateway.domain.errors import InvalidInput
from tests.support.world import NOON
from tests.unit.decks.test_forms import DECKS, PRICES

# Of these somebody must say more: what stands before a prefix, that prices are hundredths, nothing, as they are known.
TOLD = ("national.csv", "pence.csv", "own_columns_small.csv")


@pytest.mark.parametrize("name", [name for name in DECKS if name not in TOLD])
def test_r5_the_mapping_that_is_proposed_reads_the_list(name):
    content = (PRICES / name).read_bytes()

    rows = read_deck(content, mapping=propose(content).toml.encode(), now=NOON).rows

    assert {row.key.prefix: str(row.rate.per_minute) for row in rows} == DECKS[name]


def test_r5_what_a_proposal_guesses_is_said_beside_it():
    content = b"Dial code;Description;Rate EUR;Setup;Min;Incr;Effective\n33;France;0,01;0;1;1;01/02/2026\n"

    assert propose(content).toml.splitlines() == [
        'delimiter = ";"',
        'decimal_mark = ","',
        'date_format = "DD/MM/YYYY"  # or MM/DD/YYYY: the list does not tell',
        "",
        "[columns]",
        'valid_from = "Effective"',
        'connection_fee = "Setup"',
        'per_minute = "Rate EUR"',
        'prefix = "Dial code"',
        'description = "Description"',
        "",
        "[constants]",
        'currency = "EUR"',
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no column is seen for prefix and per_minute; the file has: nothing"),
        (b"a,b\nx,y\n", "no column is seen for prefix and per_minute; the file has: 1, 2"),
        (b"%PDF-1.7", "the file is a PDF document, and no CSV or Excel workbook"),
    ],
)
def test_r5_a_list_without_prefixes_or_prices_is_said_to_be_none(content, said):
    with pytest.raises(InvalidInput) as caught:
        propose(content)

    assert str(caught.value) == said
