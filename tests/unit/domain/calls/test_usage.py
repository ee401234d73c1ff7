"""Under what a call is counted, and with which figures."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from gateway.domain.calls.call import CallState
from gateway.domain.calls.usage import CountedCall, UsageFigures, added_up, figures_of, key_of

D = Decimal
CALL = CountedCall(
    id=1,
    connection="pbx",
    account_id=7,
    direction="outbound",
    caller="+15550100001",
    callee="+442079460000",
    line="+15550100001",
    state=CallState.ENDED,
    reason=None,
    cause="normal",
    day=date(2026, 3, 11),
    is_answered=True,
    billed_s=61,
    charge=D("0.054"),
    refunded=D("0.004"),
    cost=None,
    cost_currency=None,
)
UNMATCHED = replace(
    CALL, state=CallState.UNMATCHED, account_id=None, direction=None, line="", billed_s=None, charge=None, refunded=D(0)
)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "answered"),
        ({"is_answered": False, "cause": "busy"}, "busy"),
        ({"is_answered": False, "cause": None}, "unknown"),
        ({"state": CallState.REFUSED, "reason": "no_money"}, "no_money"),
        ({"state": CallState.UNMATCHED}, "no_start"),
    ],
)
def test_the_outcome_is_answered_or_why_nobody_was_reached_or_why_it_was_refused(changes, outcome):
    assert replace(CALL, **changes).outcome == outcome


def test_the_far_party_is_who_is_not_on_our_side():
    assert CALL.far_party == "+442079460000"
    assert replace(CALL, direction="inbound").far_party == "+15550100001"


def test_only_an_open_call_is_not_final():
    assert CALL.is_final
    assert not replace(CALL, state=CallState.OPEN).is_final


def test_nobodys_calls_are_those_of_account_0_and_are_charged_nothing():
    assert key_of(UNMATCHED, country="").account_id == 0
    assert figures_of(UNMATCHED) == UsageFigures(calls=1)


def test_what_is_given_back_is_no_spend_and_only_calls_with_a_cost_are_compared_with_it():
    costed = replace(CALL, cost=D("0.01"), cost_currency="USD")

    assert figures_of(CALL) == UsageFigures(calls=1, answered=1, seconds=61, spend=D("0.05"))
    assert figures_of(costed) == replace(figures_of(CALL), costed=1, costed_spend=D("0.05"), cost=D("0.01"))
    assert (key_of(CALL, country="GB").cost_currency, key_of(costed, country="GB").cost_currency) == ("", "USD")
    assert key_of(replace(costed, cost_currency=None), country="GB").cost_currency == ""


def test_what_is_counted_and_taken_off_again_leaves_nothing():
    key, figures = key_of(CALL, country="GB"), figures_of(CALL)

    assert added_up([(key, figures), (key, figures)]) == {key: figures + figures}
    assert added_up([(key, figures), (key, -figures)]) == {}
