"""What our Voximplant scenario tells of a call, made into events.

The charged leg is the one the money is for: the dialled leg (B) of an outbound or forwarded call, the incoming leg (A)
of an inbound one; its seconds run from its own answer. The provider's cost is the sum over all legs of the call.
"""

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated

import msgspec

from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallEnded, CallStarted, Cause, Direction
from gateway.numbers.parties import read_parties
from gateway.numbers.withheld import asks_privacy
from gateway.providers.wire.fields import (
    NO_AMOUNT,
    SECONDS_MAX,
    Amount,
    Instant,
    PartyText,
    ShortText,
    check_instant,
    read_amount,
)

SessionCallId = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,19}-(inbound|outbound|forward)\Z")]
# Until the year 2100. The engine's clock is in milliseconds; 0 stands for never.
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=4_102_444_800_000)]

# Real sessions have shown durations that fit both rounding up and to nearest (105 s for 104.858 s). What is further
# from the scenario's own clock than this is not the time from answer to end.
DURATION_TOLERANCE_S = 2
COST_PLACES_MAX = 12
COST_DIGITS_MAX = 9

# CallEvents.Failed, and end_reason.code of GetCallHistory. Of an answered leg neither is looked at: the internalCode
# of its end is a Q.850 or gateway cause (10 and 16 were seen), not a SIP code.
CAUSES = {
    200: Cause.NORMAL,
    408: Cause.NO_ANSWER,
    480: Cause.NO_ANSWER,
    486: Cause.BUSY,
    487: Cause.CANCELLED,
    603: Cause.REJECTED,
}
# Who ended the call, where it was not one of its parties.
CUT_BY = frozenset({"limit", "credit", "operator"})
ENDED_BY = {
    "caller": Cause.CANCELLED,  # gone before anybody answered
    "rejected": Cause.REJECTED,  # by our reply
}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class StartFields(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a start, which every end repeats (R21)."""

    call_id: SessionCallId
    direction: Direction | None = None
    caller: PartyText | None = None
    callee: PartyText | None = None
    line: PartyText | None = None
    parent_call_id: SessionCallId | None = None
    privacy: PartyText | None = None
    at: Instant | None = None


class LegReport(msgspec.Struct, frozen=True, kw_only=True):
    """One leg. `duration` and `cost` are the engine's, absent until it has told them; `code` is of a failed leg."""

    role: ShortText
    answered_ms: Milliseconds = 0
    ended_ms: Milliseconds = 0
    duration: Annotated[float, msgspec.Meta(ge=0, le=SECONDS_MAX)] | None = None
    cost: Amount = NO_AMOUNT
    code: int | None = None


class VoximplantEnd(StartFields, frozen=True, kw_only=True):
    legs: tuple[LegReport, ...] = ()
    ended_by: ShortText = "normal"


def start_event(
    body: StartFields,
    direction: Direction,
    callee: str,
    *,
    numbers: str = "",
    control_url: str | None = None,
) -> CallStarted:
    """The start. Without a line it is the caller's of an outbound or forwarded call, the callee's of an inbound one.

    A softphone's caller is a user's name, which is no line of anybody's.
    """
    if not body.call_id.endswith(f"-{direction}"):
        raise MalformedHook("`call_id` does not end in the direction", "call_id")
    if direction is Direction.FORWARD and body.parent_call_id is None:
        raise MalformedHook("a forwarded call needs `parent_call_id`", "parent_call_id")
    parties = read_parties(
        direction,
        caller=body.caller,
        callee=callee,
        line=body.line,
        numbers=numbers,
        is_private=asks_privacy(body.privacy),
    )
    return CallStarted(
        call_id=body.call_id,
        direction=direction,
        caller=parties.caller,
        callee=parties.callee,
        line=parties.line,
        parent_call_id=body.parent_call_id,
        at=check_instant(body.at, "at"),
        control_url=control_url,
    )


def repeated_start(body: StartFields, numbers: str) -> CallStarted | None:
    """The start that an end repeats, where its fields are all there."""
    if body.direction is None or body.callee is None:
        return None
    return start_event(body, body.direction, body.callee, numbers=numbers)


def end_event(body: VoximplantEnd, currency: str | None, numbers: str = "") -> CallEnded:
    role = "A" if body.call_id.endswith("-inbound") else "B"
    charged = next((leg for leg in body.legs if leg.role == role), LegReport(role=role))
    last_ms = max((leg.ended_ms for leg in body.legs), default=0)
    cost = total_cost(leg.cost for leg in body.legs)
    return CallEnded(
        call_id=body.call_id,
        cause=end_cause(body, charged),
        answered_at=instant(charged.answered_ms, "answered_ms"),
        ended_at=instant(charged.ended_ms or last_ms, "ended_ms"),
        seconds=talked_seconds(charged),
        cost=cost,
        cost_currency=None if cost is None else account_currency(currency),
        start=repeated_start(body, numbers),
    )


def talked_seconds(leg: LegReport) -> int:
    """Whole seconds from answer to end: the engine's figure where it fits the scenario's clock, else the clock's.

    A leg that was not answered has none, whatever its duration says.
    """
    if not leg.answered_ms:
        return 0
    measured = math.ceil(leg.duration or 0)
    if not leg.ended_ms:
        return measured
    clock = min(max(0, -((leg.answered_ms - leg.ended_ms) // 1000)), SECONDS_MAX)
    return measured if measured and abs(measured - clock) <= DURATION_TOLERANCE_S else clock


def end_cause(body: VoximplantEnd, charged: LegReport) -> Cause:
    """Why it ended: we cut it; it was answered; we or the caller gave up; what the other side or the provider said."""
    if body.ended_by in CUT_BY:
        return Cause.LIMIT
    if charged.answered_ms:
        return Cause.NORMAL
    if body.ended_by in ENDED_BY:
        return ENDED_BY[body.ended_by]
    return failed_cause(leg.code for leg in reversed(body.legs))


def failed_cause(codes: Iterable[int | None]) -> Cause:
    """What the first code that is there means."""
    return next((CAUSES.get(code, Cause.FAILED) for code in codes if code), Cause.FAILED)


def total_cost(costs: Iterable[Amount]) -> Decimal | None:
    """The sum of what was told; None if nothing was."""
    read = (read_amount(cost, "cost") for cost in costs)
    rounded = [_rounded(cost) for cost in read if cost is not None]
    return sum(rounded, Decimal(0)) if rounded else None


def _rounded(cost: Decimal) -> Decimal:
    """Twelve places at most: a JavaScript number may end in …0001, and that is no reason to lose an end."""
    if cost.adjusted() > COST_DIGITS_MAX or cost < 0:
        raise MalformedHook("`cost` is not an amount", "cost")
    rounded = round(cost, COST_PLACES_MAX)
    return cost if cost == rounded else rounded


def account_currency(currency: str | None) -> str | None:
    """Voximplant writes roubles as RUR (AccountInfo)."""
    return "RUB" if currency == "RUR" else currency


def instant(milliseconds: int, field: str) -> datetime | None:
    return check_instant(_EPOCH + timedelta(milliseconds=milliseconds), field) if milliseconds else None
