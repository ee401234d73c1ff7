"""Queries about balances and what has been spent lately (sql/queries/accounts/low_balances.sql)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gateway.domain.accounts.low_balance import LowBalanceCheck
from gateway.postgres.accounts.ledger import EntryKind
from gateway.postgres.rows import rows_in
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

RENTS = (EntryKind.RENT, EntryKind.SETUP, EntryKind.CONNECTOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What an account had, and had spent in the window, when its last entry was `last_entry_id`."""

    account_id: int
    balance: Decimal
    spent: Decimal
    last_entry_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedBalance:
    """A locked account, and what it has spent since its `Spent`."""

    account_id: int
    balance: Decimal
    armed: bool
    mailed_at: datetime | None
    spent_since: Decimal


async def claim(conn: PgConnection, *, now: datetime, until: datetime, limit: int) -> list[int]:
    """Claim accounts whose minimum must be compared now."""
    return [row["id"] for row in await conn.fetch(sql("low_balance_claim"), now, until, limit)]


async def read_spent(
    conn: PgConnection, account_ids: Sequence[int], *, after: datetime, count_rent: bool
) -> list[Spent]:
    """Add up the debits of the window, without a lock."""
    rows = await conn.fetch(sql("low_balance_spent"), account_ids, after, _uncounted(count_rent=count_rent))
    return [Spent(**row) for row in rows]


async def find_leaving(
    conn: PgConnection, covered: Mapping[int, Decimal], *, after: datetime, count_rent: bool
) -> dict[int, datetime]:
    """When the debit was booked of each account that must leave the window for the rest to be no more than covered."""
    rows = await conn.fetch(
        sql("low_balance_leaving"), list(covered), list(covered.values()), after, _uncounted(count_rent=count_rent)
    )
    return {row["account_id"]: row["booked_at"] for row in rows}


async def gather(conn: PgConnection, spents: Sequence[Spent], *, count_rent: bool) -> list[LockedBalance]:
    """What is true of accounts that are locked."""
    rows = await conn.fetch(
        sql("low_balance_gather"),
        [spent.account_id for spent in spents],
        [spent.last_entry_id for spent in spents],
        _uncounted(count_rent=count_rent),
    )
    return [LockedBalance(**row) for row in rows]


async def apply(conn: PgConnection, checked: Mapping[int, LowBalanceCheck]) -> None:
    """Note what the checks of locked accounts found."""
    rows = rows_in(
        {
            "account_id": account_id,
            "armed": each.armed,
            "mailed_at": each.mailed_at,
            "level": each.level,
            "check_at": each.check_at,
        }
        for account_id, each in checked.items()
    )
    await conn.execute(sql("low_balance_apply"), rows)


def _uncounted(*, count_rent: bool) -> list[str]:
    return [] if count_rent else [kind.value for kind in RENTS]


async def postpone(conn: PgConnection, account_id: int, /, *, until: datetime) -> None:
    """Come back to an account later that could not be checked."""
    await conn.execute(sql("low_balance_postpone"), account_id, until)
