"""The life of a call: its states, what leads from one to another, and its clocks.

    (start) ─▶ refused                                    final
    (start) ─▶ open ──answer──▶ open, answered_at set
                 └───end, reconcile───▶ ended             final
    (end without a start that could be charged) ─▶ unmatched ─start─▶ ended

An open call has exactly one `live_call` row, which carries its hold and its clocks; no other call has one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# How long ago a call may have started that nobody told us of until its end.
CALL_AGE_MAX = timedelta(days=60)
# After the deadline, how long the end may take before the provider is asked for the call's status (R22).
END_GRACE = timedelta(seconds=120)
# After the deadline, how long an unknown status may stay unknown (R22).
STATUS_UNKNOWN_MAX = timedelta(hours=24)
# How long before the held seconds run out the hold is extended.
EXTEND_AHEAD_MAX = timedelta(seconds=30)


class CallState(StrEnum):
    """The states above; an unmatched end is called an orphan in the database, and where scripts read it."""

    OPEN = "open"
    REFUSED = "refused"
    ENDED = "ended"
    UNMATCHED = "orphan"


class CutReason(StrEnum):
    """Why we end a call (native.md, call.hangup)."""

    LIMIT = "limit"
    CREDIT = "credit"
    OPERATOR = "operator"


class Flag(StrEnum):
    """What an operator should know about a call that is not as it should be."""

    OVER_GRANT = "over_grant"  # more seconds reported than granted; the granted ones are charged (R20)
    NO_START = "no_start"  # the end came without a start (R21)
    NO_RATE = "no_rate"  # ended without a start, and no rate could be found: charged nothing
    NO_LINE = "no_line"  # ended without a start, and no line of ours is named: charged nothing
    END_DIFFERS = "end_differs"  # ended again with other figures; the first stand, but seconds beat a zero (R21)
    END_LOST = "end_lost"  # nobody knows its status: closed with the charge 0 (R22)
    END_ASKED = "end_asked"  # its end never came, or was in doubt; the provider was asked (R21, R22)
    END_LATE = "end_late"  # its end came long after its deadline, and is charged all the same (R22)
    CLOSED_BY_HAND = "closed_by_hand"  # an operator said how long it talked, as its end never came (R22)
    HOLD_SHORT = "hold_short"  # the charge is more than what was held
    CLOCK = "clock"  # the provider's instants contradict each other
    UNAVAILABLE = "unavailable"  # connected while the database was away (R34)
    TOLD_OTHERWISE = "told_otherwise"  # decided, but its provider was told otherwise, as nobody could hear that (R34)
    ID_REUSED = "id_reused"  # another call came under its id, or it is that other call (R16)
    REFUSED = "refused"  # we refused it, and the provider reports seconds all the same
    NOT_ANSWERED = "not_answered"  # it ended as nobody answered, and has seconds all the same: charged nothing (R20)
    SECONDS_BOUNDED = "seconds_bounded"  # more seconds than passed by our clock; those that passed are charged (R20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The settings of `[limits]`, in seconds but for the last two.

    `owed_limits_calls`: what is owed by calls that are over limits new ones (R22).
    """

    call_seconds_max: int = 3600
    hold_slice_s: int = 300
    ring_s: int = 90
    end_days_max: int = 60
    owed_limits_calls: bool = True
    # How much more than what passed by our own clock may be charged (R20).
    seconds_tolerance_s: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """When whoever is responsible must look at a live call; None: never."""

    must_end_at: datetime  # the deadline (R18)
    cut_due_at: datetime | None  # the cutter; None where the gateway cannot end the call
    extend_due_at: datetime | None  # the hold extender (R15); None when all that was granted is held
    reconcile_due_at: datetime  # the reconciler (R22)


def instant_of(reported: datetime | None, *, earliest: datetime, now: datetime) -> datetime:
    """When something happened: what the provider says, kept within what can be true.

    Never before `earliest`, even where another machine wrote that by a clock that is ahead of ours (R38).
    """
    return max(now if reported is None else min(reported, now), earliest)


def extend_ahead(slice_s: int) -> timedelta:
    """How early a hold of this many seconds is extended: 30 s, or a third of a shorter slice."""
    return min(EXTEND_AHEAD_MAX, timedelta(seconds=slice_s) / 3)


def clocks(
    *,
    started_at: datetime,
    answered_at: datetime | None,
    granted_s: int,
    held_s: int,
    cuttable: bool,
    limits: Limits,
    now: datetime,
    ask_every: timedelta | None = None,
) -> Clocks:
    """The clocks of a live call.

    They count from the answer; until an answer is known they count from the start, so that a call whose answer got
    lost is cut too early rather than too late. The ring time counts from `now`, when we were asked, whatever the
    provider's clock says. A call that costs nothing holds all of its seconds. A provider that forgets what is over is
    asked before the deadline too, every so often.
    """
    base = answered_at or started_at
    must_end_at = base + timedelta(seconds=granted_s)
    held_until = base + timedelta(seconds=held_s)
    return Clocks(
        must_end_at=must_end_at,
        cut_due_at=must_end_at if cuttable else None,
        extend_due_at=None if held_s >= granted_s else held_until - extend_ahead(limits.hold_slice_s),
        reconcile_due_at=next_look(must_end_at, ask_every, answered_at)
        if answered_at
        else now + timedelta(seconds=limits.ring_s),
    )


def next_look(must_end_at: datetime, ask_every: timedelta | None, now: datetime) -> datetime:
    """When a call before its deadline is looked at: after that (R22), or sooner where the provider would forget it."""
    overdue_at = must_end_at + END_GRACE
    return overdue_at if ask_every is None else min(overdue_at, now + ask_every)
