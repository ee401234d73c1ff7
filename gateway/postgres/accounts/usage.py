"""Queries of the roll-up of calls (sql/queries/accounts/usage.sql)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Final

import asyncpg

from gateway.domain.calls.call import CallState
from gateway.domain.calls.refusals import Refusal
from gateway.domain.calls.usage import CountedCall, UsageBy, UsageFigures, UsageKey
from gateway.postgres.rows import rows_in
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

_COLUMNS: Final = tuple(each.name for each in (*fields(UsageKey), *fields(UsageFigures)))
_key_values: Final = attrgetter(*(each.name for each in fields(UsageKey)))
_figure_values: Final = attrgetter(*(each.name for each in fields(UsageFigures)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshCall:
    """A call that nobody has looked at yet."""

    id: int
    is_final: bool


async def claim(conn: PgConnection) -> int | None:
    """Up to which id calls were looked at; None where somebody else is looking."""
    point: int | None = await conn.fetchval(sql("usage_claim"))
    return point


async def fresh(conn: PgConnection, *, after: int, limit: int) -> list[FreshCall]:
    """The next calls, in the order of their ids."""
    return [FreshCall(**row) for row in await conn.fetch(sql("usage_fresh"), after, limit)]


async def settled(conn: PgConnection, *, limit: int) -> list[int]:
    """Calls that were awaited and are final now."""
    return [row["id"] for row in await conn.fetch(sql("usage_settled"), limit)]


async def changed(conn: PgConnection, *, limit: int) -> list[int]:
    """Calls that changed after they were final."""
    return [row["call_id"] for row in await conn.fetch(sql("usage_changed_ids"), limit)]


async def as_added(conn: PgConnection, call_ids: Sequence[int], *, point: int) -> list[CountedCall]:
    """Of calls that changed those that had been added, as they were then."""
    return [_read(row) for row in await conn.fetch(sql("usage_changes"), call_ids, point)]


async def as_they_are(conn: PgConnection, call_ids: Sequence[int]) -> list[CountedCall]:
    least, greatest = min(call_ids, default=0), max(call_ids, default=0)
    return [_read(row) for row in await conn.fetch(sql("usage_calls"), call_ids, least, greatest)]


def _read(row: asyncpg.Record) -> CountedCall:
    values = dict(row)
    values["state"] = CallState(values["state"])
    return CountedCall(**values)


async def add(conn: PgConnection, figures: Mapping[UsageKey, UsageFigures]) -> None:
    """Add figures, or take them off where they are negative."""
    await conn.execute(sql("usage_add"), rows_in(map(_row, figures, figures.values())))


def _row(key: UsageKey, figures: UsageFigures) -> dict[str, object]:
    return dict(zip(_COLUMNS, (*_key_values(key), *_figure_values(figures)), strict=True))


async def await_calls(conn: PgConnection, call_ids: Sequence[int], *, now: datetime) -> None:
    """Come back to calls that are not final, and to ids of which there is no call."""
    await conn.execute(sql("usage_await"), call_ids, now)


async def settle(conn: PgConnection, *, added: Sequence[int], changes: Sequence[int]) -> None:
    """Calls that have been added are awaited no more, and what changed is known."""
    await conn.execute(sql("usage_settle"), added, changes)


async def give_up(conn: PgConnection, *, before: datetime) -> None:
    """Await ids no more of which there was no call for longer than any transaction lives."""
    await conn.execute(sql("usage_give_up"), before)


async def move(conn: PgConnection, call_id: int) -> None:
    """Calls up to this one were looked at."""
    await conn.execute(sql("usage_move"), call_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSum:
    """What calls add up to that have a key and the currency of their accounts."""

    key: str
    currency: str | None
    calls: int
    refused: int
    answered: int
    seconds: int
    spend: Decimal
    costed: int
    costed_spend: Decimal
    cost: Decimal


async def sums(
    conn: PgConnection,
    *,
    by: UsageBy,
    account_id: int | None,
    since: date,
    until: date,
    after: tuple[str, str] | None,
    limit: int,
) -> list[UsageSum]:
    """In the order of keys and currencies, from after one of them on; those of an account, or all."""
    key, currency = after or (None, None)
    rows = await conn.fetch(
        sql("usage_shown"), by.value, account_id, since, until, [each.value for each in Refusal], key, currency, limit
    )
    return [UsageSum(**row) for row in rows]
