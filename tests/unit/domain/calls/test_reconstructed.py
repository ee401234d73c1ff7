"""Calls reconstructed after the fact: recorded and charged, not refused."""

from decimal import Decimal

import pytest

from gateway.domain.calls.call import Flag, Limits
from gateway.domain.calls.decision import Granted, StartFacts
from gateway.domain.calls.reconstructed import reconstruct_allowed, reconstruct_ended
from gateway.domain.events import CallStarted
from gateway.domain.lines.line import Line, LineKind, LineState
from tests.unit.domain.make import (
    CALLEE,
    MAIN_NUMBER,
    OUR_NUMBER,
    facts,
    forward,
    inbound,
    line,
    outbound,
    parent,
    paying_account,
    rate,
)

D = Decimal
LIMITS = Limits()
CONNECTOR = line(kind=LineKind.CONNECTOR)
SUSPENDED = line(state=LineState.SUSPENDED)
NOWHERE = facts(line=None, account=None, rate=None)


def ended(call: CallStarted, known: StartFacts) -> tuple[Granted, tuple[Flag, ...]]:
    return reconstruct_ended(call, known, LIMITS)


def allowed(call: CallStarted, known: StartFacts, allowed_s: int = 600) -> tuple[Granted, tuple[Flag, ...]]:
    return reconstruct_allowed(call, known, LIMITS, allowed_s=allowed_s)


class TestEnded:
    def test_r21_it_is_granted_the_whole_hour_and_holds_nothing(self) -> None:
        decision, flags = ended(outbound(), facts(account=paying_account("0")))

        assert isinstance(decision, Granted)
        assert decision.rule == "R21"
        assert (decision.granted_s, decision.held_s, decision.hold) == (3600, 3600, 0)
        assert (decision.rate, decision.available) == (rate(), D(0))
        assert flags == (Flag.NO_START,)

    @pytest.mark.parametrize(
        ("call", "known"),
        [
            (outbound(callee="112"), facts(is_emergency=True)),
            (outbound(callee="112"), facts(is_emergency=True, line=None, account=None)),
            (outbound(), facts(line=CONNECTOR)),
            (inbound(), facts(line=CONNECTOR)),
            (inbound(), facts(rate=None)),
            (outbound(callee="116117"), facts(rate=None, callee_free=True)),
        ],
    )
    def test_r21_what_costs_nothing_costs_nothing_without_its_start_either(
        self, call: CallStarted, known: StartFacts
    ) -> None:
        decision, flags = ended(call, known)

        assert decision.rate is None
        assert flags == (Flag.NO_START,)

    def test_r9_r21_an_incoming_call_is_paid_where_there_is_an_inbound_rate(self) -> None:
        assert ended(inbound(), facts())[0].rate == rate()

    @pytest.mark.parametrize("call", [outbound(), inbound(), forward()])
    def test_r21_without_a_line_of_ours_it_is_flagged(self, call: CallStarted) -> None:
        decision, flags = ended(call, NOWHERE)

        assert (decision.rate, decision.available) == (None, None)
        assert flags == (Flag.NO_START, Flag.NO_LINE)

    def test_r7_r21_without_a_rate_it_is_flagged(self) -> None:
        assert ended(outbound(), facts(rate=None))[1] == (Flag.NO_START, Flag.NO_RATE)

    def test_r13_r21_a_forwarded_call_keeps_its_parent(self) -> None:
        assert ended(forward(), facts(parent=parent()))[0].parent_id == 11
        assert ended(forward(), facts())[0].parent_id is None


class TestAllowed:
    def test_r34_what_it_was_allowed_is_held_whatever_the_balance_is_by_now(self) -> None:
        decision, flags = allowed(outbound(), facts(account=paying_account("0.01")))

        assert isinstance(decision, Granted)
        assert decision.rule == "R34"
        assert (decision.granted_s, decision.held_s, decision.hold) == (600, 600, D("0.27"))
        assert (decision.rate, decision.available) == (rate(), D("0.01"))
        assert flags == (Flag.UNAVAILABLE,)

    def test_r18_r34_it_is_never_allowed_more_than_an_hour(self) -> None:
        decision, _ = allowed(outbound(), facts(), allowed_s=9999)

        assert (decision.granted_s, decision.held_s) == (3600, 3600)

    def test_r34_an_emergency_call_is_free_and_named_as_such(self) -> None:
        decision, flags = allowed(
            outbound(callee="112"), facts(line=None, account=None, is_emergency=True), allowed_s=3600
        )

        assert (decision.rule, decision.rate, decision.hold, decision.granted_s) == ("emergency", None, 0, 3600)
        assert flags == (Flag.UNAVAILABLE,)

    @pytest.mark.parametrize(
        ("call", "known"),
        [(outbound(), facts(line=CONNECTOR)), (inbound(), facts(line=CONNECTOR)), (inbound(), facts(rate=None))],
    )
    def test_r34_what_costs_nothing_holds_nothing(self, call: CallStarted, known: StartFacts) -> None:
        decision, flags = allowed(call, known)

        assert (decision.rate, decision.hold, decision.held_s) == (None, 0, 600)
        assert flags == (Flag.UNAVAILABLE,)

    def test_r34_without_a_line_of_ours_it_is_flagged(self) -> None:
        decision, flags = allowed(outbound(), NOWHERE)

        assert (decision.hold, decision.available) == (0, None)
        assert flags == (Flag.UNAVAILABLE, Flag.NO_LINE)

    def test_r7_r34_without_a_rate_it_is_flagged(self) -> None:
        assert allowed(outbound(), facts(rate=None))[1] == (Flag.UNAVAILABLE, Flag.NO_RATE)

    def test_r13_r34_a_forwarded_call_keeps_its_parent(self) -> None:
        assert allowed(forward(), facts(parent=parent()))[0].parent_id == 11


@pytest.mark.parametrize(
    ("call", "known", "caller_id"),
    [
        (outbound(caller="sip:bob"), facts(), OUR_NUMBER),
        (outbound(caller="sip:bob"), facts(line=SUSPENDED), MAIN_NUMBER),
        (outbound(caller="sip:bob"), facts(line=line(state=LineState.DISCONNECTED)), MAIN_NUMBER),
        (outbound(caller="sip:bob"), facts(line=SUSPENDED, account=paying_account(main_number=None)), OUR_NUMBER),
        (outbound(caller="sip:bob"), facts(line=SUSPENDED, account=None), OUR_NUMBER),
        (outbound(caller="sip:bob"), facts(line=CONNECTOR), "sip:bob"),
        (outbound(caller="sip:bob"), NOWHERE, "sip:bob"),
        (inbound(), facts(line=SUSPENDED), CALLEE),
    ],
)
def test_r11_the_caller_id_on_record_is_the_one_that_was_shown_as_far_as_we_can_tell(
    call: CallStarted, known: StartFacts, caller_id: str
) -> None:
    assert ended(call, known)[0].caller_id == caller_id
    assert allowed(call, known)[0].caller_id == caller_id


def test_r21_a_suspended_line_of_ours_is_charged_like_any_other() -> None:
    suspended: Line = SUSPENDED

    assert ended(outbound(), facts(line=suspended))[0].rate == rate()
