"""Queries about calls that are over (sql/queries/calls/ends.sql)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum, auto

import asyncpg
import msgspec

from gateway.domain.calls.call import CallState, Flag
from gateway.domain.calls.instants import CallInstants
from gateway.domain.calls.settlement import NOT_ANSWERED, Settlement
from gateway.domain.events import CallEnded, Cause
from gateway.domain.rates.rate import Rate
from gateway.postgres.rows import rows_in, span_of
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCall:
    """A call on record. `hold`, `held_s`, `is_cuttable` and `is_over` mean something only while it is live.

    `is_over`: for us, though its end has not come; `is_lost`: it was closed without one, for 0 (R22). What the
    provider's clock showed, and `is_announced`, are as `CallInstants` has them. `is_locked`: somebody else has locked
    the account that may be charged.
    """

    id: int
    state: CallState
    account_id: int | None
    currency: str | None
    started_at: datetime
    answered_at: datetime | None
    provider_started_at: datetime | None
    provider_answered_at: datetime | None
    is_announced: bool
    granted_s: int
    reported_s: int | None
    billed_s: int | None
    charge: Decimal | None
    hold: Decimal | None
    held_s: int
    is_cuttable: bool
    is_over: bool
    is_lost: bool
    is_closed_by_hand: bool
    is_locked: bool
    cause: Cause | None
    rate: Rate | None

    @property
    def locked_account_id(self) -> int | None:
        """The account that somebody else has locked, if that is so."""
        return self.account_id if self.is_locked else None

    @property
    def is_charged_nothing(self) -> bool:
        """Whether it is over by what is on record, and nobody talked; one without a start is charged later (R21)."""
        if self.state is CallState.UNMATCHED:
            return self.reported_s == 0 or self.cause in NOT_ANSWERED
        return self.billed_s == 0

    @property
    def instants(self) -> CallInstants:
        return CallInstants(
            started_at=self.started_at,
            answered_at=self.answered_at,
            provider_started_at=self.provider_started_at,
            provider_answered_at=self.provider_answered_at,
            is_announced=self.is_announced,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedCall:
    """`granted_s` and `answered_at` are what the call had when it was settled; `note` is for its ledger entry."""

    call_id: int
    granted_s: int
    answered_at: datetime | None
    event: CallEnded
    settlement: Settlement
    flags: tuple[Flag, ...] = ()
    note: str | None = None

    @property
    def written_flags(self) -> tuple[Flag, ...]:
        return (*self.settlement.flags, *self.flags)


class Archived(Enum):
    """Of a call that was archived it is known that it was, and nothing else."""

    ARCHIVED = auto()


_recorded = msgspec.json.Decoder(RecordedCall).decode


async def gather(conn: PgConnection, keys: Sequence[tuple[str, str]]) -> list[RecordedCall | Archived | None]:
    """What is on record under each (connection, provider's call id); live calls' accounts are locked if free."""
    events = rows_in(
        {"ordinal": ordinal, "connection": connection, "provider_call_id": call_id}
        for ordinal, (connection, call_id) in enumerate(keys)
    )
    rows = await conn.fetch(sql("end_gather"), events)
    return [_read(row) for row in rows]


def _read(row: asyncpg.Record) -> RecordedCall | Archived | None:
    if row["is_archived"]:
        return Archived.ARCHIVED
    return None if row["known"] is None else _recorded(row["known"])


async def reopen(conn: PgConnection, call_ids: Sequence[int]) -> None:
    """Open calls again that ended with 0 s, as lost or otherwise, and are to be closed by another end."""
    await conn.execute(sql("end_reopen"), call_ids, *span_of(call_ids))


async def apply(conn: PgConnection, closed: Sequence[ClosedCall], *, now: datetime) -> set[int]:
    """Close the calls, release their holds and book their charges; the positions of those that were as known."""
    call_ids = [call.call_id for call in closed]
    rows = await conn.fetch(
        sql("end_apply"),
        rows_in(row_of(*numbered) for numbered in enumerate(closed)),
        now,
        call_ids,
        *span_of(call_ids),
        None,
        None,
    )
    return {row["ordinal"] for row in rows}


def row_of(ordinal: int, closed: ClosedCall) -> dict[str, object]:
    """What end_apply is given of a call."""
    event, settlement = closed.event, closed.settlement
    return {
        "ordinal": ordinal,
        "call_id": closed.call_id,
        "answered_at": settlement.answered_at,
        "ended_at": settlement.ended_at,
        "reported_s": settlement.reported_s,
        "billed_s": settlement.billed_s,
        "charge": settlement.charge,
        "cause": event.cause,
        "cost": event.cost,
        "cost_currency": event.cost_currency,
        "flags": ",".join(closed.written_flags),
        "note": closed.note,
        "was_granted_s": closed.granted_s,
        "was_answered_at": closed.answered_at,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedEnd:
    """`was` is the end that was kept before and gives way to this one; None where there was none."""

    connection: str
    event: CallEnded
    settlement: Settlement
    was: RecordedCall | None = None

    @property
    def flag(self) -> Flag:
        return Flag.NO_START if self.was is None else Flag.END_DIFFERS


async def keep_unmatched(conn: PgConnection, unmatched: Sequence[UnmatchedEnd], *, now: datetime) -> set[int]:
    """Keep ends that came before their starts; the positions of those whose call was as known."""
    was_ids = [None if each.was is None else each.was.id for each in unmatched]
    rows = await conn.fetch(
        sql("unmatched_end_keep"),
        [each.connection for each in unmatched],
        [each.event.call_id for each in unmatched],
        [each.settlement.answered_at for each in unmatched],
        [each.settlement.ended_at for each in unmatched],
        [each.settlement.reported_s for each in unmatched],
        [each.event.cause.value for each in unmatched],
        [each.event.cost for each in unmatched],
        [each.event.cost_currency for each in unmatched],
        [None if each.was is None else each.was.reported_s for each in unmatched],
        [None if each.was is None else each.was.cause for each in unmatched],
        was_ids,
        now,
        *span_of([was_id for was_id in was_ids if was_id is not None]),
    )
    kept = {(row["connection"], row["provider_call_id"]) for row in rows}
    return {at for at, each in enumerate(unmatched) if (each.connection, each.event.call_id) in kept}


async def note_figures(conn: PgConnection, noted: Sequence[tuple[int, int, CallEnded]], *, now: datetime) -> list[Flag]:
    """Keep what is reported of calls that it charges nothing for: our id, the seconds, what their end tells.

    The flags that they got.
    """
    call_ids = [call_id for call_id, _, _ in noted]
    rows = await conn.fetch(
        sql("figures_note"),
        call_ids,
        [seconds for _, seconds, _ in noted],
        [event.cause.value for _, _, event in noted],
        [event.cost for _, _, event in noted],
        [event.cost_currency for _, _, event in noted],
        now,
        *span_of(call_ids),
    )
    return [Flag.REFUSED for row in rows if row["is_refused"]]


async def flag(conn: PgConnection, call_ids: Sequence[int], what: Flag, *, now: datetime) -> list[Flag]:
    """Flag calls; the flags that they got, as some may have it."""
    return [what for _ in await conn.fetch(sql("call_flag"), call_ids, what.value, now, *span_of(call_ids))]


async def reconcile_soon(conn: PgConnection, call_ids: Sequence[int], *, soon: datetime) -> None:
    await conn.execute(sql("reconcile_soon"), call_ids, soon)
