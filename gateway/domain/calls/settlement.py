"""What an ended call is charged (R20, R21)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from gateway.domain.calls.call import Flag, instant_of
from gateway.domain.events import CallEnded
from gateway.domain.money import ZERO
from gateway.domain.rates.rate import Rate, price

# A week is longer than any provider lets a call be; two instants may be further apart.
SECONDS_MAX = 604_800


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """`reported_s` is what the provider says, `billed_s` what is charged: never more than was granted."""

    answered_at: datetime | None
    ended_at: datetime
    reported_s: int
    billed_s: int
    charge: Decimal
    flags: tuple[Flag, ...]


def reported_seconds(event: CallEnded, answered_at: datetime | None, ended_at: datetime) -> int:
    """Whole seconds from answer to end, rounded up; the provider's own figure decides where it gives one."""
    if event.seconds is not None:
        return event.seconds
    if answered_at is None:
        return 0
    return min(max(0, -((answered_at - ended_at) // timedelta(seconds=1))), SECONDS_MAX)


def settle(
    event: CallEnded,
    *,
    rate: Rate | None,
    started_at: datetime,
    answered_at: datetime | None,
    granted_s: int,
    hold: Decimal | None,
    now: datetime,
) -> Settlement:
    """Price the seconds from answer to end by the rate stored at the start.

    Not answered: nothing. More seconds than granted: the granted ones, and a flag. `answered_at` is what an answer
    event told before; the end's own instants are believed first. `hold` is None for a call that was never asked to
    hold anything.
    """
    flags: list[Flag] = []
    ended_at = instant_of(event.ended_at, earliest=started_at, now=now)
    answer = event.answered_at or answered_at
    if answer is not None and event.ended_at is not None and event.ended_at < answer:
        flags.append(Flag.CLOCK)
    seconds = reported_seconds(event, answer, event.ended_at or now)
    if seconds and answer is None:
        answer = ended_at - timedelta(seconds=seconds)
    billed_s = min(seconds, granted_s)
    if seconds > granted_s:
        flags.append(Flag.OVER_GRANT)
    charge = price(rate, billed_s) if rate is not None else ZERO
    if hold is not None and charge > hold:
        flags.append(Flag.HOLD_SHORT)
    return Settlement(
        answered_at=None if answer is None else min(max(answer, started_at), ended_at),
        ended_at=ended_at,
        reported_s=seconds,
        billed_s=billed_s,
        charge=charge,
        flags=tuple(flags),
    )
