"""Read a rate deck in our own columns: CSV in, rows out, or every mistake by its line and column."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple, TypeAlias, TypeVar

from gateway.domain.deck import DeckKey, DeckRow, Prices, RateKind
from gateway.domain.errors import InvalidInput
from gateway.domain.money import parse_amount
from gateway.usecases.currencies import require_currency

COLUMNS = (
    "kind",
    "country",
    "category",
    "prefix",
    "per_minute",
    "connection_fee",
    "first_interval_s",
    "increment_s",
    "valid_from",
    "currency",
)
PROBLEMS_MAX = 50
# So that no hour of any call can be dearer than an amount can be.
PRICE_MAX = Decimal(1_000_000_000)
INTERVAL_S_MAX = 3600
INCREMENT_S = 60
YEARS = range(2000, 2200)

_KINDS = {kind.value: kind.value for kind in RateKind}
_NUMBER_CATEGORIES = ("", "geographic", "mobile", "toll_free", "national")
_CATEGORIES = {
    RateKind.OUTBOUND: _NUMBER_CATEGORIES,
    RateKind.INBOUND: _NUMBER_CATEGORIES,
    RateKind.RENT: (*_NUMBER_CATEGORIES, "connector"),
}
_PRICE = re.compile(r"[0-9]{1,10}(\.[0-9]{1,20})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COUNTRY = re.compile(r"([A-Z]{2}|001)?")
_PREFIX = re.compile(r"[0-9]{1,15}")

T = TypeVar("T")
R = TypeVar("R")
_Order: TypeAlias = Callable[[Sequence[str]], tuple[str, ...]]


def read_deck(content: bytes) -> list[DeckRow]:
    """All rows, or InvalidInput with a line for each mistake, fifty at most."""
    reading = _Reading()
    rows = [row for row in reading.rows(content) if row is not None]
    if reading.problems:
        shown = reading.problems[:PROBLEMS_MAX]
        if more := len(reading.problems) - len(shown):
            shown.append(f"and {more} more")
        raise InvalidInput("\n".join(shown))
    if not rows:
        raise InvalidInput("line 2: the deck has no rows")
    return rows


class _Common(NamedTuple):
    labels: tuple[str, str]
    first_interval_s: int
    increment_s: int
    valid_from: datetime


class _Reading:
    """One file being read; a value that does not fit is noted, and the reading goes on."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._first_lines: dict[DeckKey, int] = {}
        self._commons: dict[tuple[str, ...], _Common] = {}
        self._line = 1

    def rows(self, content: bytes) -> Iterator[DeckRow | None]:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self._wrong("", f"is not UTF-8 at byte {error.start}", line=content.count(b"\n", 0, error.start) + 1)
            return
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            order = self._order(next(reader, []))
            if order is None:
                return
            for values in reader:
                self._line = reader.line_num
                if values:
                    yield self._row(values, order)
        except csv.Error as error:
            self._wrong("", f"is not CSV: {error}", line=reader.line_num)

    def _order(self, header: Sequence[str]) -> _Order | None:
        """Where each of our columns stands in the file."""
        names = [name.strip() for name in header]
        missing = [name for name in COLUMNS if name not in names]
        unknown = [name for name in names if name not in COLUMNS]
        if missing or unknown or len(names) != len(COLUMNS):
            self._wrong("", f"the columns must be {','.join(COLUMNS)}")
            return None
        return itemgetter(*(names.index(name) for name in COLUMNS))

    def _row(self, values: list[str], order: _Order) -> DeckRow | None:
        if len(values) != len(COLUMNS):
            self._wrong("", f"has {len(values)} columns instead of {len(COLUMNS)}")
            return None
        kind, country, category, prefix, per_minute, fee, first, increment, valid_from, currency = map(
            str.strip, order(values)
        )
        before = len(self.problems)
        common = self._common((kind, country, category, first, increment, valid_from, currency))
        if kind in _KINDS:
            self._convert("prefix", (kind, prefix), _prefix)
        price = self._convert("per_minute", per_minute, _price)
        connection_fee = self._convert("connection_fee", fee or "0", _price)
        if common is None or price is None or connection_fee is None or len(self.problems) > before:
            return None
        is_outbound = kind == RateKind.OUTBOUND
        key = DeckKey(kind, currency, "", "", prefix) if is_outbound else DeckKey(kind, currency, country, category, "")
        first_line = self._first_lines.setdefault(key, self._line)
        if first_line != self._line:
            self._wrong("prefix" if is_outbound else "category", f"the same destination stands in line {first_line}")
        prices = Prices(price, connection_fee, common.first_interval_s, common.increment_s, common.labels)
        return DeckRow(key, prices, common.valid_from, self._line)

    def _common(self, texts: tuple[str, str, str, str, str, str, str]) -> _Common | None:
        """What most rows of a file share, read once for each combination; None where something of it is wrong."""
        if common := self._commons.get(texts):
            return common
        kind, country, category, first, increment, valid_from, currency = texts
        before = len(self.problems)
        self._convert("kind", kind, _kind)
        self._convert("country", country, _country)
        if kind in _KINDS:
            self._convert("category", (kind, category), _category)
        increment_s = self._convert("increment_s", increment, _interval) or INCREMENT_S
        first_interval_s = self._convert("first_interval_s", first, _interval) or increment_s
        begins = self._convert("valid_from", valid_from, _instant)
        self._convert("currency", currency, _currency)
        if begins is None or len(self.problems) > before:
            return None
        labels = (country, category) if kind == RateKind.OUTBOUND else ("", "")
        self._commons[texts] = _Common(labels, first_interval_s, increment_s, begins)
        return self._commons[texts]

    def _convert(self, column: str, value: T, convert: Callable[[T], R]) -> R | None:
        try:
            return convert(value)
        except ValueError as error:
            self._wrong(column, str(error))
            return None

    def _wrong(self, column: str, what: str, *, line: int | None = None) -> None:
        place = f"line {line or self._line}"
        self.problems.append(f"{place}, {column}: {what}" if column else f"{place}: {what}")


