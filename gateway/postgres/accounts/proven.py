"""Up to where the books of each account are proved, kept for all processes (sql/queries/accounts/proofs.sql)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gateway.postgres.accounts.proofs import REPORT_TIMEOUT
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What adding up an account's entries showed: `since` None is from the first; the rest is where the next begins."""

    account_id: int
    time_zone: str
    is_right: bool
    entries: int
    since: datetime | None
    entry_id: int
    balance: Decimal
    call_id: int


async def claim(conn: PgConnection, *, now: datetime, until: datetime, limit: int) -> dict[int, bool]:
    """Accounts to prove now, which nobody else does before `until`; and whether from their first entry."""
    rows = await conn.fetch(sql("proof_claim"), now, until, limit)
    return {row["account_id"]: row["is_whole"] for row in rows}


async def accounts_after(conn: PgConnection, after_id: int, *, limit: int) -> list[int]:
    return [row["id"] for row in await conn.fetch(sql("accounts_after"), after_id, limit)]


async def prove(conn: PgConnection, account_ids: Sequence[int], *, whole: bool) -> list[Proof]:
    """Add up what was booked since the last proof, or all of it. One snapshot, so that nothing is half booked."""
    rows = await conn.fetch(sql("prove_accounts"), account_ids, whole, timeout=REPORT_TIMEOUT.total_seconds())
    return [Proof(**row) for row in rows]


async def note(
    conn: PgConnection, proofs: Sequence[Proof], *, whole_due_at: Mapping[int, datetime], now: datetime
) -> None:
    """Keep what proofs showed; `whole_due_at` has those that were from the first entry, and when the next such is."""
    await conn.execute(
        sql("proof_note"),
        [each.account_id for each in proofs],
        [each.entry_id for each in proofs],
        [each.balance for each in proofs],
        [each.call_id for each in proofs],
        [each.is_right for each in proofs],
        [whole_due_at.get(each.account_id) for each in proofs],
        now,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongAccounts:
    """How many accounts were not right when they were last proved, and the first of them."""

    accounts: int
    first_id: int | None


async def wrong_accounts(conn: PgConnection) -> WrongAccounts | None:
    """None before the first proof."""
    row = await conn.fetchrow(sql("proof_wrong"))
    return None if row is None else WrongAccounts(**row)
