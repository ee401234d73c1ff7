"""Queries about the calls that are up (sql/queries/calls/live_calls.sql)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from gateway.domain.calls.call import END_GRACE, Clocks, CutReason
from gateway.domain.calls.grant import Extension
from gateway.domain.errors import GatewayError
from gateway.domain.rates.rate import Rate
from gateway.postgres.rows import read_rate
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection
from gateway.providers.base import CallRef


@dataclass(frozen=True, slots=True, kw_only=True)
class DueCut:
    call_id: int
    connection: str
    ref: CallRef
    reason: CutReason
    must_end_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DueHold:
    """A call whose held seconds run out soon."""

    call_id: int
    account_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DueExtension:
    """`available` is what the account has beside all holds, this one included."""

    call_id: int
    account_id: int
    rate: Rate
    hold: Decimal
    held_s: int
    granted_s: int
    is_cuttable: bool
    available: Decimal
    started_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueReconciliation:
    call_id: int
    account_id: int | None
    connection: str
    ref: CallRef
    must_end_at: datetime
    started_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCounts:
    live: int
    held: int
    overdue: int


async def next_cut(conn: PgConnection) -> datetime | None:
    """When the next call is due to be ended, which may be past; None where none is."""
    due_at: datetime | None = await conn.fetchval(sql("cut_next"))
    return due_at


async def claim_cuts(conn: PgConnection, *, now: datetime, delays: Sequence[timedelta], limit: int) -> list[DueCut]:
    """Claim calls that must be ended now, until their next try: the delay after the first, the second, … request."""
    return [
        DueCut(
            call_id=row["call_id"],
            connection=row["connection"],
            ref=CallRef(call_id=row["provider_call_id"], control_url=row["control_url"]),
            reason=CutReason(row["cut_reason"]),
            must_end_at=row["must_end_at"],
            attempts=row["cut_attempts"],
        )
        for row in await conn.fetch(sql("cut_claim"), now, delays, limit)
    ]


async def lock_accounts(conn: PgConnection, account_ids: Sequence[int]) -> None:
    await conn.execute(sql("accounts_lock"), account_ids)


async def due_extensions(conn: PgConnection, *, now: datetime, limit: int) -> list[DueHold]:
    """Live calls whose held seconds run out soon; nothing is locked."""
    return [DueHold(**row) for row in await conn.fetch(sql("extend_due"), now, limit)]


async def gather_extensions(
    conn: PgConnection, call_ids: Sequence[int], *, now: datetime, owed_limits: bool = True
) -> list[DueExtension]:
    """What is known about calls whose accounts are locked, where there is still something to extend."""
    return [
        DueExtension(
            call_id=row["call_id"],
            account_id=row["account_id"],
            rate=_rate(read_rate(row["rate"])),
            hold=row["hold"],
            held_s=row["held_s"],
            granted_s=row["granted_s"],
            is_cuttable=row["is_cuttable"],
            available=row["available"],
            started_at=row["started_at"],
            answered_at=row["answered_at"],
        )
        for row in await conn.fetch(sql("extend_gather"), call_ids, now, owed_limits)
    ]


def _rate(rate: Rate | None) -> Rate:
    if rate is None:
        raise GatewayError("a call that holds money has no rate")
    return rate


async def apply_extensions(conn: PgConnection, extended: Sequence[tuple[DueExtension, Extension, Clocks]]) -> None:
    await conn.execute(
        sql("extend_apply"),
        [due.call_id for due, _, _ in extended],
        [extension.held_s for _, extension, _ in extended],
        [extension.hold for _, extension, _ in extended],
        [extension.hold - due.hold for due, extension, _ in extended],
        [extension.granted_s for _, extension, _ in extended],
        [clocks.must_end_at for _, _, clocks in extended],
        [clocks.extend_due_at for _, _, clocks in extended],
        [clocks.must_end_at + END_GRACE for _, _, clocks in extended],
    )


async def postpone_extension(conn: PgConnection, hold: DueHold, /, *, until: datetime) -> None:
    """Come back later to a hold that could not be extended."""
    await conn.execute(sql("extend_postpone"), hold.call_id, until)


async def claim_reconciliations(
    conn: PgConnection, *, now: datetime, until: datetime, limit: int
) -> list[DueReconciliation]:
    """Claim calls that somebody should have heard of, until their next try."""
    return [
        DueReconciliation(
            call_id=row["call_id"],
            account_id=row["account_id"],
            connection=row["connection"],
            ref=CallRef(
                call_id=row["provider_call_id"], control_url=row["control_url"], answered_at=row["answered_at"]
            ),
            must_end_at=row["must_end_at"],
            started_at=row["started_at"],
            answered_at=row["answered_at"],
        )
        for row in await conn.fetch(sql("reconcile_claim"), now, until, limit)
    ]


async def release_hold(conn: PgConnection, call_id: int, *, reconcile_due_at: datetime) -> Decimal | None:
    """Give back the hold of a call that was never answered; what it was, None if the call has an answer."""
    held: Decimal | None = await conn.fetchval(sql("hold_release"), call_id, reconcile_due_at)
    return held


async def owe_hold(conn: PgConnection, call_id: int, *, now: datetime) -> None:
    """What a call holds that is over, though its end did not come, is owed from now on."""
    await conn.execute(sql("hold_owe"), call_id, now)


async def reconcile_later(conn: PgConnection, call_id: int, *, reconcile_due_at: datetime) -> None:
    await conn.execute(sql("reconcile_later"), call_id, reconcile_due_at)


async def cut_now(conn: PgConnection, call_id: int, *, now: datetime) -> None:
    await conn.execute(sql("cut_now"), call_id, now)


async def count_live(conn: PgConnection, *, overdue_before: datetime) -> LiveCounts:
    row = await conn.fetchrow(sql("live_counts"), overdue_before)
    if row is None:
        raise GatewayError("counting gave no row")
    return LiveCounts(live=row["live"], held=row["held"], overdue=row["overdue"])


async def was_silent(conn: PgConnection, *, account_id: int, connection: str) -> bool:
    """Whether calls of this account by this connection turned out to have talked without an answer event."""
    silent: bool = await conn.fetchval(sql("was_silent"), account_id, connection)
    return silent