def _kind(text: str) -> str:
    if text not in _KINDS:
        raise ValueError(f"{text!r} is not one of {', '.join(_KINDS)}")
    return text


@lru_cache(maxsize=4096)
def _country(text: str) -> str:
    if _COUNTRY.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not a country like DE, 001 for none, or empty for all")
    return text


@lru_cache(maxsize=4096)
def _category(kind_and_text: tuple[str, str]) -> str:
    kind, text = kind_and_text
    allowed = _CATEGORIES[RateKind(kind)]
    if text not in allowed:
        raise ValueError(f"{text!r} is not one of {', '.join(allowed[1:])}, or empty for all")
    return text


def _prefix(kind_and_text: tuple[str, str]) -> str:
    kind, text = kind_and_text
    if kind != RateKind.OUTBOUND:
        if text:
            raise ValueError(f"must be empty: a rate of the kind {kind} is found by country and category")
    elif _PREFIX.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not 1 to 15 digits without a plus, like 44")
    return text


@lru_cache(maxsize=65_536)
def _price(text: str) -> Decimal:
    if _PRICE.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not an amount like 0.0270")
    try:
        price = parse_amount(text)
    except InvalidInput as error:
        raise ValueError(str(error)) from None
    if price > PRICE_MAX:
        raise ValueError(f"{text!r} is more than {PRICE_MAX}")
    return price


@lru_cache(maxsize=4096)
def _interval(text: str) -> int:
    """Nothing is 0: the default."""
    if not text:
        return 0
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0
    if not 1 <= seconds <= INTERVAL_S_MAX:
        raise ValueError(f"{text!r} is not whole seconds from 1 to {INTERVAL_S_MAX}")
    return seconds


@lru_cache(maxsize=4096)
def _instant(text: str) -> datetime:
    """A date is the first instant of it in UTC."""
    message = f"{text!r} is not a date like 2026-01-01 or a time with its zone like 2026-01-01T00:00:00Z"
    try:
        if _DATE.fullmatch(text):
            day = date.fromisoformat(text)
            at = datetime(day.year, day.month, day.day, tzinfo=UTC)
        else:
            at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(message) from None
    if at.tzinfo is None or at.year not in YEARS:
        raise ValueError(message)
    return at.astimezone(UTC)


@lru_cache(maxsize=4096)
def _currency(text: str) -> str:
    try:
        return require_currency(text)
    except InvalidInput:
        raise ValueError(f"{text!r} is not a currency of ISO 4217 like USD") from None
