"""What calls and numbers cost, by country, prefix or full number (R6)."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import phonenumbers

from gateway.countries import ENGLISH, country_name, find_country
from gateway.currencies import require_currency
from gateway.domain.errors import InvalidInput, NotFound
from gateway.domain.rates.prices import PriceOf, prices_of
from gateway.domain.rates.rate import DeckRate, RateKind
from gateway.numbers import metadata
from gateway.numbers.entered import entered_number
from gateway.postgres import rates
from gateway.postgres.accounts import accounts
from gateway.postgres.types import PgConnection

DIGITS_MAX = 15
_DIGITS = re.compile(r"\+?[0-9]+")
_SPACING = str.maketrans("", "", " -().\u00a0")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRate:
    """A row that applies, or will from `valid_from` on (`is_future`).

    Calls have the prices of 1, 5 and 60 minutes; rents have `month` and `setup_fee` instead of what is per minute.
    """

    kind: str
    currency: str
    country: str
    category: str
    prefix: str
    caller_prefixes: str
    per_minute: Decimal | None
    connection_fee: Decimal | None
    first_interval_s: int | None
    increment_s: int | None
    prices: list[PriceOf]
    month: Decimal | None
    setup_fee: Decimal | None
    valid_from: datetime
    is_future: bool
    # Where a row of another country prices the one that was asked for, in words.
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRates:
    """As many as were asked for; `more`: how many were left out."""

    rates: list[FoundRate]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """In whose money and words a search is answered."""

    currency: str
    languages: tuple[str, ...]


async def search_rates(
    conn: PgConnection,
    *,
    query: str,
    now: datetime,
    currency: str | None = None,
    account_id: int | None = None,
    caller: str | None = None,
    limit: int | None = None,
) -> FoundRates:
    """The rates that a country, a prefix or a full number is about, outbound ones first.

    Of a number it is the one for all callers, with those for some of them that go before it, or the one for a `caller`.
    InvalidInput where the query is none of these or names several countries, or the currency is not clear. What is
    computed for each row is computed in a thread, as short prefixes have hundreds of thousands.
    """
    asker = await asker_of(conn, currency=currency, account_id=account_id, now=now)
    digits = query.translate(_SPACING)
    number = None if caller is None else _caller(caller, query)
    if _DIGITS.fullmatch(digits) is None:
        country = find_country(query, languages=asker.languages)
        asked_for = country
        outbound = await _outbound_of(conn, asker, country, now=now)
        rows = [*outbound, *await numbers_of(conn, asker, country, now=now)]
        total = len(rows)
    else:
        rows, total = await _by_digits(conn, asker, digits.removeprefix("+"), caller=number, now=now, limit=limit)
        asked_for = metadata.country_of(full_number(query) or "")
    wanted = rows[:limit]
    shown = await asyncio.to_thread(_found_rates, wanted, asked_for, now=now)
    return FoundRates(rates=shown, more=total - len(wanted))


async def asker_of(conn: PgConnection, *, currency: str | None, account_id: int | None, now: datetime) -> Asker:
    """Who asks: an account, or an operator who says in which currency, unless there is only one."""
    if account_id is not None:
        account = await accounts.require(conn, account_id=account_id)
        languages = dict.fromkeys((account.language, ENGLISH))
        return Asker(currency=require_currency(currency or account.currency), languages=tuple(languages))
    if currency is not None:
        return Asker(currency=require_currency(currency), languages=(ENGLISH,))
    currencies = await rates.currencies(conn, now=now)
    if not currencies:
        raise NotFound("there are no rates yet: import a deck")
    if len(currencies) > 1:
        raise InvalidInput("currency: there are rates in {currencies}; say which", currencies=", ".join(currencies))
    return Asker(currency=currencies[0], languages=(ENGLISH,))


async def numbers_of(conn: PgConnection, asker: Asker, country: str, *, now: datetime) -> list[DeckRate]:
    """The inbound and rent rows that numbers of a country have or will have.

    A row for all countries is left out where one of the country goes before it.
    """
    rows = await rates.of_numbers(conn, currency=asker.currency, country=country, now=now)
    own = {(row.kind, row.category) for row in rows if row.country and row.valid_from <= now}
    return [row for row in rows if row.country or not {(row.kind, row.category), (row.kind, "")} & own]


def _found_rate(row: DeckRate, asked_for: str, *, now: datetime) -> FoundRate:
    """A row as it is shown; what calls cost is what they will be charged. `asked_for` is a country, empty if none."""
    is_rent = row.kind == RateKind.RENT
    return FoundRate(
        kind=row.kind,
        currency=row.currency,
        country=_country(row),
        category=row.category,
        prefix=row.prefix,
        caller_prefixes=row.caller_prefixes,
        per_minute=None if is_rent else row.per_minute,
        connection_fee=None if is_rent else row.connection_fee,
        first_interval_s=None if is_rent else row.first_interval_s,
        increment_s=None if is_rent else row.increment_s,
        prices=[] if is_rent else prices_of(row),
        month=row.month if is_rent else None,
        setup_fee=row.setup_fee if is_rent else None,
        valid_from=row.valid_from,
        is_future=row.valid_from > now,
        note=_note(row, asked_for),
    )


def full_number(query: str) -> str | None:
    """The number in E.164 that a query is, with or without its plus; None: it is none."""
    digits = query.translate(_SPACING)
    number = f"+{digits.removeprefix('+')}"
    return number if _DIGITS.fullmatch(digits) and metadata.is_possible(number) else None


async def _outbound_of(conn: PgConnection, asker: Asker, country: str, *, now: datetime) -> list[DeckRate]:
    """The rows of a country's prefixes, by their label or else by their digits, and the one for the rest of it."""
    code = str(phonenumbers.country_code_for_region(country))
    rows = await rates.of_country(conn, currency=asker.currency, code=code, label=country, now=now)
    its_own = await asyncio.to_thread(_those_of, rows, country)
    rest = await rates.applying(conn, currency=asker.currency, digits=code, now=now)
    known = {row.id for row in its_own}
    return [*(row for row in rest if row.id not in known), *its_own]


