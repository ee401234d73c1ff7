"""An end of a call that is closed or was refused: the first figures stand, but seconds beat a zero (R21).

What an operator closed by hand is closed for good, with 0 s too: an end that comes after all changes the figures that
are on record beside the charge, and nothing else.
"""

from gateway.domain.calls.call import CallState, Flag, Limits
from gateway.domain.calls.settlement import NOT_ANSWERED, reported_seconds
from gateway.domain.events import CallAnswered, CallEnded
from gateway.domain.money import ZERO
from gateway.postgres.calls.ends import RecordedCall
from gateway.providers.base import Acknowledged, Charged
from gateway.usecases.calls.ends.end_request import (
    NEEDS_START,
    EndPlan,
    EndRequest,
    EndResult,
    charged,
    closed_call,
    is_in_time,
    settle_end,
    unmatched_end,
)


def compare(position: int, request: EndRequest, call: RecordedCall, plan: EndPlan, limits: Limits) -> EndResult:
    """Nothing moves, and other figures are flagged.

    But seconds beat a zero: a call is not over because one of its legs is, and what it talked is charged all the same.
    """
    event = request.event
    if not isinstance(event, CallEnded):
        if isinstance(event, CallAnswered):  # a hint does not tell that somebody talked
            _doubt(request, call, plan)
        return Acknowledged()
    if call.state is CallState.REFUSED:
        return _note_refused(event, request, call, plan)
    if call.state is CallState.UNMATCHED and event.start is not None:
        return NEEDS_START
    if call.is_closed_by_hand:
        return _note_beside(event, request, call, plan)
    own_s = _told_seconds(event, request, call)
    if own_s is None:
        return _as_before(call)
    if call.is_charged_nothing and own_s and event.cause not in NOT_ANSWERED:
        return _mend(position, event, request, call, plan, limits=limits)
    if own_s != call.reported_s:
        plan.flag(call.id, Flag.END_DIFFERS)
        _doubt(request, call, plan)
    return _as_before(call)


def _told_seconds(event: CallEnded, request: EndRequest, call: RecordedCall) -> int | None:
    """The provider's own figure; where we asked it, and it tells the end alone, what we heard until then."""
    own_s = call.instants.own_seconds(event)
    if own_s is None and request.is_asked:
        return call.instants.heard_seconds(event, received_at=request.received_at, is_asked=True)
    return own_s


def _doubt(request: EndRequest, call: RecordedCall, plan: EndPlan) -> None:
    """Have the provider asked: what comes after an end with nothing tells that more may have been talked."""
    is_doubtful = call.state is CallState.ENDED and call.is_charged_nothing and not call.is_closed_by_hand
    if is_doubtful and not request.is_asked:
        plan.doubted.append((call.id, request.received_at))


def _mend(
    position: int, event: CallEnded, request: EndRequest, call: RecordedCall, plan: EndPlan, *, limits: Limits
) -> Charged:
    """Seconds that somebody talked take the place of nothing: charged now, or kept until the start comes."""
    if call.state is CallState.UNMATCHED:
        plan.unmatched.append((position, unmatched_end(event, request, limits, was=call)))
        return _as_before(call)
    settlement = settle_end(event, request, call, limits, hold=None)
    if not settlement.billed_s or not is_in_time(request, call, limits):
        plan.flag(call.id, Flag.END_DIFFERS)
        return _as_before(call)
    plan.reopened.append(call.id)
    plan.closed.append((position, closed_call(event, call, settlement, (Flag.END_DIFFERS, *request.flags))))
    return charged(call, settlement)


def _note_refused(event: CallEnded, request: EndRequest, call: RecordedCall, plan: EndPlan) -> Charged:
    """A refused call that talked all the same costs nothing, and its figures are kept (R20)."""
    seconds = reported_seconds(event, call.instants, received_at=request.received_at, is_asked=request.is_asked)
    if seconds:
        plan.noted.append((call.id, seconds, event))
    return Charged(charged=None if call.account_id is None else ZERO, currency=call.currency)


def _note_beside(event: CallEnded, request: EndRequest, call: RecordedCall, plan: EndPlan) -> Charged:
    """What the provider tells of a call that an operator closed stands beside what the operator charged (R22)."""
    seconds = reported_seconds(event, call.instants, received_at=request.received_at, is_asked=request.is_asked)
    plan.noted.append((call.id, seconds, event))
    if seconds != call.billed_s:
        plan.flag(call.id, Flag.END_DIFFERS)
    return _as_before(call)


def _as_before(call: RecordedCall) -> Charged:
    return Charged(charged=None if call.account_id is None else call.charge, currency=call.currency)
