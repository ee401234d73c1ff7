"""Answers and ends of calls, a batch at a time: gather with the accounts locked, settle each, apply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, assert_never

from gateway.domain.calls.call import CallState, Clocks, Flag, Limits, clocks
from gateway.domain.calls.instants import CallInstants
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

    `ask_every` is that of the connection's provider, which the clocks of an answered call need. `is_asked` says that
    the provider told because we asked, and not when it happened.
    """

    connection: str
    event: CallAnswered | CallEnded | CallHinted
    received_at: datetime
    flags: tuple[Flag, ...] = ()
    ask_every: timedelta | None = None
    is_asked: bool = False


EndResult = Charged | Acknowledged | NeedsStart


@dataclass(slots=True)
class _Plan:
    """What a batch will write: with the position of its event, so that its result can be found."""

    closed: list[tuple[int, ClosedCall]]
    answered: list[tuple[int, AnsweredCall]]
    unmatched: list[tuple[int, tuple[str, CallEnded, Settlement]]]
    reopened: list[int]
    flagged: dict[Flag, list[int]]
    hinted: list[int]
    refused: list[tuple[int, int, CallEnded]]


async def end_calls(
    conn: PgConnection, requests: Sequence[EndRequest], *, now: datetime, limits: Limits
) -> list[EndResult | Again]:
    """Close, answer or note; the first figures stand, whatever comes later, but seconds beat a zero (R21)."""
    keys = [(request.connection, request.event.call_id) for request in requests]
    calls = await ends.gather(conn, keys)
    results: list[EndResult | Again] = [AGAIN] * len(requests)
    plan = _Plan([], [], [], [], {}, [], [])
    seen: set[tuple[str, str]] = set()
    for position, (request, key, call) in enumerate(zip(requests, keys, calls, strict=True)):
        if key in seen and _can_move(call):
            continue  # a second event of the same call waits for the next batch, unless nothing can move any more
        seen.add(key)
        if call is None:
            results[position] = _keep(position, request, plan, limits)
        elif call.state is CallState.OPEN or _comes_late(request, call, limits):
            results[position] = _move(position, request, call, plan, now=now, limits=limits)
        else:
            results[position] = _compare(position, request, call, plan, limits)
    await _write(conn, plan, results, now=now)
    return results


def _can_move(call: RecordedCall | None) -> bool:
    """Whether an event can still change a call: it is not over, or was closed with nothing."""
    return call is None or call.state in {CallState.OPEN, CallState.UNMATCHED} or call.billed_s == 0


def _keep(position: int, request: EndRequest, plan: _Plan, limits: Limits) -> EndResult:
    """An event of a call that is not on record: an end is kept; an answer comes again with the end."""
    event = request.event
    if not isinstance(event, CallEnded):
        return Acknowledged()
    if event.start is not None:
        return NEEDS_START
    settlement = _settle_unmatched(event, request.received_at, limits)
    plan.unmatched.append((position, (request.connection, event, settlement)))
    return Charged(charged=None, currency=None)


def _settle_unmatched(event: CallEnded, received_at: datetime, limits: Limits) -> Settlement:
    """What is kept of the end of a call that nobody can be charged for yet."""
    earliest = min(received_at, event.answered_at or received_at, event.ended_at or received_at)
    return settle(
        event,
        instants=CallInstants(started_at=earliest, is_announced=False),
        rate=None,
        granted_s=0,
        hold=None,
        received_at=received_at,
        tolerance_s=limits.seconds_tolerance_s,
    )


def _move(
    position: int, request: EndRequest, call: RecordedCall, plan: _Plan, *, now: datetime, limits: Limits
) -> EndResult:
    """An event of a live call: its end closes it, its first answer starts its clocks, a hint has its status asked."""
    event = request.event
    match event:
        case CallEnded():
            settlement = _settle(event, request, call, limits, hold=_hold(call))
            plan.closed.append((position, _closed(event, call, settlement, _flags(request, call))))
            if call.is_lost:
                plan.reopened.append(call.id)
            return _charged(call, settlement)
        case CallAnswered():
            if call.answered_at is None:
                plan.answered.append((position, _answer(event, request, call, limits, now)))
        case CallHinted():
            plan.hinted.append(call.id)
        case _ as never:
            assert_never(never)
    return Acknowledged()


