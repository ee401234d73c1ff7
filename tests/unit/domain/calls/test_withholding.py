"""R43: what becomes of calls whose users withhold the number."""

import pytest

from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.accounts.when_withheld import WhenWithheld
from gateway.domain.calls.call import Limits
from gateway.domain.calls.decision import Granted, Refused
from gateway.domain.calls.reconstructed import reconstruct_ended
from gateway.domain.calls.refusals import Refusal
from gateway.domain.calls.rules import decide
from gateway.domain.events import CallStarted
from gateway.domain.lines.line import LineKind, LineState
from gateway.domain.phone import WITHHELD
from tests.unit.domain.make import (
    MAIN_NUMBER,
    OUR_NUMBER,
    facts,
    forward,
    inbound,
    line,
    outbound,
    parent,
    paying_account,
)

LIMITS = Limits()
CALL = outbound(caller=WITHHELD)
REFUSING = paying_account(when_withheld=WhenWithheld.REFUSED)


@pytest.mark.parametrize(("state", "identity"), [(LineState.ACTIVE, OUR_NUMBER), (LineState.SUSPENDED, MAIN_NUMBER)])
def test_r43_nobody_is_shown_and_the_carrier_is_told_the_number(state: LineState, identity: str) -> None:
    decision = decide(CALL, facts(line=line(state=state)), LIMITS)

    assert isinstance(decision, Granted)
    assert (decision.caller_id, decision.identity) == (WITHHELD, identity)


def test_r43_a_connectors_user_has_no_number_to_tell() -> None:
    decision = decide(CALL, facts(line=line(kind=LineKind.CONNECTOR)), LIMITS)

    assert isinstance(decision, Granted)
    assert (decision.caller_id, decision.identity) == (WITHHELD, "")


@pytest.mark.parametrize(
    ("account", "can_withhold", "refusal"),
    [
        (REFUSING, True, Refusal.NUMBER_WITHHELD),
        (REFUSING, False, Refusal.NUMBER_WITHHELD),
        (paying_account(), False, Refusal.WITHHOLDING_IMPOSSIBLE),
    ],
)
def test_r43_the_call_is_refused_where_the_account_or_the_provider_does_not_let_it_be(
    account: PayingAccount, can_withhold: bool, refusal: Refusal
) -> None:
    decision = decide(CALL, facts(account=account, can_withhold=can_withhold), LIMITS)

    assert isinstance(decision, Refused)
    assert (decision.refusal, decision.rule, decision.record_code, decision.sip_code) == (refusal, "R43", 433, 433)


@pytest.mark.parametrize("call", [outbound(), inbound(caller=WITHHELD), forward(caller=WITHHELD)])
def test_r43_all_other_calls_are_connected_and_show_what_they_showed(call: CallStarted) -> None:
    decision = decide(call, facts(account=REFUSING, can_withhold=False, parent=parent()), LIMITS)

    assert isinstance(decision, Granted)
    assert decision.identity == ""


def test_r43_an_emergency_call_shows_where_to_call_back() -> None:
    decision = decide(CALL, facts(account=REFUSING, can_withhold=False, is_emergency=True), LIMITS)

    assert isinstance(decision, Granted)
    assert decision.caller_id == OUR_NUMBER


def test_r43_a_call_that_is_known_by_its_end_alone_showed_nobody() -> None:
    granted, _ = reconstruct_ended(CALL, facts(), LIMITS)

    assert granted.caller_id == WITHHELD
