"""A month of an account: what it had before and after, and what it paid for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from gateway.domain.calls.usage import UsageBy
from gateway.domain.lines.rent_dates import add_months, day_of, midnight
from gateway.domain.money import ZERO
from gateway.postgres.accounts import accounts, ledger, usage
from gateway.postgres.accounts.accounts import AccountRow
from gateway.postgres.accounts.ledger import EntryFilters, KindSum
from gateway.postgres.accounts.usage import UsageSum
from gateway.postgres.types import PgConnection

USAGE_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementMonth:
    """A month of an account's time zone, as 2026-11. `until` is exclusive; `is_over`: nothing more is booked in it."""

    month: str
    since: datetime
    until: datetime
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSum:
    """What a number or a connector cost: `rents` are what was charged for itself, `spend` what its calls cost."""

    line: str
    rents: Decimal
    calls: int
    answered: int
    talked_s: int
    spend: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CountrySum:
    """What calls with a country cost; empty: with parties that are of none."""

    country: str
    calls: int
    answered: int
    talked_s: int
    spend: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """`opening_balance` and `amount`, what the entries of the month add up to, are `closing_balance`.

    Entries are of the month in which they were booked. Calls, by line and by country, are of the month in which they
    began, and what was given back of one is taken off there; so about midnight of the first the two can differ.
    """

    account_id: int
    currency: str
    time_zone: str
    month: str
    since: datetime
    until: datetime
    is_over: bool
    opening_balance: Decimal
    closing_balance: Decimal
    entries: int
    amount: Decimal
    kinds: list[KindSum]
    lines: list[LineSum]
    countries: list[CountrySum]


async def list_months(
    conn: PgConnection, *, account_id: int, before: str | None, limit: int, now: datetime
) -> list[StatementMonth]:
    """Those since the account was opened, newest first; `before` is the last one of the part before."""
    account = await accounts.require(conn, account_id=account_id)
    months = [each for each in _months(account, now) if before is None or each.month < before]
    return months[:limit]


async def show_statement(conn: PgConnection, *, account_id: int, month: str, now: datetime) -> Statement:
    """All of one moment. NotFound where there is no such account."""
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        account = await accounts.require(conn, account_id=account_id)
        first = date.fromisoformat(f"{month}-01")
        span = _month(first, ZoneInfo(account.time_zone), now)
        filters = EntryFilters(since=span.since, until=span.until)
        opening, closing = await ledger.balances(conn, account_id=account_id, since=span.since, until=span.until)
        kinds = await ledger.sums(conn, account_id=account_id, filters=filters)
        rents = await ledger.rents(conn, account_id=account_id, since=span.since, until=span.until)
        by_line = await _usage(conn, UsageBy.LINE, account_id, first)
        by_country = await _usage(conn, UsageBy.COUNTRY, account_id, first)
    return Statement(
        account_id=account_id,
        currency=account.currency,
        time_zone=account.time_zone,
        month=month,
        since=span.since,
        until=span.until,
        is_over=span.is_over,
        opening_balance=opening,
        closing_balance=closing,
        entries=sum(each.entries for each in kinds),
        amount=sum((each.amount for each in kinds), ZERO),
        kinds=kinds,
        lines=_lines(rents, by_line),
        countries=[_country(each) for each in by_country],
    )


def _months(account: AccountRow, now: datetime) -> Iterator[StatementMonth]:
    zone = ZoneInfo(account.time_zone)
    first = day_of(now, zone).replace(day=1)
    opened = day_of(account.created_at, zone).replace(day=1)
    while first >= opened:
        yield _month(first, zone, now)
        first = add_months(first, -1)


def _month(first: date, zone: ZoneInfo, now: datetime) -> StatementMonth:
    until = midnight(add_months(first, 1), zone)
    return StatementMonth(month=f"{first:%Y-%m}", since=midnight(first, zone), until=until, is_over=until <= now)


async def _usage(conn: PgConnection, by: UsageBy, account_id: int, first: date) -> list[UsageSum]:
    """What the calls that began in a month add up to, whole."""
    sums: list[UsageSum] = []
    while True:
        after = (sums[-1].key, sums[-1].currency or "") if sums else None
        page = await usage.sums(
            conn,
            by=by,
            account_id=account_id,
            since=first,
            until=add_months(first, 1),
            after=after,
            limit=USAGE_PAGE,
        )
        sums += page
        if len(page) < USAGE_PAGE:
            return sums


def _lines(rents: dict[str, Decimal], usages: list[UsageSum]) -> list[LineSum]:
    """Each line that cost something or had calls, by name; calls without a line are not among them."""
    by_line = {each.key: each for each in usages if each.key}
    return [_line(name, -rents.get(name, ZERO), by_line.get(name)) for name in sorted(rents.keys() | by_line.keys())]


def _line(name: str, rents: Decimal, calls: UsageSum | None) -> LineSum:
    if calls is None:
        return LineSum(line=name, rents=rents, calls=0, answered=0, talked_s=0, spend=ZERO)
    return LineSum(
        line=name,
        rents=rents,
        calls=calls.calls,
        answered=calls.answered,
        talked_s=calls.seconds,
        spend=calls.spend,
    )


def _country(each: UsageSum) -> CountrySum:
    return CountrySum(
        country=each.key, calls=each.calls, answered=each.answered, talked_s=each.seconds, spend=each.spend
    )
