"""One file being read, whoever's columns it has: its lines, its values, and a note of every mistake."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from gateway.decks import values
from gateway.decks.tables import Unreadable, read_table
from gateway.domain.errors import InvalidInput
from gateway.domain.rates.deck import DeckRow, key_of
from gateway.domain.rates.rate import NEW, SHORT, DeckRate, RateKind

PROBLEMS_MAX = 50
INCREMENT_S = 60

T = TypeVar("T")
R = TypeVar("R")
_AS_THEY_ARE: Mapping[str, str] = MappingProxyType({})


class Texts(NamedTuple):
    """A row in our own columns, in their order, as it is written; without spaces around."""

    kind: str
    country: str
    category: str
    prefix: str
    per_minute: str
    connection_fee: str
    first_interval_s: str
    increment_s: str
    valid_from: str
    currency: str
    caller_prefixes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDeck:
    """All rows of a file; `left_out`: how many rows for exactly one number are not among them (see `price_list`).

    `warnings`: what else somebody must be told of, in sentences.
    """

    rows: list[DeckRow]
    left_out: int = 0
    warnings: tuple[str, ...] = ()

    def all_from(self, at: datetime | None) -> "ReadDeck":
        """With every row valid from one instant on, whatever the file says; None: as it says."""
        if at is None:
            return self
        if len({row.key for row in self.rows}) < len(self.rows):
            raise InvalidInput("valid_from: the file has several prices for one destination, each from another day on")
        rows = [replace(row, rate=replace(row.rate, valid_from=at)) for row in self.rows]
        return replace(self, rows=rows)


class Reading:
    """A value that does not fit is noted with its line and column, and the reading goes on.

    `names`: what our columns are called in this file; `price`: what a price's text is worth; `any_prefix`: whether a
    prefix may begin no country's numbers, or those of another than the row's own.
    """

    def __init__(
        self,
        content: bytes,
        *,
        names: Mapping[str, str] = _AS_THEY_ARE,
        price: Callable[[str], Decimal] = values.price_of,
        any_prefix: bool = False,
    ) -> None:
        self.line = 1
        self.problems: list[str] = []
        self._content = content
        self._names = names
        self._price = price
        self._any_prefix = any_prefix
        self._commons: dict[tuple[str, ...], Callable[..., DeckRate]] = {}

    def records(self, *, delimiter: str = ",", sheet: str | None = None) -> Iterator[list[str]]:
        """The lines with something in them, the header too; `line` is where the last one ended."""
        try:
            for line, record in read_table(self._content, delimiter=delimiter, sheet=sheet):
                self.line = line
                yield record
        except Unreadable as error:
            self.wrong("", str(error), line=error.line)

    def row(self, texts: Texts) -> DeckRow | None:
        """The row that some texts are, or None where something of them is wrong."""
        kind, country, category, prefix, per_minute, fee, first, increment, valid_from, currency, callers = texts
        before = len(self.problems)
        common = self._common((kind, country, category, first, increment, valid_from, currency))
        if (kind, category) == (RateKind.OUTBOUND, SHORT):
            prefix = self.convert("prefix", (country, prefix), values.short_prefix_of) or prefix
        elif kind in values.KINDS:
            prefix = self._prefix(kind, country, prefix)
        caller_prefixes = (
            self.convert("caller_prefixes", (kind, category, callers), values.caller_prefixes_of) if callers else ""
        )
        price = self.convert("per_minute", per_minute, self._price)
        connection_fee = self.convert("connection_fee", fee or "0", self._price)
        if common is None or price is None or connection_fee is None or len(self.problems) > before:
            return None
        rate = common(prefix=prefix, per_minute=price, connection_fee=connection_fee, caller_prefixes=caller_prefixes)
        return DeckRow(rate, key_of(rate), self.line)

    def _prefix(self, kind: str, country: str, text: str) -> str:
        prefix = self.convert("prefix", (kind, text), values.prefix_of)
        if prefix and not self._any_prefix:
            self.convert("prefix", prefix, lambda digits: values.require_country(digits, country))
        return prefix or text

    def twice(self, row: DeckRow, *, first_line: int) -> None:
        """Note that a row's destination stands in an earlier line as well."""
        column = "prefix" if row.key.kind == RateKind.OUTBOUND else "category"
        self.wrong(column, f"the same destination stands in line {first_line}", line=row.line)

    def wrong(self, column: str, what: str, *, line: int | None = None) -> None:
        place = f"line {line or self.line}"
        self.problems.append(f"{place}, {self._names.get(column, column)}: {what}" if column else f"{place}: {what}")

    def require_rows(self, rows: Sequence[DeckRow]) -> None:
        """InvalidInput with a line for each mistake, fifty at most, or if there is nothing at all."""
        if self.problems:
            lines = self.problems[:PROBLEMS_MAX]
            if more := len(self.problems) - len(lines):
                lines.append(f"and {more} more")
            raise InvalidInput("\n".join(lines))
        if not rows:
            raise InvalidInput("line 2: the deck has no rows")

    def _common(self, texts: tuple[str, str, str, str, str, str, str]) -> Callable[..., DeckRate] | None:
        """What most rows of a file share, read once for each combination; None where something of it is wrong."""
        if common := self._commons.get(texts):
            return common
        kind, country, category, first, increment, valid_from, currency = texts
        before = len(self.problems)
        kind_read = self.convert("kind", kind, values.kind_of)
        self.convert("country", country, values.country_of_short if category == SHORT else values.country_of)
        if kind_read is not None:
            self.convert("category", (kind, category), values.category_of)
        increment_s = self.convert("increment_s", increment, values.interval_of) or INCREMENT_S
        first_interval_s = self.convert("first_interval_s", first, values.interval_of) or increment_s
        begins = self.convert("valid_from", valid_from, values.instant_of)
        self.convert("currency", currency, values.currency_of)
        if kind_read is None or begins is None or len(self.problems) > before:
            return None
        self._commons[texts] = partial(
            DeckRate,
            id=NEW,
            kind=kind_read,
            currency=currency,
            country=country,
            category=category,
            first_interval_s=first_interval_s,
            increment_s=increment_s,
            valid_from=begins,
        )
        return self._commons[texts]

    def convert(self, column: str, value: T, convert: Callable[[T], R]) -> R | None:
        """What a text is worth, or None with a note of why it is worth nothing."""
        try:
            return convert(value)
        except ValueError as error:
            self.wrong(column, str(error))
            return None
