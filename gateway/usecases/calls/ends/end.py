"""Answers and ends of calls, a batch at a time: gather with the accounts locked, settle each, apply."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_never

from gateway.domain.calls.call import CallState, Clocks, Flag, Limits, clocks
from gateway.domain.events import CallAnswered, CallEnded, CallHinted
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.batch_item import AGAIN, Again
from gateway.postgres.calls import answers, doubted_ends, ends
from gateway.postgres.calls.answers import AnsweredCall
from gateway.postgres.calls.ends import Archived, RecordedCall
from gateway.postgres.locked_accounts import Locked
from gateway.postgres.types import PgConnection
from gateway.providers.base import Acknowledged, Charged
from gateway.usecases.calls.at_once.memory import Memory
from gateway.usecases.calls.ends.end_request import (
    NEEDS_START,
    EndPlan,
    EndRequest,
    EndResult,
    charged,
    closed_call,
    is_doubtful,
    is_in_time,
    settle_end,
    unmatched_end,
)
from gateway.usecases.calls.ends.repeated_end import compare
from gateway.usecases.calls.flag_tally import FlagTally, untold

# A hint says that the end is near; its own event with the figures is given this long to come first.
HINT_PATIENCE = timedelta(seconds=15)
# A zero is in doubt: the report with the seconds is given this long to come first.
DOUBT_PATIENCE = timedelta(seconds=15)


async def end_calls(
    conn: PgConnection,
    requests: Sequence[EndRequest],
    *,
    now: datetime,
    limits: Limits,
    tally: FlagTally = untold,
    memory: Memory | None = None,
) -> list[EndResult | Again | Locked]:
    """Close, answer or note; the first figures stand, whatever comes later, but seconds beat a zero (R21).

    What becomes of calls is remembered in `memory`.
    """
    keys = [(request.connection, request.event.call_id) for request in requests]
    calls = await ends.gather(conn, keys)
    results: list[EndResult | Again | Locked] = [AGAIN] * len(requests)
    plan = EndPlan()
    seen: set[tuple[str, str]] = set()
    for position, (request, key, call) in enumerate(zip(requests, keys, calls, strict=True)):
        if call is Archived.ARCHIVED:
            results[position] = _acknowledge(request)
            continue
        if key in seen and _can_move(call):
            continue  # a second event of the same call waits for the next batch, unless nothing can move any more
        seen.add(key)
        if call is not None and call.locked_account_id is not None:
            results[position] = Locked(call.locked_account_id)
        elif call is None:
            results[position] = _keep(position, request, plan, limits)
        elif call.state is CallState.OPEN or _comes_late(request, call, limits):
            results[position] = _move(position, request, call, plan, now=now, limits=limits)
        else:
            results[position] = compare(position, request, call, plan, limits)
    tally(await _write(conn, plan, results, now=now))
    if memory is not None:
        _remember(memory, keys, calls, plan)
    return results


def _remember(
    memory: Memory,
    keys: Sequence[tuple[str, str]],
    calls: Sequence[RecordedCall | Archived | None],
    plan: EndPlan,
) -> None:
    """Remember the calls that were answered as they are from now on; all others may be otherwise than before."""
    for key in keys:
        memory.forget_call(key)
    for position, answered in plan.answered:
        call = calls[position]
        if isinstance(call, RecordedCall):
            at, shown_at = answered.answered_at, answered.provider_answered_at
            memory.note_call(keys[position], replace(call, answered_at=at, provider_answered_at=shown_at))


def _can_move(call: RecordedCall | None) -> bool:
    """Whether an event can still change a call: it is not over, or was closed with nothing."""
    return call is None or call.state in {CallState.OPEN, CallState.UNMATCHED} or call.is_charged_nothing


def _acknowledge(request: EndRequest) -> EndResult:
    """An event of a call that was archived: whatever it tells, nothing is charged any more."""
    event = request.event
    logger().warning(LogEvent.ARCHIVED_CALL_TOLD, connection=request.connection, provider_call_id=event.call_id)
    return Charged(charged=None, currency=None) if isinstance(event, CallEnded) else Acknowledged()


def _keep(position: int, request: EndRequest, plan: EndPlan, limits: Limits) -> EndResult:
    """An event of a call that is not on record: an end is kept; an answer comes again with the end."""
    event = request.event
    if not isinstance(event, CallEnded):
        return Acknowledged()
    if event.start is not None:
        return NEEDS_START
    plan.unmatched.append((position, unmatched_end(event, request, limits)))
    return Charged(charged=None, currency=None)


def _move(
    position: int, request: EndRequest, call: RecordedCall, plan: EndPlan, *, now: datetime, limits: Limits
) -> EndResult:
    """An event of a live call: its end closes it, its first answer starts its clocks, a hint has its status asked."""
    event = request.event
    match event:
        case CallEnded():
            settlement = settle_end(event, request, call, limits, hold=covered_hold(call))
            plan.closed.append((position, closed_call(event, call, settlement, _flags(request, call))))
            if is_doubtful(request, settlement):
                plan.doubted.append((call.id, request.received_at))
            if call.is_lost:
                plan.reopened.append(call.id)
            return charged(call, settlement)
        case CallAnswered():
            if call.answered_at is None:
                plan.answered.append((position, _answer(event, request, call, limits, now)))
        case CallHinted():
            plan.hinted.append(call.id)
        case _ as never:
            assert_never(never)
    return Acknowledged()


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
    return call.is_lost and is_end and is_in_time(request, call, limits)


def _flags(request: EndRequest, call: RecordedCall) -> tuple[Flag, ...]:
    """What is to be known of an end; it is late where it came by itself, when the call was over for us."""
    is_late = call.is_lost or (call.is_over and not request.flags)
    return (*request.flags, Flag.END_LATE) if is_late else request.flags


def covered_hold(call: RecordedCall) -> Decimal | None:
    """What the call holds; None for one that is covered without: it is free, or it was implied by its end."""
    return None if not call.hold and call.held_s >= call.granted_s else call.hold


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


async def _write(
    conn: PgConnection, plan: EndPlan, results: list[EndResult | Again | Locked], *, now: datetime
) -> list[Flag]:
    """Apply the plan; the flags that calls got."""
    overtaken = await _overtaken(conn, plan, now=now)
    for position in overtaken:
        results[position] = AGAIN
    flags = plan.flags_but_of(overtaken)
    if plan.noted:
        flags += await ends.note_figures(conn, plan.noted, now=now)
    for flag, call_ids in plan.flagged.items():
        flags += await ends.flag(conn, call_ids, flag, now=now)
    if plan.hinted:
        await ends.reconcile_soon(conn, plan.hinted, soon=now + HINT_PATIENCE)
    return flags


async def _overtaken(conn: PgConnection, plan: EndPlan, *, now: datetime) -> list[int]:
    """Apply the plan; the positions of events whose call another transaction changed while this one waited."""
    overtaken: list[int] = []
    if plan.doubted:  # before they are closed, while their own control URLs are on record
        await doubted_ends.doubt(conn, plan.doubted, ask_at=now + DOUBT_PATIENCE)
    if plan.reopened:
        await ends.reopen(conn, plan.reopened)
    if plan.closed:
        applied = await ends.apply(conn, [closed for _, closed in plan.closed], now=now)
        overtaken += [position for index, (position, _) in enumerate(plan.closed) if index not in applied]
    if plan.answered:
        changed = await answers.answer(conn, [answered for _, answered in plan.answered])
        overtaken += [position for position, answered in plan.answered if answered.call_id in changed]
    if plan.unmatched:
        kept = await ends.keep_unmatched(conn, [unmatched for _, unmatched in plan.unmatched], now=now)
        overtaken += [position for index, (position, _) in enumerate(plan.unmatched) if index not in kept]
    return overtaken
