"""What would have had to be otherwise for a refused call to be connected: the first that whoever asks wants to know."""

from decimal import Decimal
from typing import assert_never

from gateway.domain.accounts.caps import Cap, CapUse
from gateway.domain.calls.refusals import Refusal
from gateway.domain.explanation import Fact, Money
from gateway.domain.money import QUANTUM
from gateway.domain.rates.rate import Rate, price

_TABLE = "would_need"


def counterfactual(
    refusal: Refusal,
    *,
    rule: str,
    rate: Rate | None,
    available: Decimal | None,
    currency: str | None,
    use: CapUse | None = None,
) -> Fact:
    """With figures where they are known: what was available, what a minute costs, what counted against the caps.

    What counted is not on record; only who asks before the call knows it.
    """
    if refusal is Refusal.NO_MONEY and available is not None:
        missing = missing_money(rate, available)
        return Fact(f"{_TABLE}.money", {"missing": Money(amount=missing, currency=currency)})
    if refusal is Refusal.CAPPED and (name := rule.partition(" ")[2].partition(" ")[0]) in list(Cap):
        return _uncapped(Cap(name), rate, available, currency, use)
    return Fact(f"{_TABLE}.{refusal}")


def missing_money(rate: Rate | None, available: Decimal) -> Decimal:
    """What is missing for the first interval, or for a balance above nothing where a call without a price needs one."""
    return (QUANTUM if rate is None else price(rate, 1)) - available


def _uncapped(cap: Cap, rate: Rate | None, available: Decimal | None, currency: str | None, use: CapUse | None) -> Fact:
    match cap:
        case Cap.DEAREST_RATE if rate is not None:
            return Fact(f"{_TABLE}.{cap}_of", {"needed": Money(amount=price(rate, 60), currency=currency)})
        case Cap.SPEND_A_DAY if rate is not None and available is not None:
            missing = Money(amount=missing_money(rate, available), currency=currency)
            return Fact(f"{_TABLE}.{cap}_by", {"missing": missing})
        case Cap.LIVE_CALLS if use is not None:
            return Fact(f"{_TABLE}.{cap}_of", {"needed": use.live + 1})
        case Cap.STARTS_A_MINUTE if use is not None:
            return Fact(f"{_TABLE}.{cap}_of", {"needed": use.starts + 1})
        case (
            Cap.BLOCKED_CALLERS
            | Cap.BLOCKED_PREFIXES
            | Cap.DEAREST_RATE
            | Cap.LIVE_CALLS
            | Cap.STARTS_A_MINUTE
            | Cap.SPEND_A_DAY
        ):
            return Fact(f"{_TABLE}.{cap}")
        case _ as never:
            assert_never(never)
