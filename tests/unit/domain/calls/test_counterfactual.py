"""What would have had to be otherwise: with figures where they are on record, in words for every refusal."""

from decimal import Decimal

import pytest

from gateway.domain.accounts.caps import Cap
from gateway.domain.calls.counterfactual import counterfactual
from gateway.domain.calls.refusals import Refusal
from gateway.domain.rates.rate import Rate
from gateway.words.speech import say
from tests.unit.domain.make import rate

D = Decimal
DEAR = rate("1.20")


def said(refusal: Refusal, *, rule: str = "R14", known: Rate | None = None, available: Decimal | None = None) -> str:
    return say(counterfactual(refusal, rule=rule, rate=known, available=available, currency="USD"))


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_says_what_would_have_been_allowed(refusal: Refusal) -> None:
    assert said(refusal).startswith("Allowed if ")


@pytest.mark.parametrize(
    ("known", "available", "missing"),
    [
        (DEAR, D("1.18"), "0.020000"),
        (DEAR, D(-1), "2.200000"),
        (None, D("0.000000"), "0.000001"),  # a free incoming call of an account whose balance must be above 0
    ],
)
def test_without_money_it_says_how_much_is_missing(known: Rate | None, available: Decimal, missing: str) -> None:
    assert said(Refusal.NO_MONEY, known=known, available=available) == (
        f"{missing} USD more and it would have been connected."
    )


@pytest.mark.parametrize("cap", Cap)
def test_every_cap_says_what_it_would_have_had_to_be(cap: Cap) -> None:
    assert said(Refusal.CAPPED, rule=f"R17 {cap} 5") != said(Refusal.CAPPED, rule="R17")
    assert said(Refusal.CAPPED, rule=f"R17 {cap}").startswith("Allowed if ")


def test_caps_on_money_say_their_figures() -> None:
    assert (
        said(Refusal.CAPPED, rule="R17 dearest_rate 1", known=DEAR)
        == "Allowed if dearest_rate were 1.200000 USD or more."
    )
    assert said(Refusal.CAPPED, rule="R17 spend_a_day 5", known=DEAR, available=D("0.2")) == (
        "Allowed if spend_a_day were 1.000000 USD higher, or on another day."
    )
