"""Call starts, a batch at a time: gather the facts with the accounts locked, decide each in order, open the calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import assert_never

from gateway import numbering
from gateway.domain.calls.call import CALL_AGE_MAX, CallState, Flag, Limits, clocks, instant_of, start_of
from gateway.domain.calls.decision import Decision, Granted, Refused, StartFacts, decide, refuse
from gateway.domain.calls.reconstructed import record_unannounced, record_unavailable
from gateway.domain.calls.refusals import Refusal
from gateway.domain.calls.settlement import settle
from gateway.domain.connection import Connection
from gateway.domain.events import CallStarted
from gateway.domain.money import ZERO
from gateway.postgres.calls import ends, starts
from gateway.postgres.calls.starts import KnownStart, NewCall, StartKey
from gateway.postgres.group_commit import AGAIN, Again
from gateway.postgres.types import PgConnection
from gateway.providers.base import Adapter, CallRef, Connect, Outcome, Reject
from gateway.usecases.calls.capped import BatchUse, count_use, keep_caps


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRequest:
    """A call that wants to start, or one that did without us.

    `received_at` is when its webhook came, which for one that waited on disk is a while ago. `unannounced`: its end
    came, its start did not (R21). `allowed_s`: it was connected for so long while the database was away, with the reply
    `replied` (R34).
    """

    connection: Connection
    adapter: Adapter
    call: CallStarted
    public_url: str
    received_at: datetime
    unannounced: bool = False
    allowed_s: int | None = None
    replied: bytes | None = None

    @property
    def is_asked(self) -> bool:
        """Whether it may be refused, as it did not start without us."""
        return self.allowed_s is None and not self.unannounced


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The reply to a start; `decision` is None where it is the stored reply to an earlier one.

    `is_unavailable`: the call was connected without the database, and will be on record later (R34).
    """

    reply: bytes
    decision: Decision | None = None
    account_id: int | None = None
    is_unavailable: bool = False


def outcome_of(decision: Decision) -> Outcome:
    """What the provider is told of a decision."""
    match decision:
        case Granted():
            return Connect(caller_id=decision.caller_id, max_seconds=decision.granted_s)
        case Refused():
            return Reject(sip_code=decision.sip_code, reason=decision.refusal.value)
        case _ as never:
            assert_never(never)


def facts_of(request: StartRequest, known: KnownStart, taken: BatchUse) -> StartFacts:
    """The facts of one start; `taken` is what earlier starts of the batch take of the same account."""
    call = request.call
    return StartFacts(
        line=known.line,
        account=None if known.account is None else taken.from_(known.account),
        rate=known.rate,
        parent=known.parent,
        is_emergency=numbering.is_emergency(call),
        callee_possible=numbering.is_possible(call.callee),
        cuttable=_is_cuttable(request),
    )


async def authorize_calls(
    conn: PgConnection, requests: Sequence[StartRequest], *, now: datetime, limits: Limits
) -> list[Started | Again]:
    """Decide starts and record every decision with its reply; a repeat gets the stored reply (R16)."""
    keys = [
        StartKey(
            connection=request.connection.name,
            call=request.call,
            started_at=_start_of(request),
        )
        for request in requests
    ]
    known = await starts.gather(conn, keys, now=now)
    results: list[Started | Again] = [AGAIN] * len(requests)
    taken = await count_use(conn, known, now=now)
    fresh: dict[tuple[str, str], tuple[int, NewCall]] = {}
    for position, (request, key, fact) in enumerate(zip(requests, keys, known, strict=True)):
        taken_of = taken[0 if fact.account is None else fact.account.id]
        if fact.call_id is not None:
            results[position], spent = await _known(conn, request, key, fact, now=now, limits=limits)
            taken_of.hold += spent
            continue
        identity = (key.connection, key.call.call_id)
        if identity in fresh:
            continue  # the same start twice in a batch: the second finds the first one's reply next time
        new = _decide(request, key, fact, taken_of, now=now, limits=limits)
        taken_of.add(new.decision, is_start=request.is_asked)
        fresh[identity] = (position, new)
    if fresh:
        await _open(conn, list(fresh.values()), results, now=now)
    return results


