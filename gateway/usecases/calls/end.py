"""Answers and ends of calls, a batch at a time: gather with the accounts locked, settle each, apply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, assert_never

from gateway.domain.calls.call import CallState, Clocks, Flag, Limits, clocks, instant_of
from gateway.domain.calls.settlement import Settlement, reported_seconds, settle
from gateway.domain.events import CallAnswered, CallEnded, CallHinted
from gateway.domain.money import ZERO
from gateway.postgres.calls import ends
from gateway.postgres.calls.ends import AnsweredCall, ClosedCall, RecordedCall
from gateway.postgres.group_commit import AGAIN, Again
from gateway.postgres.types import PgConnection
from gateway.providers.base import Acknowledged, Charged

# A hint says that the end is near; its own event with the figures is given this long to come first.
HINT_PATIENCE = timedelta(seconds=15)


class NeedsStart:
    """A result that says: the call could be charged, and must be opened first, as this end tells of its start (R21)."""


NEEDS_START: Final = NeedsStart()


@dataclass(frozen=True, slots=True)
class EndRequest:
    """What happened to a call of a connection, as it was received; `flags` are added to the call if this closes it.

    `ask_every` is that of the connection's provider, which the clocks of an answered call need.
    """

    connection: str
    event: CallAnswered | CallEnded | CallHinted
    received_at: datetime
    flags: tuple[Flag, ...] = ()
    ask_every: timedelta | None = None


EndResult = Charged | Acknowledged | NeedsStart


@dataclass(slots=True)
class _Plan:
    """What a batch will write, each with the position of its event among the results."""

    closed: list[tuple[int, ClosedCall]]
    answered: list[tuple[int, AnsweredCall]]
    unmatched: list[tuple[int, tuple[str, CallEnded, Settlement]]]
    flagged: dict[Flag, list[int]]
    hinted: list[int]
    reopened: list[int]
    refused: list[tuple[int, int, CallEnded]]


async def end_calls(
    conn: PgConnection, requests: Sequence[EndRequest], *, now: datetime, limits: Limits
) -> list[EndResult | Again]:
    """Close, answer or note; the first figures stand, whatever comes later (R21)."""
    keys = [(request.connection, request.event.call_id) for request in requests]
    calls = await ends.gather(conn, keys)
    results: list[EndResult | Again] = [AGAIN] * len(requests)
    plan = _Plan([], [], [], {}, [], [], [])
    seen: set[tuple[str, str]] = set()
    for position, (request, key, call) in enumerate(zip(requests, keys, calls, strict=True)):
        if key in seen and (call is None or call.state is CallState.OPEN or call.is_lost):
            continue  # a second event of the same call waits for the next batch, unless nothing can move any more
        seen.add(key)
        if call is None:
            results[position] = _keep(position, request, plan)
        elif call.state is CallState.OPEN or _comes_late(request, call, limits):
            results[position] = _move(position, request, call, plan, now=now, limits=limits)
        else:
            results[position] = _compare(request, call, plan)
    await _write(conn, plan, results, now=now)
    return results


def _keep(position: int, request: EndRequest, plan: _Plan) -> EndResult:
    """An event of a call that is not on record: an end is kept; an answer comes again with the end."""
    event = request.event
    if not isinstance(event, CallEnded):
        return Acknowledged()
    if event.start is not None:
        return NEEDS_START
    now = request.received_at
    earliest = min(now, event.answered_at or now, event.ended_at or now)
    settlement = settle(event, rate=None, started_at=earliest, answered_at=None, granted_s=0, hold=None, now=now)
    plan.unmatched.append((position, (request.connection, event, settlement)))
    return Charged(charged=None, currency=None)


def _move(
    position: int, request: EndRequest, call: RecordedCall, plan: _Plan, *, now: datetime, limits: Limits
) -> EndResult:
    """An event of a live call: its end closes it, its first answer starts its clocks, a hint has its status asked."""
    event = request.event
    match event:
        case CallEnded():
            closed = _close(call, event, request)
            plan.closed.append((position, closed))
            if call.is_lost:
                plan.reopened.append(call.id)
            return _charged(call, closed.settlement)
        case CallAnswered():
            if call.answered_at is None:
                plan.answered.append((position, _answer(call, event, request, now=now, limits=limits)))
        case CallHinted():
            plan.hinted.append(call.id)
        case _ as never:
            assert_never(never)
    return Acknowledged()


def _close(call: RecordedCall, event: CallEnded, request: EndRequest) -> ClosedCall:
    settlement = settle(
        event,
        rate=call.rate,
        started_at=call.started_at,
        answered_at=call.answered_at,
        granted_s=call.granted_s,
        hold=_hold(call),
        now=request.received_at,
    )
    return ClosedCall(
        call_id=call.id,
        granted_s=call.granted_s,
        answered_at=call.answered_at,
        event=event,
        settlement=settlement,
        flags=_flags(request, call),
    )


def _answer(
    call: RecordedCall, event: CallAnswered, request: EndRequest, *, now: datetime, limits: Limits
) -> AnsweredCall:
    at = instant_of(event.at, earliest=call.started_at, now=request.received_at)
    from_then = _clocks_from(call, at, limits, now, request.ask_every)
    return AnsweredCall(call_id=call.id, answered_at=at, clocks=from_then, held_s=call.held_s)


def _comes_late(request: EndRequest, call: RecordedCall, limits: Limits) -> bool:
    """Whether this is the end of a call that was closed as lost, and may be charged still (R22)."""
    is_end = isinstance(request.event, CallEnded) and Flag.END_LOST not in request.flags
    age_max = timedelta(days=limits.end_days_max)
    return call.is_lost and is_end and request.received_at - call.started_at <= age_max


def _flags(request: EndRequest, call: RecordedCall) -> tuple[Flag, ...]:
    """What is to be known of an end; it is late where it came by itself, when the call was over for us."""
    is_late = call.is_lost or (call.is_over and not request.flags)
    return (*request.flags, Flag.END_LATE) if is_late else request.flags


def _hold(call: RecordedCall) -> Decimal | None:
    """What the call holds; None for one that is covered without: it is free, or it was implied by its end."""
    return None if not call.hold and call.held_s >= call.granted_s else call.hold


def _charged(call: RecordedCall, settlement: Settlement) -> Charged:
    if call.account_id is None:
        return Charged(charged=None, currency=None)
    return Charged(charged=settlement.charge, currency=call.currency)


def _clocks_from(
    call: RecordedCall, answered_at: datetime, limits: Limits, now: datetime, ask_every: timedelta | None
) -> Clocks:
    return clocks(
        started_at=call.started_at,
        answered_at=answered_at,
        granted_s=call.granted_s,
        held_s=call.held_s,
        cuttable=call.is_cuttable,
        limits=limits,
        now=now,
        ask_every=ask_every,
    )


def _compare(request: EndRequest, call: RecordedCall, plan: _Plan) -> EndResult:
    """An event of a call that is closed or was refused: nothing moves; other figures are flagged."""
    event = request.event
    if not isinstance(event, CallEnded):
        return Acknowledged()
    if call.state is CallState.REFUSED:
        seconds = reported_seconds(event, event.answered_at, event.ended_at or request.received_at)
        if seconds:
            plan.refused.append((call.id, seconds, event))
        return Charged(charged=None if call.account_id is None else ZERO, currency=call.currency)
    if call.state is CallState.UNMATCHED and event.start is not None:
        return NEEDS_START
    if _differs(event, call):
        plan.flagged.setdefault(Flag.END_DIFFERS, []).append(call.id)
    return Charged(charged=None if call.account_id is None else call.charge, currency=call.currency)


def _differs(event: CallEnded, call: RecordedCall) -> bool:
    """Whether an end tells other seconds than the one that closed the call."""
    if event.seconds is None and event.ended_at is None:
        return False
    answered_at = event.answered_at or call.answered_at
    return reported_seconds(event, answered_at, event.ended_at or call.started_at) != call.reported_s


async def _write(conn: PgConnection, plan: _Plan, results: list[EndResult | Again], *, now: datetime) -> None:
    for position in await _overtaken(conn, plan, now=now):
        results[position] = AGAIN
    for flag, call_ids in plan.flagged.items():
        await ends.flag(conn, call_ids, flag)
    if plan.refused:
        await ends.keep_refused(conn, plan.refused)
    if plan.hinted:
        await ends.reconcile_soon(conn, plan.hinted, soon=now + HINT_PATIENCE)


async def _overtaken(conn: PgConnection, plan: _Plan, *, now: datetime) -> list[int]:
    """Apply the plan; the positions of events whose call another transaction changed while this one waited."""
    overtaken: list[int] = []
    if plan.reopened:
        await ends.reopen_lost(conn, plan.reopened)
    if plan.closed:
        applied = await ends.apply(conn, [closed for _, closed in plan.closed], now=now)
        overtaken += [position for index, (position, _) in enumerate(plan.closed) if index not in applied]
    if plan.answered:
        changed = await ends.answer(conn, [answered for _, answered in plan.answered])
        overtaken += [position for position, answered in plan.answered if answered.call_id in changed]
    if plan.unmatched:
        kept = await ends.keep_unmatched(conn, [unmatched for _, unmatched in plan.unmatched])
        overtaken += [position for index, (position, _) in enumerate(plan.unmatched) if index not in kept]
    return overtaken
