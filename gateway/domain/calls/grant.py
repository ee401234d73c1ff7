"""What a call is granted and holds, and how a hold grows with its call (R14, R15)."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.money import ZERO
from gateway.domain.rates.rate import Rate, affordable_seconds, price


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What a call holds, and how long it may last.

    `granted_s` is less than before where the money ends: the call is cut at the end of what is held.
    """

    held_s: int
    hold: Decimal
    granted_s: int


def grant(rate: Rate, available: Decimal, *, limit_s: int, slice_s: int, cuttable: bool) -> Extension:
    """Grant what the money buys, hold a slice of it where we can cut, else all of it; what is free holds nothing."""
    if rate.is_free:
        return Extension(held_s=limit_s, hold=ZERO, granted_s=limit_s)
    granted_s = affordable_seconds(rate, available, limit_s)
    held_s = min(slice_s, granted_s) if cuttable else granted_s
    return Extension(held_s=held_s, hold=price(rate, held_s), granted_s=granted_s)


def extend(
    *,
    rate: Rate,
    held_s: int,
    hold: Decimal,
    granted_s: int,
    elapsed_s: int,
    available: Decimal,
    slice_s: int,
    cuttable: bool,
) -> Extension:
    """Hold another slice, up to what was granted, from what is available beside the call's own hold.

    After a pause of ours the call may be past what it held: it holds what has elapsed, and a slice more. A call that
    we cannot cut goes on whatever we hold, so as much of its grant is held as there is money for. What is held is held
    even where the account is overdrawn.
    """
    target_s = min(granted_s, max(held_s, elapsed_s) + slice_s) if cuttable else granted_s
    covered_s = max(held_s, affordable_seconds(rate, hold + max(ZERO, available), target_s))
    short = covered_s < target_s
    return Extension(
        held_s=covered_s,
        hold=max(hold, price(rate, covered_s)),
        granted_s=covered_s if short and cuttable else granted_s,
    )