async def _open(
    conn: PgConnection, decided: list[tuple[int, NewCall]], results: list[Started | Again], *, now: datetime
) -> None:
    """Record what was decided; what another transaction has opened meanwhile is left for another time."""
    opened = await starts.apply(conn, [new for _, new in decided])
    for applied in opened:
        position, new = decided[applied]
        results[position] = Started(
            reply=new.reply or b"",
            decision=new.decision,
            account_id=None if new.line is None else new.line.account_id,
        )
    capped = [(opened[applied], decided[applied][1]) for applied in opened if decided[applied][1].capped is not None]
    if capped:
        await keep_caps(conn, capped, now=now)


def _decide(
    request: StartRequest, key: StartKey, known: KnownStart, taken: BatchUse, *, now: datetime, limits: Limits
) -> NewCall:
    facts = facts_of(request, known, taken)
    decision: Decision
    flags: tuple[Flag, ...] = ()
    reply: bytes | None = None
    if request.unannounced:
        decision, flags = record_unannounced(request.call, facts, limits)
    elif request.allowed_s is not None:
        decision, flags = record_unavailable(request.call, facts, limits, allowed_s=request.allowed_s)
        reply = request.replied
    else:
        decision = decide(request.call, facts, limits)
        reply = _render(request, outcome_of(decision))
    return NewCall(
        key=key,
        line=known.line,
        decision=decision,
        clocks=None
        if isinstance(decision, Refused)
        else clocks(
            started_at=key.started_at,
            answered_at=None,
            granted_s=decision.granted_s,
            held_s=decision.held_s,
            cuttable=facts.cuttable,
            limits=limits,
            now=now,
        ),
        reply=reply,
        flags=flags,
        capped=facts.account.capped if facts.account is not None and request.is_asked else None,
    )


def _start_of(request: StartRequest) -> datetime:
    """When a call started. What is over already may have started long before we heard of it."""
    if request.unannounced:
        received_at = request.received_at
        return instant_of(request.call.at, earliest=received_at - CALL_AGE_MAX, now=received_at)
    return start_of(request.call.at, now=request.received_at)


async def _known(
    conn: PgConnection, request: StartRequest, key: StartKey, known: KnownStart, *, now: datetime, limits: Limits
) -> tuple[Started, Decimal]:
    """A start of a call on record: the stored reply, or, where its end came first, a refusal; and what it charged."""
    if known.reply is not None:
        return Started(reply=known.reply), ZERO
    spent = ZERO
    if known.state is CallState.ORPHAN and known.call_id is not None:
        spent = await _adopt(conn, request, key, known, now=now, limits=limits)
    ended = refuse(Refusal.CALL_ENDED, request.call.direction)
    return Started(reply=_render(request, outcome_of(ended))), spent


async def _adopt(
    conn: PgConnection, request: StartRequest, key: StartKey, known: KnownStart, *, now: datetime, limits: Limits
) -> Decimal:
    """Charge a call whose end came before its start, now that the start tells of its line and callee; what it cost."""
    facts = facts_of(request, known, BatchUse())
    if request.allowed_s is None:
        granted, flags = record_unannounced(request.call, facts, limits)
    else:
        granted, flags = record_unavailable(request.call, facts, limits, allowed_s=request.allowed_s)
    call_id = known.call_id or 0
    event = await starts.match_end(conn, call_id, request.call, known.line, granted, must_end_at=now)
    if event is None:
        return ZERO
    settlement = settle(
        event,
        rate=granted.rate,
        started_at=min(key.started_at, event.answered_at or event.ended_at or now),
        answered_at=None,
        granted_s=granted.granted_s,
        hold=None,
        # Its end may be on record by another process, whose clock was ahead, or looked at later than ours (R38).
        now=max(now, event.ended_at or now),
    )
    told = tuple(flag for flag in flags if flag is not Flag.NO_START)
    closed = ends.ClosedCall(
        call_id=call_id,
        granted_s=granted.granted_s,
        answered_at=None,
        event=event,
        settlement=settlement,
        flags=told,
    )
    await ends.apply(conn, [closed], now=now)
    return settlement.charge


def _is_cuttable(request: StartRequest) -> bool:
    call = CallRef(call_id=request.call.call_id, control_url=request.call.control_url)
    return request.adapter.can_cut(request.connection, call)


def _render(request: StartRequest, outcome: Outcome) -> bytes:
    return request.adapter.reply(request.call, outcome, request.connection, public_url=request.public_url).body