def _settle(
    event: CallEnded, request: EndRequest, call: RecordedCall, limits: Limits, *, hold: Decimal | None
) -> Settlement:
    return settle(
        event,
        instants=call.instants,
        rate=call.rate,
        granted_s=call.granted_s,
        hold=hold,
        received_at=request.received_at,
        tolerance_s=limits.seconds_tolerance_s,
        is_asked=request.is_asked,
    )


def _closed(event: CallEnded, call: RecordedCall, settlement: Settlement, flags: tuple[Flag, ...]) -> ClosedCall:
    return ClosedCall(
        call_id=call.id,
        granted_s=call.granted_s,
        answered_at=call.answered_at,
        event=event,
        settlement=settlement,
        flags=flags,
    )


def _answer(
    event: CallAnswered, request: EndRequest, call: RecordedCall, limits: Limits, now: datetime
) -> AnsweredCall:
    at = call.instants.answer(event.at, received_at=request.received_at, is_asked=request.is_asked)
    return AnsweredCall(
        call_id=call.id,
        answered_at=at,
        provider_answered_at=event.at,
        clocks=_clocks_from(call, at, limits, now, request.ask_every),
        held_s=call.held_s,
    )


def _comes_late(request: EndRequest, call: RecordedCall, limits: Limits) -> bool:
    """Whether this is the end of a call that was closed as lost, and may be charged still (R22)."""
    is_end = isinstance(request.event, CallEnded) and Flag.END_LOST not in request.flags
    return call.is_lost and is_end and _is_in_time(request, call, limits)


def _is_in_time(request: EndRequest, call: RecordedCall, limits: Limits) -> bool:
    return request.received_at - call.started_at <= timedelta(days=limits.end_days_max)


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


def _compare(position: int, request: EndRequest, call: RecordedCall, plan: _Plan, limits: Limits) -> EndResult:
    """An event of a call that is closed or was refused: nothing moves; other figures are flagged.

    But seconds beat a zero: a call is not over because one of its legs is, and what it talked is charged all the same.
    """
    event = request.event
    if not isinstance(event, CallEnded):
        return Acknowledged()
    if call.state is CallState.REFUSED:
        received_at, is_asked = request.received_at, request.is_asked
        seconds = reported_seconds(event, call.instants, received_at=received_at, is_asked=is_asked)
        if seconds:
            plan.refused.append((call.id, seconds, event))
        return Charged(charged=None if call.account_id is None else ZERO, currency=call.currency)
    if call.state is CallState.UNMATCHED and event.start is not None:
        return NEEDS_START
    if call.instants.own_seconds(event) in {None, call.reported_s}:
        return _as_before(call)
    if call.state is CallState.UNMATCHED and call.reported_s == 0:
        settlement = _settle_unmatched(event, request.received_at, limits)
        plan.unmatched.append((position, (request.connection, event, settlement)))
        return _as_before(call)
    if call.billed_s == 0 and _is_in_time(request, call, limits):
        settlement = _settle(event, request, call, limits, hold=None)
        if settlement.billed_s:
            plan.reopened.append(call.id)
            plan.closed.append((position, _closed(event, call, settlement, (Flag.END_DIFFERS, *request.flags))))
            return _charged(call, settlement)
    plan.flagged.setdefault(Flag.END_DIFFERS, []).append(call.id)
    return _as_before(call)


def _as_before(call: RecordedCall) -> Charged:
    return Charged(charged=None if call.account_id is None else call.charge, currency=call.currency)


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
        await ends.reopen(conn, plan.reopened)
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
