"""What stands in each of our own columns of a deck."""

from gateway.decks.reading import Texts

# In the words of the reference, by the names of `Texts`.
MEANINGS = Texts(
    kind="What the row prices: `outbound`, `inbound` or `rent`.",
    country=(
        "A country like `DE`; empty for all. Of an outbound row it is a label; of one for short numbers it is that of"
        " the line that calls."
    ),
    category=(
        "The category of our number: `geographic`, `mobile`, `toll_free` or `national`; empty for all. A rent may be"
        " that of a `connector`. Of an outbound row it is a label, but for `short`: it prices short numbers alone."
    ),
    prefix=(
        "The first digits of the callee, without a plus; of outbound rows only. The longest prefix counts. Of a row for"
        " short numbers it is what is dialled, or its beginning."
    ),
    per_minute="The price of a minute, or of a month for a rent; six places at most.",
    connection_fee="What an answered call costs at once, or the setup fee of a rent. Empty is 0.",
    first_interval_s="How many seconds are charged at least. Empty is the increment.",
    increment_s="The steps in which seconds are charged after those. Empty is 60.",
    valid_from="From when it holds: a date, which begins in UTC, or a time with its zone.",
    currency="A currency of ISO 4217 like `USD`.",
    caller_prefixes=(
        "What callers' numbers begin with whom the row is for, separated by spaces; of outbound rows only; empty: all."
        " Of rows with the same prefix the one with the longest beginning of the caller counts. May be left out."
    ),
)
