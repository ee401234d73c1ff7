"""What may stand in a cell of a deck: each function gives the value, or raises ValueError that says what would fit."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

from gateway.currencies import require_currency
from gateway.domain.errors import InvalidInput
from gateway.domain.lines.line import CATEGORIES
from gateway.domain.money import parse_amount
from gateway.domain.rates.rate import SHORT, RateKind
from gateway.numbers.entered import entered_prefix
from gateway.numbers.metadata import begins_a_code, code_of_country, code_of_prefix, has_plan
from gateway.numbers.short import begins_short_number

# So that no hour of any call can be dearer than an amount can be.
PRICE_MAX = Decimal(1_000_000_000)
INTERVAL_S_MAX = 3600
YEARS = range(2000, 2200)
KINDS = {kind.value: kind for kind in RateKind}

# A row without one is for all of them.
_NUMBER_CATEGORIES = ("", *CATEGORIES)
_CATEGORIES = {
    RateKind.OUTBOUND: (*_NUMBER_CATEGORIES, SHORT),
    RateKind.INBOUND: _NUMBER_CATEGORIES,
    RateKind.RENT: (*_NUMBER_CATEGORIES, "connector"),
}
_PRICE = re.compile(r"[0-9]{1,10}(\.[0-9]{1,20})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COUNTRY = re.compile(r"([A-Z]{2}|001)?")
_PREFIX = re.compile(r"[0-9]{1,15}")
_SHORT_PREFIX = re.compile(r"[0-9]{1,6}")


def kind_of(text: str) -> RateKind:
    if text not in KINDS:
        raise ValueError(f"{text!r} is not one of {', '.join(KINDS)}")
    return KINDS[text]


@lru_cache(maxsize=4096)
def country_of(text: str) -> str:
    if _COUNTRY.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not a country like DE, 001 for none, or empty for all")
    return text


def country_of_short(text: str) -> str:
    """Short numbers are those of a country, and mean something else in another."""
    if not has_plan(text):
        raise ValueError(f"{text!r} is not the country of a short number, like DE")
    return text


@lru_cache(maxsize=4096)
def category_of(kind_and_text: tuple[str, str]) -> str:
    kind, text = kind_and_text
    allowed = _CATEGORIES[KINDS[kind]]
    if text not in allowed:
        raise ValueError(f"{text!r} is not one of {', '.join(allowed[1:])}, or empty for all")
    return text


def prefix_of(kind_and_text: tuple[str, str]) -> str:
    kind, text = kind_and_text
    if kind != RateKind.OUTBOUND:
        if text:
            raise ValueError(f"must be empty: a rate of the kind {kind} is found by country and category")
        return text
    if _PREFIX.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not 1 to 15 digits without a plus, like 44")
    prefix = entered_prefix(text)
    if prefix is None:
        raise ValueError(f"{text!r} ends in a trunk digit, which no number of that country begins with")
    return prefix


@lru_cache(maxsize=65_536)
def require_country(prefix: str, country: str) -> None:
    """A prefix begins numbers of an assigned country, and of the row's own where it names one (R39)."""
    if not code_of_prefix(prefix) and not begins_a_code(prefix):
        raise ValueError(f"{prefix!r} begins no country's numbers")
    own = code_of_country(country)
    if own and not prefix.startswith(own) and not own.startswith(prefix):
        raise ValueError(f"{prefix!r} begins no numbers of {country}, whose country code is {own}")


@lru_cache(maxsize=4096)
def short_prefix_of(country_and_text: tuple[str, str]) -> str:
    """A short number, or what some of a country begin with."""
    country, text = country_and_text
    if _SHORT_PREFIX.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not a short number of 1 to 6 digits, or its beginning, like 118")
    if has_plan(country) and not begins_short_number(text, country):
        raise ValueError(f"no short number of {country} begins with {text}")
    return text


@lru_cache(maxsize=4096)
def caller_prefixes_of(row: tuple[str, str, str]) -> str:
    """What callers begin with whom a row is for, separated by spaces or commas, in one spelling."""
    kind, category, text = row
    if kind != RateKind.OUTBOUND or category == SHORT:
        raise ValueError("must be empty: only outbound rates of long numbers may be for some callers")
    written = text.replace(",", " ").split()
    prefixes = {entered_prefix(each) if _PREFIX.fullmatch(each.removeprefix("+")) else None for each in written}
    if None in prefixes:
        raise ValueError(f"{text!r} is not what callers' numbers begin with, like 30 31")
    return " ".join(sorted(filter(None, prefixes)))


def decimal_of(text: str) -> Decimal:
    """A price as it is written, with all of its places."""
    if _PRICE.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not an amount like 0.0270")
    price = Decimal(text)
    if price > PRICE_MAX:
        raise ValueError(f"{text!r} is more than {PRICE_MAX}")
    return price


@lru_cache(maxsize=65_536)
def price_of(text: str) -> Decimal:
    """A price of our own: six places at most."""
    decimal_of(text)
    try:
        return parse_amount(text)
    except InvalidInput as error:
        raise ValueError(str(error)) from None


@lru_cache(maxsize=4096)
def interval_of(text: str) -> int:
    """Nothing is 0: the default."""
    if not text:
        return 0
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0
    if not 1 <= seconds <= INTERVAL_S_MAX:
        raise ValueError(f"{text!r} is not whole seconds from 1 to {INTERVAL_S_MAX}")
    return seconds


@lru_cache(maxsize=4096)
def instant_of(text: str) -> datetime:
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
def currency_of(text: str) -> str:
    try:
        return require_currency(text)
    except InvalidInput:
        raise ValueError(f"{text!r} is not a currency of ISO 4217 like USD") from None
