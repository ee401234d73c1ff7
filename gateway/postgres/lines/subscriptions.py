"""Queries about rented lines (sql/queries/lines/subscriptions.sql)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from gateway.domain.lines.charge import Charge
from gateway.domain.lines.line import LineKind
from gateway.domain.lines.subscription import Subscription
from gateway.postgres.accounts.accounts import LockedAccount, read_locked
from gateway.postgres.lines.rent_columns import columns_of, line_of
from gateway.postgres.rows import rows_in
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedLine:
    id: int
    account_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LivingLine:
    id: int
    name: str
    kind: LineKind


async def due_accounts(conn: PgConnection, *, now: datetime, limit: int) -> list[int]:
    """Accounts with lines that are due, each once, those waiting longest first."""
    rows = await conn.fetch(sql("subscription_due"), now, limit)
    return list(dict.fromkeys(row["account_id"] for row in rows))


async def lock_free(conn: PgConnection, account_ids: Sequence[int]) -> list[LockedAccount]:
    """Lock those of the accounts that nobody else has locked."""
    return [read_locked(row) for row in await conn.fetch(sql("subscription_accounts"), account_ids)]


async def due_lines(conn: PgConnection, account_ids: Sequence[int], *, now: datetime, limit: int) -> list[int]:
    """Ids of lines to be looked at, at most so many of each account."""
    return [row["id"] for row in await conn.fetch(sql("subscription_due_lines"), account_ids, now, limit)]


async def overdue(conn: PgConnection, *, account_id: int) -> list[int]:
    return [row["id"] for row in await conn.fetch(sql("subscription_overdue"), account_id)]


async def rented(conn: PgConnection, *, account_id: int) -> list[int]:
    return [row["id"] for row in await conn.fetch(sql("subscription_rented"), account_id)]


async def living(conn: PgConnection, *, account_id: int) -> list[LivingLine]:
    """The lines of an account that are not disconnected, oldest first."""
    rows = await conn.fetch(sql("subscription_living"), account_id)
    return [LivingLine(id=row["id"], name=row["name"], kind=LineKind(row["kind"])) for row in rows]


async def spent_on_calls(conn: PgConnection, *, account_id: int, since: datetime) -> Decimal:
    spent: Decimal = await conn.fetchval(sql("calls_spent"), account_id, since)
    return spent


async def read(conn: PgConnection, line_ids: Sequence[int], *, now: datetime) -> list[tuple[int, Subscription]]:
    """Lines of locked accounts, each with the id of its account."""
    rows = await conn.fetch(sql("subscription_lines"), line_ids, now)
    return [(row["account_id"], line_of(row["line"])) for row in rows]


async def find(conn: PgConnection, *, name: str) -> NamedLine | None:
    """The line that a name belongs to."""
    row = await conn.fetchrow(sql("subscription_line"), name)
    return None if row is None else NamedLine(**row)


async def apply(conn: PgConnection, lines: Sequence[Subscription], charges: Sequence[Charge], *, now: datetime) -> None:
    """Write lines of locked accounts and book what they cost."""
    await conn.execute(
        sql("subscription_apply"),
        rows_in(columns_of(line) for line in lines),
        rows_in(_entry(ordinal, charge) for ordinal, charge in enumerate(charges)),
        now,
    )


async def coming(conn: PgConnection, until: Mapping[int, date]) -> list[int]:
    """The lines whose rent accounts will owe by a day of each."""
    return [row["id"] for row in await conn.fetch(sql("subscription_coming"), list(until), list(until.values()))]


async def come_back_on(conn: PgConnection, *, account_id: int, due_on: date, due_at: datetime, now: datetime) -> None:
    """Have the calendar come back to the lines of a day when they are due."""
    await conn.execute(sql("subscription_come_back_on"), account_id, due_on, due_at, now)


async def postpone(conn: PgConnection, account_id: int, /, *, until: datetime) -> None:
    """Have the calendar come back later to the lines of an account that could not be worked."""
    await conn.execute(sql("subscription_postpone"), account_id, until)


def _entry(ordinal: int, charge: Charge) -> dict[str, object]:
    return {
        "ordinal": ordinal,
        "account_id": charge.account_id,
        "line_id": charge.line_id,
        "kind": charge.kind,
        "amount": charge.amount,
        "key": charge.key,
        "note": charge.note,
    }
