"""Queries about caps and what counts against them (sql/queries/accounts/caps.sql)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from gateway.domain.accounts.caps import Caps, CapUse
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

MINUTE: Final = timedelta(minutes=1)
# Later than any machine's clock may believe that a start is of the last minute.
FORGOTTEN_AFTER: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class CapCount:
    """Live calls of an account, and those of its calls that were connected within the last minute."""

    live: int
    starts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsRow:
    account_id: int
    currency: str
    caps: Caps
    use: CapUse
    held: Decimal


async def count(conn: PgConnection, account_ids: Sequence[int], *, now: datetime) -> Mapping[int, CapCount]:
    """What counts against the caps of accounts, which an earlier statement of this transaction has locked."""
    rows = await conn.fetch(sql("cap_counts"), account_ids, now - MINUTE)
    return {row["account_id"]: CapCount(live=row["live"], starts=row["starts"]) for row in rows}


async def count_starts(conn: PgConnection, started: Sequence[tuple[int, int]], *, now: datetime) -> None:
    """Note that calls were connected now: (call, account) of accounts that have a cap on it."""
    await conn.execute(
        sql("starts_count"),
        [call_id for call_id, _ in started],
        [account_id for _, account_id in started],
        now,
        now - FORGOTTEN_AFTER,
    )


async def find(conn: PgConnection, *, account_id: int, now: datetime) -> CapsRow | None:
    """The caps of an account, which may be none, and what counts against them."""
    row = await conn.fetchrow(sql("caps_find"), account_id, now, now - MINUTE)
    if row is None:
        return None
    return CapsRow(
        account_id=row["id"],
        currency=row["currency"],
        caps=msgspec.convert(row["caps"] or {}, Caps),
        use=CapUse(day=row["day"], spent=row["spent"], live=row["live"], starts=row["starts"]),
        held=row["held"],
    )


async def give(conn: PgConnection, *, account_id: int, first: Caps, now: datetime) -> None:
    """Give an account of this transaction its first caps."""
    row = await find(conn, account_id=account_id, now=now)
    assert row is not None, "it was opened just now"  # noqa: S101
    await put(conn, replace(row, caps=first))


async def put(conn: PgConnection, row: CapsRow) -> None:
    """Store the caps of an account that is locked, and what its calls have cost today."""
    settings = {name: getattr(row.caps, name) for name in Caps.__dataclass_fields__}
    some = {name: value for name, value in settings.items() if value is not None and value != ()}
    await conn.execute(sql("caps_set"), row.account_id, some or None, row.use.day, row.use.spent)


async def recount_spent(conn: PgConnection, *, account_id: int, now: datetime) -> None:
    """Add up anew what the calls of a locked account have cost today, as its days begin at another time now."""
    await conn.execute(sql("spent_recount"), account_id, now)
