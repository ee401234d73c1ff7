"""What an ended call is charged (R20, R21)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from gateway.domain.calls.call import Flag
from gateway.domain.calls.instants import CallInstants
from gateway.domain.events import CallEnded, Cause
from gateway.domain.money import ZERO
from gateway.domain.rates.rate import Rate, price

# Who says one of these says that nobody answered, whatever seconds come with it.
NOT_ANSWERED: Final = frozenset({Cause.BUSY, Cause.NO_ANSWER, Cause.CANCELLED, Cause.REJECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """`reported_s` is what is said of it, `billed_s` what is charged: never more than was granted, or can be true."""

    answered_at: datetime | None
    ended_at: datetime
    reported_s: int
    billed_s: int
    charge: Decimal
    flags: tuple[Flag, ...]


def settle(
    event: CallEnded,
    *,
    instants: CallInstants,
    rate: Rate | None,
    granted_s: int,
    hold: Decimal | None,
    received_at: datetime,
    tolerance_s: int,
    is_asked: bool = False,
) -> Settlement:
    """Price the seconds from answer to end by the rate stored at the start.

    Not answered: nothing. More seconds than granted: the granted ones, and a flag. `hold` is None for a call that was
    never asked to hold anything. `is_asked` says that the end came because we asked for it.
    """
    reported_s = reported_seconds(event, instants, received_at=received_at, is_asked=is_asked)
    billed_s, flags = _billed_seconds(event, reported_s, granted_s, _bound(instants, received_at, tolerance_s))
    charge = price(rate, billed_s) if rate is not None else ZERO
    if hold is not None and charge > hold:
        flags.append(Flag.HOLD_SHORT)
    if instants.contradict(event):
        flags.append(Flag.CLOCK)
    answered_at, ended_at = instants.end(event, received_at=received_at, is_asked=is_asked)
    if answered_at is None and reported_s:
        answered_at = max(ended_at - timedelta(seconds=reported_s), instants.started_at)
    return Settlement(
        answered_at=answered_at,
        ended_at=ended_at,
        reported_s=reported_s,
        billed_s=billed_s,
        charge=charge,
        flags=tuple(flags),
    )


def reported_seconds(event: CallEnded, instants: CallInstants, *, received_at: datetime, is_asked: bool) -> int:
    """What the provider says, its own figure first; where it says neither that nor both instants, what we heard."""
    own_s = instants.own_seconds(event)
    return instants.heard_seconds(event, received_at=received_at, is_asked=is_asked) if own_s is None else own_s


def _bound(instants: CallInstants, received_at: datetime, tolerance_s: int) -> int | None:
    """The most that can have been talked: what passed by our clock, and a tolerance for how late we hear of things."""
    passed_s = instants.passed_seconds(received_at)
    return None if passed_s is None else passed_s + tolerance_s


def _billed_seconds(event: CallEnded, reported_s: int, granted_s: int, bound: int | None) -> tuple[int, list[Flag]]:
    """The seconds to charge, and what is odd about those that were reported."""
    if event.cause in NOT_ANSWERED:
        return 0, [Flag.NOT_ANSWERED] if reported_s else []
    flags = []
    billed_s = min(reported_s, granted_s)
    if reported_s > granted_s:
        flags.append(Flag.OVER_GRANT)
    if bound is not None and billed_s > bound:
        flags.append(Flag.SECONDS_BOUNDED)
        billed_s = bound
    return billed_s, flags
