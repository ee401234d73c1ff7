"""Queries about calls that want to start (sql/queries/calls/starts.sql)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

import msgspec

from gateway.domain.accounts.caps import Capped
from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.calls.asked import AskedCall
from gateway.domain.calls.call import CallState, Clocks, Flag
from gateway.domain.calls.decision import Decision, Granted, Parent, Refused
from gateway.domain.calls.withholding import withholds
from gateway.domain.events import CallStarted
from gateway.domain.lines.line import Line
from gateway.domain.money import ZERO
from gateway.domain.phone import is_short
from gateway.domain.rates.rate import Rate
from gateway.postgres.rows import rows_in
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class StartKey:
    """A call that wants to start, as the database is asked about it.

    Its line is whose it was at `owned_at`; without that, whose it is.
    """

    connection: str
    call: CallStarted
    started_at: datetime
    owned_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredStart:
    """What bears on the decision about it. `call_id` is None unless a call is on record under its id.

    `asked` is what that one was decided on; None where it is known by its end alone. `account` is None where there is
    none, or where somebody else has locked it. Of a call that was archived there is nothing but that.
    """

    call_id: int | None
    is_archived: bool
    state: CallState | None
    reply: bytes | None
    asked: AskedCall | None
    line: Line | None
    account: PayingAccount | None
    parent: Parent | None
    rate: Rate | None

    @property
    def locked_account_id(self) -> int | None:
        """The account that somebody else has locked, if that is so."""
        return self.line.account_id if self.line is not None and self.account is None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """A decided call. `clocks` is None for a refused one, `reply` for one that is over already.

    `capped` are the caps that it was decided by. `provider_started_at` is what the provider's clock showed at the
    start.
    """

    key: StartKey
    line: Line | None
    decision: Decision
    clocks: Clocks | None
    reply: bytes | None
    flags: tuple[Flag, ...] = ()
    capped: Capped | None = None
    provider_started_at: datetime | None = None


_gathered = msgspec.json.Decoder(GatheredStart).decode


async def gather(
    conn: PgConnection, keys: Sequence[StartKey], *, now: datetime, owed_limits: bool = True
) -> list[GatheredStart]:
    """One answer for each key, in their order; the accounts of their lines are locked in id order, if they are free.

    `owed_limits`: what is owed by calls that are over is not available.

    Of what counts against caps it knows the money; live calls and starts are counted when the accounts are locked.
    """
    events = rows_in(
        {
            "ordinal": ordinal,
            "connection": key.connection,
            "provider_call_id": key.call.call_id,
            "direction": key.call.direction,
            "line": key.call.line,
            "callee": key.call.callee,
            "is_short": is_short(key.call.callee),
            "parent_call_id": key.call.parent_call_id,
            "started_at": key.started_at,
            "owned_at": key.owned_at,
            "is_withheld": withholds(key.call),
        }
        for ordinal, key in enumerate(keys)
    )
    return [_gathered(row["known"]) for row in await conn.fetch(sql("start_gather"), events, now, owed_limits)]


async def forwards_in_circles(conn: PgConnection, forwards: Mapping[int, tuple[StartKey, Parent]]) -> set[int]:
    """Which forwards, by their positions, would lead back to where their incoming call comes from."""
    asked = rows_in(
        {"ordinal": position, "parent_id": parent.id, "line": key.call.line, "callee": key.call.callee}
        for position, (key, parent) in forwards.items()
    )
    return {row["ordinal"] for row in await conn.fetch(sql("forwards_in_circles"), asked)}


async def apply(conn: PgConnection, calls: Sequence[NewCall], *, now: datetime) -> dict[int, int]:
    """Open or refuse the calls; our ids by the positions of those that nobody else had opened meanwhile."""
    numbered = rows_in(row_of(ordinal, call) for ordinal, call in enumerate(calls))
    rows = await conn.fetch(sql("start_apply"), numbered, now, None, None, None, None)
    return {row["ordinal"]: row["call_id"] for row in rows}


def row_of(ordinal: int, new: NewCall) -> dict[str, object]:
    """What is written of a call, by its place among others."""
    call, line, decision, clocks = new.key.call, new.line, new.decision, new.clocks
    row: dict[str, object] = {
        "ordinal": ordinal,
        "connection": new.key.connection,
        "provider_call_id": call.call_id,
        "rate_id": None if decision.rate is None else decision.rate.id,
        "parent_id": decision.parent_id,
        "direction": call.direction,
        "caller": call.caller,
        "callee": call.callee,
        "line": call.line,
        "rule": decision.rule,
        "available": decision.available,
        "reply": new.reply,
        "started_at": new.key.started_at,
        "provider_started_at": new.provider_started_at,
        "flags": ",".join(new.flags),
        "control_url": call.control_url,
        **_outcome(decision),
    }
    if line is not None:
        row["account_id"], row["line_id"] = line.account_id, line.id
    if clocks is not None:
        row["must_end_at"], row["cut_due_at"] = clocks.must_end_at, clocks.cut_due_at
        row["extend_due_at"], row["reconcile_due_at"] = clocks.extend_due_at, clocks.reconcile_due_at
    return row


def _outcome(decision: Decision) -> dict[str, object]:
    """The state that a call begins in, what it is granted and holds, and the SIP status on record and on the wire."""
    match decision:
        case Granted():
            return {
                "state": "open",
                "reason": None,
                "caller_id": decision.caller_id,
                "record_code": 200,
                "sip_code": 200,
                "granted_s": decision.granted_s,
                "held_s": decision.held_s,
                "hold": decision.hold,
            }
        case Refused():
            return {
                "state": "refused",
                "reason": decision.refusal,
                "caller_id": "",
                "record_code": decision.record_code,
                "sip_code": decision.sip_code,
                "granted_s": 0,
                "held_s": 0,
                "hold": ZERO,
            }
        case _ as never:
            assert_never(never)


async def reply_to_reuse(conn: PgConnection, key: StartKey) -> bytes | None:
    """The reply to this very call under a used id, where it was refused before."""
    call = key.call
    reply: bytes | None = await conn.fetchval(
        sql("reused_id_reply"), key.connection, call.call_id, call.direction.value, call.callee, call.line
    )
    return reply


async def refuse_reuse(conn: PgConnection, new: NewCall, refused: Refused, *, now: datetime) -> bool:
    """Put another call under a used id on record, refused; False where somebody else did so meanwhile."""
    call, line = new.key.call, new.line
    row = await conn.fetchrow(
        sql("reused_id_refuse"),
        new.key.connection,
        call.call_id,
        None if line is None else line.account_id,
        None if line is None else line.id,
        refused.parent_id,
        call.direction.value,
        call.caller,
        call.callee,
        call.line,
        refused.rule,
        refused.refusal.value,
        refused.record_code,
        refused.sip_code,
        new.reply,
        new.key.started_at,
        [flag.value for flag in new.flags],
        now,
    )
    return row is not None
