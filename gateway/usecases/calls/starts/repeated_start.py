"""A start under an id that is on record: the stored reply; or the end came first, and is charged now (R16, R21).

Of a call that was archived the id is on record and nothing else: it has ended, and is never decided anew.
"""

from datetime import datetime
from decimal import Decimal
from typing import assert_never

from gateway.domain.calls.asked import is_another_call
from gateway.domain.calls.call import CallState, Flag, Limits
from gateway.domain.calls.decision import Granted, StartFacts, refuse
from gateway.domain.calls.instants import CallInstants
from gateway.domain.calls.reconstructed import reconstruct_allowed, reconstruct_ended
from gateway.domain.calls.refusals import Refusal
from gateway.domain.calls.settlement import Settlement, settle
from gateway.domain.money import ZERO
from gateway.postgres.batch_item import Again
from gateway.postgres.calls import ends
from gateway.postgres.calls.ends import ClosedCall
from gateway.postgres.calls.kept_ends import KeptEnd, match_end
from gateway.postgres.calls.starts import GatheredStart, StartKey
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.flag_tally import FlagTally
from gateway.usecases.calls.starts.reused_id import refuse_reuse
from gateway.usecases.calls.starts.start_request import (
    AllowedStart,
    AskedStart,
    Decided,
    ImpliedStart,
    RefusedStart,
    Repeated,
    StartRequest,
    facts_of,
    outcome_of,
)


async def reply_again(
    conn: PgConnection,
    request: StartRequest,
    key: StartKey,
    gathered: GatheredStart,
    *,
    now: datetime,
    limits: Limits,
    tally: FlagTally,
) -> tuple[Decided | Repeated | Again, Decimal]:
    """The stored reply, or a refusal where the end came first or the id is another call's; and what an end is charged.

    What an end tells of its start is believed to be of the call that the end is of. A call that was refused is not told
    of anew, whatever is on record.
    """
    if isinstance(request, RefusedStart):
        return Repeated(reply=request.reply), ZERO
    first_id, asked = gathered.call_id, gathered.asked
    is_told = not isinstance(request, ImpliedStart)
    if is_told and first_id is not None and asked is not None and is_another_call(key.call, asked):
        return await refuse_reuse(conn, request, key, gathered, first_call_id=first_id, now=now, tally=tally), ZERO
    if gathered.reply is not None:
        return Repeated(reply=gathered.reply), ZERO
    charge = ZERO
    if gathered.state is CallState.UNMATCHED and gathered.call_id is not None:
        charge = await _match_end(conn, gathered.call_id, request, key, gathered, now=now, limits=limits, tally=tally)
    ended = refuse(Refusal.CALL_ENDED, request.arrival.call.direction)
    return Repeated(reply=request.arrival.reply(outcome_of(ended))), charge


async def _match_end(
    conn: PgConnection,
    call_id: int,
    request: AskedStart | AllowedStart | ImpliedStart,
    key: StartKey,
    gathered: GatheredStart,
    *,
    now: datetime,
    limits: Limits,
    tally: FlagTally,
) -> Decimal:
    """Charge an unmatched end, now that the start tells of its line and callee; what it costs.

    A line of an account that the connection is not for has nothing charged: the end stays as it is.
    """
    facts = facts_of(request.arrival, gathered, gathered.account)
    if facts.bound_elsewhere:
        return ZERO
    granted, flags = _reconstruct(request, facts, limits)
    kept = await match_end(conn, call_id, key.call, gathered.line, granted, must_end_at=now)
    if kept is None:
        return ZERO
    settlement = _settle(request, key, kept, granted, now=now, limits=limits)
    closed = ClosedCall(
        call_id=call_id,
        granted_s=granted.granted_s,
        answered_at=None,
        event=kept.event,
        settlement=settlement,
        flags=tuple(flag for flag in flags if flag is not Flag.NO_START),
    )
    await ends.apply(conn, [closed], now=now)
    tally(closed.written_flags)
    return settlement.charge


def _settle(
    request: AskedStart | AllowedStart | ImpliedStart,
    key: StartKey,
    kept: KeptEnd,
    granted: Granted,
    *,
    now: datetime,
    limits: Limits,
) -> Settlement:
    """Charge an end by its start; one that we connected before it came is bounded by what passed until then."""
    event = kept.event
    if isinstance(request, AllowedStart) and key.started_at <= kept.kept_at:
        instants, received_at = CallInstants(started_at=key.started_at), kept.kept_at
    else:
        started_at = min(key.started_at, event.answered_at or event.ended_at or now)
        instants = CallInstants(started_at=started_at, is_announced=False)
        # Its end may be on record by another process, whose clock was ahead, or looked at later than ours (R38).
        received_at = max(now, event.ended_at or now)
    return settle(
        event,
        instants=instants,
        rate=granted.rate,
        granted_s=granted.granted_s,
        hold=None,
        received_at=received_at,
        tolerance_s=limits.seconds_tolerance_s,
    )


def _reconstruct(
    request: AskedStart | AllowedStart | ImpliedStart, facts: StartFacts, limits: Limits
) -> tuple[Granted, tuple[Flag, ...]]:
    call = request.arrival.call
    match request:
        case AskedStart() | ImpliedStart():
            return reconstruct_ended(call, facts, limits)
        case AllowedStart():
            return reconstruct_allowed(call, facts, limits, allowed_s=request.allowed_s)
        case _ as never:
            assert_never(never)
