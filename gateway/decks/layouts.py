"""The price lists that providers give their customers: which column of theirs is which of ours.

- **Twilio**, voice prices: `ISO,Country,Description,Price / min,Origination Prefixes,Destination Prefixes`, both lists
  of prefixes separated by commas in one quoted cell. The file is `OutboundVoicePricing.csv`, public below
  assets.cdn.prod.twilio.com/pricing-csv. Confirmed by two independent public programs that read it and quote the
  header alike, one of which says that it read the file on 2026-10-09. Looked up 2026-11-22.
- **Telnyx**, "Global Conversational" rate deck of Mission Control: `ISO,Country,Origination Prefixes,Destination
  Prefixes,Description,Interval 1,Interval N,Rate,Price Per Call,Exact Match`. Confirmed by three independent public
  programs that read it, two of which quote the header, alike; Telnyx itself documents it nowhere. A fourth describes
  the deck of 2026-08-28: 262,073 rows, all but 1,158 by 60/60, and prefixes such as `1XXX310`, where an X is any digit
  of the country's area codes. Looked up 2026-11-22.
- **Plivo** and **Voximplant**: unconfirmed. Plivo's console offers a file whose columns stand nowhere in public;
  Voximplant documents prices as JSON (GetResourcePrice) and no file at all. Both are read by a mapping file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.decks.headers import plain

EVERY_ORIGIN = ("", "ALL", "ROW")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How to read a list. `columns`: ours, and origin, description, exact, to theirs; `constants`: ours to a text.

    `header`: all columns of a list that is recognised by them; `categories`: the provider's words to ours; `for_all`:
    what stands in the column of origins of rows that are for all callers, or for all that no other row is for.
    `before_prefix`: columns whose digits go before a prefix, `prepend`: digits that go before all of them; `nanp`: the
    prefixes are area codes of the country code 1. A list without a header has its columns by their numbers. Dates are
    read by `date_format` and begin in `time_zone`; `hundredths`: prices are pence or cents. `sheet`: of a workbook.
    """

    name: str
    columns: Mapping[str, str]
    header: Sequence[str] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] | None = None
    delimiter: str = ","
    decimal_mark: str = "."
    prefix_separator: str = ","
    for_all: Sequence[str] = EVERY_ORIGIN
    leaves_out_unpriced: bool = False
    has_header: bool = True
    before_prefix: Sequence[str] = ()
    prepend: str = ""
    nanp: bool = False
    date_format: str | None = None
    time_zone: str | None = None
    hundredths: bool = False
    sheet: str | None = None

    def is_of(self, names: Sequence[str]) -> bool:
        """Whether a header, in plain names, is that of a list that we know; it may have more columns."""
        return bool(self.header) and {plain(name) for name in self.header} <= set(names)

    def missing(self, names: Sequence[str]) -> list[str]:
        """The columns that are needed and do not stand in a header once."""
        needed = (*self.columns.values(), *self.before_prefix)
        return [name for name in dict.fromkeys(needed) if names.count(plain(name)) != 1]


_TWILIO = Layout(
    name="Twilio",
    header=("ISO", "Country", "Description", "Price / min", "Origination Prefixes", "Destination Prefixes"),
    columns={
        "country": "ISO",
        "description": "Description",
        "per_minute": "Price / min",
        "origin": "Origination Prefixes",
        "prefix": "Destination Prefixes",
    },
    constants={"kind": "outbound"},
)
_TELNYX = Layout(
    name="Telnyx",
    header=(
        *("ISO", "Country", "Origination Prefixes", "Destination Prefixes", "Description"),
        *("Interval 1", "Interval N", "Rate", "Price Per Call", "Exact Match"),
    ),
    columns={
        "country": "ISO",
        "origin": "Origination Prefixes",
        "prefix": "Destination Prefixes",
        "description": "Description",
        "first_interval_s": "Interval 1",
        "increment_s": "Interval N",
        "per_minute": "Rate",
        "connection_fee": "Price Per Call",
        "exact": "Exact Match",
    },
    constants={"kind": "outbound"},
)
KNOWN = (_TWILIO, _TELNYX)
