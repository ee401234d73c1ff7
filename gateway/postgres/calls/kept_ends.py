"""Ends that came before their starts, and are given these (sql/queries/calls/starts.sql)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gateway.domain.calls.decision import Granted
from gateway.domain.events import CallEnded, CallStarted, Cause
from gateway.domain.lines.line import Line
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEnd:
    """An end as it was kept. It was received at `kept_at` or before, by our clock."""

    event: CallEnded
    kept_at: datetime


async def match_end(
    conn: PgConnection, call_id: int, call: CallStarted, line: Line | None, granted: Granted, *, must_end_at: datetime
) -> KeptEnd | None:
    """Give an unmatched end its start; None where somebody else did so before."""
    row = await conn.fetchrow(
        sql("unmatched_end_match"),
        call_id,
        None if line is None else line.account_id,
        None if line is None else line.id,
        None if granted.rate is None else granted.rate.id,
        granted.parent_id,
        call.direction.value,
        call.caller,
        call.callee,
        call.line,
        granted.rule,
        granted.granted_s,
        must_end_at,
    )
    if row is None:
        return None
    cost: Decimal | None = row["cost"]
    event = CallEnded(
        call_id=call.call_id,
        cause=Cause(row["cause"]),
        answered_at=row["answered_at"],
        ended_at=row["ended_at"],
        seconds=row["reported_s"],
        cost=cost,
        cost_currency=row["cost_currency"],
    )
    return KeptEnd(event=event, kept_at=row["kept_at"])