async def _by_digits(
    conn: PgConnection, asker: Asker, digits: str, *, caller: str | None, now: datetime, limit: int | None
) -> tuple[list[DeckRate], int]:
    """The rows, at least as many as are asked for, and how many there are."""
    if len(digits) > DIGITS_MAX:
        raise InvalidInput("{digits!r} has more than {most} digits", digits=digits, most=DIGITS_MAX)
    rows = await rates.applying(conn, currency=asker.currency, digits=digits, caller=caller, now=now)
    if full_number(digits) is not None:
        return rows, len(rows)
    shorter = [row for row in rows if row.prefix != digits]
    longer, total = await rates.beginning(conn, currency=asker.currency, digits=digits, now=now, limit=limit)
    return [*shorter, *longer], len(shorter) + total


def _caller(caller: str, query: str) -> str:
    number = entered_number(caller)
    if number is None:
        raise InvalidInput("caller: {caller!r} is not a number in E.164, like +442071838750", caller=caller)
    if full_number(query) is None:
        raise InvalidInput("caller: is for a full number, and {query!r} is none", query=query)
    return number


def _found_rates(rows: Sequence[DeckRate], asked_for: str, *, now: datetime) -> list[FoundRate]:
    return [_found_rate(row, asked_for, now=now) for row in rows]


def _note(row: DeckRate, asked_for: str) -> str | None:
    """What is odd about a row that prices a country: it bears the label of another one."""
    if row.kind != RateKind.OUTBOUND or row.country in ("", asked_for) or not asked_for:
        return None
    asked, label = country_name(asked_for), country_name(row.country)
    return (
        f"prefix {row.prefix} prices {asked} ({asked_for}), but its label is another country's: {label} ({row.country})"
    )


def _those_of(rows: Sequence[DeckRate], country: str) -> list[DeckRate]:
    return [row for row in rows if _country(row) == country]


def _country(row: DeckRate) -> str:
    """The country of an outbound row is its label, or what the digits say."""
    if row.kind != RateKind.OUTBOUND:
        return row.country
    return row.country or metadata.country_of_prefix(row.prefix)
