"""What renting a number costs: by country, or by the number itself (R6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gateway.countries import country_name, find_country
from gateway.domain.errors import InvalidInput
from gateway.domain.lines.line import CATEGORIES
from gateway.domain.money import ZERO
from gateway.domain.rates.prices import PriceOf, prices_of
from gateway.domain.rates.rate import DeckRate, RateKind
from gateway.numbers import metadata
from gateway.postgres import rates
from gateway.postgres.accounts import accounts
from gateway.postgres.lines import lines
from gateway.postgres.types import PgConnection
from gateway.usecases.rates.search import asker_of, full_number


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPrice:
    """What a number of a category costs; `month` is None where the rates say no rent, so it cannot be rented.

    `at_once` is what renting it takes: the first month and the setup. `missing` is what the account that asks has not
    of that; None: no account asks, or in another currency than its own.

    What incoming calls cost is theirs by the minute; no inbound rate: they are free.
    """

    category: str
    month: Decimal | None
    setup_fee: Decimal | None
    at_once: Decimal | None
    missing: Decimal | None
    inbound_per_minute: Decimal
    inbound_connection_fee: Decimal
    inbound_prices: list[PriceOf]
    valid_from: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSearch:
    """`number` and `is_taken` are None where a country was asked for."""

    country: str
    country_name: str
    currency: str
    number: str | None
    is_taken: bool | None
    prices: list[NumberPrice]


async def search_numbers(
    conn: PgConnection,
    *,
    query: str,
    now: datetime,
    category: str | None = None,
    currency: str | None = None,
    account_id: int | None = None,
) -> NumberSearch:
    """The prices of a country's numbers by category, those that can be rented; of a full number the one it has."""
    if category is not None and category not in CATEGORIES:
        raise InvalidInput(
            "category: {category!r} is not one of {choices}", category=category, choices=", ".join(CATEGORIES)
        )
    asker = await asker_of(conn, currency=currency, account_id=account_id, now=now)
    number = full_number(query)
    country = metadata.country_of(number) if number else find_country(query, languages=asker.languages)
    if number is not None:
        categories = [category or metadata.category_of(number)]
    else:
        categories = [category] if category else list(CATEGORIES)
    applying = await rates.applying_to_numbers(
        conn,
        currency=asker.currency,
        country=country,
        kinds=(RateKind.RENT, RateKind.INBOUND),
        categories=categories,
        now=now,
    )
    available = await _available(conn, account_id, asker.currency)
    prices = [_price(applying, each, available) for each in categories]
    return NumberSearch(
        country=country,
        country_name=country_name(country, language=asker.languages[0]),
        currency=asker.currency,
        number=number,
        is_taken=None if number is None else await lines.is_in_use(conn, name=number),
        prices=[each for each in prices if number is not None or each.month is not None],
    )


async def _available(conn: PgConnection, account_id: int | None, currency: str) -> Decimal | None:
    if account_id is None:
        return None
    account = await accounts.require(conn, account_id=account_id)
    return account.funds.available if account.currency == currency else None


def _price(applying: Mapping[tuple[RateKind, str], DeckRate], category: str, available: Decimal | None) -> NumberPrice:
    rent = applying.get((RateKind.RENT, category))
    at_once = None if rent is None else rent.month + rent.setup_fee
    inbound = applying.get((RateKind.INBOUND, category))
    return NumberPrice(
        category=category,
        month=None if rent is None else rent.month,
        setup_fee=None if rent is None else rent.setup_fee,
        at_once=at_once,
        missing=None if at_once is None or available is None else max(ZERO, at_once - available),
        inbound_per_minute=ZERO if inbound is None else inbound.per_minute,
        inbound_connection_fee=ZERO if inbound is None else inbound.connection_fee,
        inbound_prices=[] if inbound is None else prices_of(inbound),
        valid_from=None if rent is None else rent.valid_from,
    )
