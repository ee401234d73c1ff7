"""What would have had to be otherwise for a refused call to be connected: the first that whoever asks wants to know."""

from decimal import Decimal
from typing import assert_never

from gateway.domain.accounts.caps import Cap
from gateway.domain.calls.refusals import Refusal
from gateway.domain.explanation import Fact, Money
from gateway.domain.money import QUANTUM
from gateway.domain.rates.rate import Rate, price

_TABLE = "would_need"


def counterfactual(
    refusal: Refusal, *, rule: str, rate: Rate | None, available: Decimal | None, currency: str | None
) -> Fact:
    """With figures where they are on record: what was available and what a minute costs."""
    if refusal is Refusal.NO_MONEY and available is not None:
        needed = QUANTUM if rate is None else price(rate, 1)
        return Fact(f"{_TABLE}.money", {"missing": Money(amount=needed - available, currency=currency)})
    if refusal is Refusal.CAPPED and (name := rule.partition(" ")[2].partition(" ")[0]) in list(Cap):
        return _uncapped(Cap(name), rate, available, currency)
    return Fact(f"{_TABLE}.{refusal}")


def _uncapped(cap: Cap, rate: Rate | None, available: Decimal | None, currency: str | None) -> Fact:
    match cap:
        case Cap.DEAREST_RATE if rate is not None:
            return Fact(f"{_TABLE}.{cap}_of", {"needed": Money(amount=price(rate, 60), currency=currency)})
        case Cap.SPEND_A_DAY if rate is not None and available is not None:
            missing = Money(amount=price(rate, 1) - available, currency=currency)
            return Fact(f"{_TABLE}.{cap}_by", {"missing": missing})
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
