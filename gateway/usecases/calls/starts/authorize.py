"""Call starts, a batch at a time: gather the facts with the accounts locked, decide each in order, open the calls."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import assert_never

from gateway.domain.calls.call import CallState, Clocks, Flag, Limits, clocks
from gateway.domain.calls.decision import Decision, Granted, StartFacts, refuse
from gateway.domain.calls.reconstructed import reconstruct_allowed, reconstruct_ended
from gateway.domain.calls.refusals import Refusal
from gateway.domain.calls.rules import decide
from gateway.domain.money import ZERO
from gateway.postgres.batch_item import AGAIN, Again
from gateway.postgres.calls import corrections, starts
from gateway.postgres.calls.starts import GatheredStart, NewCall, StartKey
from gateway.postgres.locked_accounts import Locked
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.at_once.memory import Memory
from gateway.usecases.calls.flag_tally import FlagTally, untold
from gateway.usecases.calls.starts.capped import BatchUse, count_use, note_caps
from gateway.usecases.calls.starts.circles import mark_circles
from gateway.usecases.calls.starts.repeated_start import reply_again
from gateway.usecases.calls.starts.start_request import (
    AllowedStart,
    AskedStart,
    Decided,
    ImpliedStart,
    RefusedStart,
    Repeated,
    StartRequest,
    StartResult,
    facts_of,
    outcome_of,
    owned_at,
    started_at,
)
from gateway.usecases.calls.starts.told_otherwise import is_told_otherwise, put_right


async def authorize_calls(
    conn: PgConnection,
    requests: Sequence[StartRequest],
    *,
    now: datetime,
    limits: Limits,
    tally: FlagTally = untold,
    memory: Memory | None = None,
) -> list[StartResult | Again | Locked]:
    """Decide starts and record every decision with its reply; a repeat gets the stored reply (R16).

    What was found out, and what was opened, is remembered in `memory`.
    """
    keys = [key_of(request) for request in requests]
    gathered = await starts.gather(conn, keys, now=now, owed_limits=limits.owed_limits_calls)
    gathered = await mark_circles(conn, keys, gathered)
    results: list[StartResult | Again | Locked] = [AGAIN] * len(requests)
    use_by_account = await count_use(conn, gathered, now=now)
    decided: list[tuple[int, NewCall]] = []
    changed: set[tuple[str, str]] = set()
    for position, (request, key, start) in enumerate(zip(requests, keys, gathered, strict=True)):
        use = use_by_account[0 if start.account is None else start.account.id]
        if start.locked_account_id is not None and not _has_its_reply(request, start):
            results[position] = Locked(start.locked_account_id)
            continue
        identity = (key.connection, key.call.call_id)
        if identity in changed and not _has_its_reply(request, start):
            continue  # another start of this batch was first, which this one finds next time
        changed.add(identity)
        if start.call_id is not None or start.is_archived:
            results[position], taken = await _on_record(
                conn, request, key, start, use, now=now, limits=limits, tally=tally
            )
            use.hold += taken
            continue
        new = decide_start(request, key, start, use, now=now, limits=limits)
        use.add(new.decision, is_start=isinstance(request, AskedStart))
        decided.append((position, new))
    if asked_again := _asked_again(requests, gathered):
        await corrections.note_asked_again(conn, asked_again)
    if decided:
        opened = await _open(conn, decided, results, now=now)
        tally([flag for _, new in opened.values() for flag in new.flags])
        if memory is not None:
            _remember(memory, gathered, opened, limits)
    return results


def _remember(
    memory: Memory, gathered: Sequence[GatheredStart], opened: Mapping[int, tuple[int, NewCall]], limits: Limits
) -> None:
    for position, (call_id, new) in opened.items():
        decision, account = new.decision, gathered[position].account
        had_enough = isinstance(decision, Granted) and decision.granted_s == limits.call_seconds_max
        memory.note_line(new.key.call.line, gathered[position], had_enough=had_enough)
        if account is not None:
            memory.note_start(call_id, new, account)


async def _on_record(
    conn: PgConnection,
    request: StartRequest,
    key: StartKey,
    start: GatheredStart,
    use: BatchUse,
    *,
    now: datetime,
    limits: Limits,
    tally: FlagTally,
) -> tuple[Decided | Repeated | Again, Decimal]:
    """The reply to a start under an id that is on record, and what it takes from its account."""
    if start.call_id is None or not is_told_otherwise(request, start):
        return await reply_again(conn, request, key, start, now=now, limits=limits, tally=tally)
    new = decide_start(request, key, start, use, now=now, limits=limits)
    told = await put_right(conn, start.call_id, new, now=now, limits=limits, tally=tally)
    return told, new.decision.hold if isinstance(new.decision, Granted) else ZERO


def _asked_again(requests: Sequence[StartRequest], gathered: Sequence[GatheredStart]) -> list[int]:
    """The live calls whose webhooks came again, and were told what is on record."""
    return [
        start.call_id
        for request, start in zip(requests, gathered, strict=True)
        if start.call_id is not None and start.state is CallState.OPEN and _has_its_reply(request, start)
    ]


def _has_its_reply(request: StartRequest, start: GatheredStart) -> bool:
    """Whether a call only asks again, so that it moves no money and waits for nobody."""
    return isinstance(request, AskedStart) and start.reply is not None


def key_of(request: StartRequest) -> StartKey:
    arrival = request.arrival
    return StartKey(
        connection=arrival.connection.name,
        call=arrival.call,
        started_at=started_at(request),
        owned_at=owned_at(request),
    )


async def _open(
    conn: PgConnection,
    decided: list[tuple[int, NewCall]],
    results: list[StartResult | Again | Locked],
    *,
    now: datetime,
) -> Mapping[int, tuple[int, NewCall]]:
    """Record what was decided; what another transaction has opened meanwhile is left for another time.

    Our ids of the calls, and the calls, by their positions.
    """
    applied = await starts.apply(conn, [new for _, new in decided], now=now)
    opened = {decided[index][0]: (call_id, decided[index][1]) for index, call_id in applied.items()}
    for position, (_, new) in opened.items():
        account_id = None if new.line is None else new.line.account_id
        results[position] = Decided(reply=new.reply or b"", decision=new.decision, account_id=account_id)
    capped = [call for call in opened.values() if call[1].capped is not None]
    if capped:
        await note_caps(conn, capped, now=now)
    return opened


def decide_start(
    request: StartRequest, key: StartKey, gathered: GatheredStart, use: BatchUse, *, now: datetime, limits: Limits
) -> NewCall:
    """Decide a call that asks; reconstruct one that was connected without us, which no cap can refuse."""
    arrival = request.arrival
    account = None if gathered.account is None else use.left_of(gathered.account)
    facts = facts_of(arrival, gathered, account)
    decision: Decision
    reply: bytes | None
    flags: tuple[Flag, ...]
    match request:
        case AskedStart():
            decision, flags = decide(arrival.call, facts, limits), ()
            reply = arrival.reply(outcome_of(decision))
        case AllowedStart():
            decision, flags = reconstruct_allowed(arrival.call, facts, limits, allowed_s=request.allowed_s)
            reply = request.reply
        case RefusedStart():
            decision, flags = refuse(Refusal.UNAVAILABLE, arrival.call.direction), ()
            reply = request.reply
        case ImpliedStart() if facts.bound_elsewhere:
            decision, flags, reply = refuse(Refusal.CONNECTION_BOUND, arrival.call.direction), (Flag.NO_START,), None
        case ImpliedStart():
            decision, flags = reconstruct_ended(arrival.call, facts, limits)
            reply = None
        case _ as never:
            assert_never(never)
    return NewCall(
        key=key,
        line=gathered.line,
        decision=decision,
        clocks=_clocks(key, decision, facts, now=now, limits=limits) if isinstance(decision, Granted) else None,
        reply=reply,
        flags=flags,
        capped=account.capped if account is not None and isinstance(request, AskedStart) else None,
        # What is known only by its end was not heard of when it started, so it tells nothing of the provider's clock.
        provider_started_at=None if isinstance(request, ImpliedStart) else arrival.call.at,
    )


def _clocks(key: StartKey, granted: Granted, facts: StartFacts, *, now: datetime, limits: Limits) -> Clocks:
    return clocks(
        started_at=key.started_at,
        answered_at=None,
        granted_s=granted.granted_s,
        held_s=granted.held_s,
        cuttable=facts.cuttable,
        limits=limits,
        now=now,
    )
