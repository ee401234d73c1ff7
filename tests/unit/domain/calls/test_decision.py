"""Whether a call is connected: every rule, every refusal, and which of two rules comes first."""

from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.domain.accounts.account_state import AccountState
from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.calls.call import Limits
from gateway.domain.calls.decision import Decision, Granted, Refused, StartFacts, refuse
from gateway.domain.calls.refusals import REFUSALS, Refusal
from gateway.domain.calls.rules import decide
from gateway.domain.events import CallStarted, Direction
from gateway.domain.lines.line import Line, LineKind, LineState
from gateway.domain.rates.rate import Rate, price
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
SUSPENDED = line(state=LineState.SUSPENDED)
DISCONNECTED = line(state=LineState.DISCONNECTED)
TOLL_FREE = line(category="toll_free")
CONNECTOR = line(kind=LineKind.CONNECTOR)
UNPAID_CONNECTOR = line(kind=LineKind.CONNECTOR, state=LineState.SUSPENDED)
BROKE = paying_account("0")
EMERGENCY = outbound(callee="112")


def asked(call: CallStarted, known: StartFacts, limits: Limits = LIMITS) -> Decision:
    return decide(call, known, limits)


def refused(decision: Decision) -> tuple[Refusal, str, int, int]:
    """(refusal, rule, code of our record, code on the wire) of a decision that refuses."""
    assert isinstance(decision, Refused)
    return decision.refusal, decision.rule, decision.record_code, decision.sip_code


def granted(decision: Decision) -> tuple[str, str, int, int, Decimal]:
    """(rule, caller ID, granted seconds, held seconds, hold) of a decision that connects."""
    assert isinstance(decision, Granted)
    return decision.rule, decision.caller_id, decision.granted_s, decision.held_s, decision.hold


class TestEmergency:
    @pytest.mark.parametrize(
        "known",
        [
            facts(account=BROKE),
            facts(account=paying_account("-10")),
            facts(line=SUSPENDED, account=paying_account(main_number=None)),
            facts(line=DISCONNECTED),
            facts(line=UNPAID_CONNECTOR),
            facts(line=None, account=None, rate=None),
            facts(callee_possible=False, rate=None),
        ],
    )
    @pytest.mark.parametrize("call", [EMERGENCY, forward(callee="112")])
    def test_an_emergency_call_is_connected_whatever_money_and_number_say(
        self, call: CallStarted, known: StartFacts
    ) -> None:
        known = StartFacts(
            line=known.line,
            account=known.account,
            rate=known.rate,
            parent=None,
            is_emergency=True,
            callee_possible=known.callee_possible,
            cuttable=True,
        )

        assert granted(asked(call, known)) == ("emergency", OUR_NUMBER, 3600, 3600, 0)

    def test_an_emergency_call_costs_nothing_even_where_there_is_a_rate(self) -> None:
        assert asked(EMERGENCY, facts(is_emergency=True)).rate is None

    def test_an_incoming_call_is_no_emergency_call(self) -> None:
        assert refused(asked(inbound(), facts(line=None, account=None, is_emergency=True)))[0] is Refusal.NUMBER_UNKNOWN


class TestAccountState:
    """What an operator says of an account comes before money, numbers and caps, and after emergencies."""

    @pytest.mark.parametrize("known", [facts(), facts(rate=None), facts(line=SUSPENDED), facts(line=CONNECTOR)])
    @pytest.mark.parametrize(
        ("state", "call", "said"),
        [
            (AccountState.BLOCKED, outbound(), (Refusal.ACCOUNT_BLOCKED, "operator", 403, 403)),
            (AccountState.BLOCKED, inbound(), (Refusal.ACCOUNT_BLOCKED, "operator", 403, 486)),
            (AccountState.BLOCKED, forward(), (Refusal.ACCOUNT_BLOCKED, "operator", 403, 486)),
            (AccountState.CLOSED, outbound(), (Refusal.ACCOUNT_CLOSED, "operator", 403, 403)),
            (AccountState.CLOSED, inbound(), (Refusal.ACCOUNT_CLOSED, "operator", 403, 404)),
        ],
    )
    def test_a_blocked_or_closed_account_starts_no_call(
        self, known: StartFacts, state: AccountState, call: CallStarted, said: tuple[Refusal, str, int, int]
    ) -> None:
        known = replace(known, account=paying_account(state=state))

        assert refused(asked(call, known)) == said

    @pytest.mark.parametrize("state", AccountState)
    def test_an_emergency_call_passes_whatever_an_operator_says(self, state: AccountState) -> None:
        known = facts(account=paying_account(state=state), is_emergency=True)

        assert granted(asked(EMERGENCY, known))[0] == "emergency"


class TestInbound:
    @pytest.mark.parametrize("known", [facts(line=None, account=None, rate=None), facts(line=DISCONNECTED)])
    def test_r8_an_unknown_or_disconnected_number_is_404(self, known: StartFacts) -> None:
        assert refused(asked(inbound(), known)) == (Refusal.NUMBER_UNKNOWN, "R8", 404, 404)

    def test_r8_a_disconnected_connector_is_404(self) -> None:
        known = facts(line=line(kind=LineKind.CONNECTOR, state=LineState.DISCONNECTED), rate=None)

        assert refused(asked(inbound(), known)) == (Refusal.NUMBER_UNKNOWN, "R8", 404, 404)

    @pytest.mark.parametrize("category", ["geographic", "toll_free", "mobile", "national"])
    @pytest.mark.parametrize("inbound_rate", [None, rate()])
    def test_r8_a_suspended_number_is_busy_and_free_whatever_its_category(
        self, category: str, inbound_rate: Rate | None
    ) -> None:
        known = facts(line=line(state=LineState.SUSPENDED, category=category), rate=inbound_rate)

        decision = asked(inbound(), known)

        assert refused(decision) == (Refusal.NUMBER_SUSPENDED, "R8", 486, 486)
        assert decision.rate is None

    def test_r8_comes_before_r9_so_that_a_suspended_number_without_money_is_busy_and_not_402(self) -> None:
        known = facts(line=line(state=LineState.SUSPENDED, category="toll_free"), account=BROKE)

        assert refused(asked(inbound(), known))[2] == 486

    @pytest.mark.parametrize("balance", ["0", "-5", "100"])
    def test_r9_a_regular_number_is_free_even_at_zero_balance(self, balance: str) -> None:
        decision = asked(inbound(), facts(rate=None, account=paying_account(balance)))

        assert granted(decision) == ("R9", CALLEE, 3600, 3600, 0)

    @pytest.mark.parametrize(
        ("account", "connected"),
        [
            (paying_account("0", free_inbound_needs_balance=True), False),
            (paying_account("-1", free_inbound_needs_balance=True), False),
            (paying_account("1", held="1", free_inbound_needs_balance=True), False),
            (paying_account("0.000001", free_inbound_needs_balance=True), True),
            (paying_account("0", credit_limit="1", free_inbound_needs_balance=True), True),
        ],
    )
    def test_r9_the_setting_free_inbound_needs_balance_refuses_without_money(
        self, account: PayingAccount, *, connected: bool
    ) -> None:
        decision = asked(inbound(), facts(rate=None, account=account))

        if connected:
            assert granted(decision) == ("R9", CALLEE, 3600, 3600, 0)
        else:
            assert refused(decision) == (Refusal.NO_MONEY, "R9", 402, 486)
            assert decision.available == account.funds.available

    def test_r9_a_number_with_an_inbound_rate_of_nothing_is_free_and_the_rate_is_on_record(self) -> None:
        decision = asked(inbound(), facts(line=TOLL_FREE, rate=rate("0"), account=BROKE))

        assert granted(decision) == ("R9", CALLEE, 3600, 3600, 0)
        assert decision.rate == rate("0")

    def test_r9_a_toll_free_number_is_paid_by_its_owner(self) -> None:
        decision = asked(inbound(), facts(line=TOLL_FREE, rate=rate("0.0270")))

        assert granted(decision) == ("R9", CALLEE, 2220, 300, D("0.135"))
        assert decision.rate == rate("0.0270")

    def test_r9_a_toll_free_number_without_money_is_486_to_the_caller_and_402_in_our_record(self) -> None:
        decision = asked(inbound(), facts(line=TOLL_FREE, account=BROKE))

        assert refused(decision) == (Refusal.NO_MONEY, "R9", 402, 486)
        assert (decision.rate, decision.available) == (rate(), D(0))

    @pytest.mark.parametrize("connector", [CONNECTOR, UNPAID_CONNECTOR])
    def test_r12_a_connector_takes_incoming_calls_paid_or_not(self, connector: Line) -> None:
        decision = asked(inbound(), facts(line=connector, account=BROKE))

        assert granted(decision) == ("R12", CALLEE, 3600, 3600, 0)
        assert decision.rate is None


class TestOutbound:
    @pytest.mark.parametrize("call", [outbound(callee="+1"), forward(callee="+1")])
    def test_r10_a_callee_that_is_no_number_is_404(self, call: CallStarted) -> None:
        known = facts(callee_possible=False, parent=parent())

        assert refused(asked(call, known)) == (Refusal.CALLEE_INVALID, "R10", 404, 404)

    def test_r10_the_callee_is_looked_at_before_the_line(self) -> None:
        known = facts(callee_possible=False, line=None, account=None, rate=None)

        assert refused(asked(outbound(), known))[0] is Refusal.CALLEE_INVALID

    def test_r10_a_line_that_is_not_the_accounts_is_403(self) -> None:
        known = facts(line=None, account=None, rate=None)

        assert refused(asked(outbound(), known)) == (Refusal.LINE_UNKNOWN, "R10", 403, 403)

    @pytest.mark.parametrize(
        "known", [facts(rate=None), facts(rate=None, line=SUSPENDED), facts(rate=None, account=BROKE)]
    )
    def test_r7_r10_no_rate_is_503_and_never_free(self, known: StartFacts) -> None:
        assert refused(asked(outbound(), known)) == (Refusal.NO_RATE, "R7", 503, 503)

    def test_r40_a_free_callee_costs_nothing_unless_a_rate_is_for_it(self) -> None:
        free = asked(outbound(callee="116117"), facts(rate=None, callee_free=True, account=paying_account("0")))
        priced = asked(outbound(callee="116117"), facts(callee_free=True))
        by_main_number = asked(outbound(callee="116117"), facts(rate=None, callee_free=True, line=SUSPENDED))

        assert granted(free) == ("R40", OUR_NUMBER, 3600, 3600, D(0))
        assert granted(priced)[0] == "R14"
        assert granted(by_main_number)[:2] == ("R40", MAIN_NUMBER)

    @pytest.mark.parametrize("state", [LineState.SUSPENDED, LineState.DISCONNECTED])
    def test_r11_a_suspended_or_disconnected_line_calls_by_the_main_number(self, state: LineState) -> None:
        decision = asked(outbound(), facts(line=line(state=state)))

        assert granted(decision) == ("R11", MAIN_NUMBER, 2220, 300, D("0.135"))
        assert decision.rate == rate()

    @pytest.mark.parametrize("state", [LineState.SUSPENDED, LineState.DISCONNECTED])
    @pytest.mark.parametrize("balance", ["100", "0"])
    def test_r11_without_a_main_number_it_is_503_whatever_the_money_says(self, state: LineState, balance: str) -> None:
        decision = asked(outbound(), facts(line=line(state=state), account=paying_account(balance, main_number=None)))

        assert refused(decision) == (Refusal.NO_MAIN_NUMBER, "R11", 503, 503)
        assert decision.rate == rate()

    def test_r11_the_main_number_needs_money_like_any_other(self) -> None:
        assert refused(asked(outbound(), facts(line=SUSPENDED, account=BROKE))) == (Refusal.NO_MONEY, "R14", 402, 402)

    def test_r11_an_active_line_needs_no_main_number(self) -> None:
        assert granted(asked(outbound(), facts(account=paying_account(main_number=None))))[:2] == ("R14", OUR_NUMBER)

    def test_r11_the_caller_id_is_the_line_and_not_who_calls(self) -> None:
        assert asked(outbound(caller="sip:bob@example.com"), facts()).caller_id == OUR_NUMBER

    @pytest.mark.parametrize("outbound_rate", [None, rate()])
    def test_r12_a_paid_connector_costs_nothing_even_without_a_rate_or_money(self, outbound_rate: Rate | None) -> None:
        decision = asked(outbound(), facts(line=CONNECTOR, rate=outbound_rate, account=BROKE))

        assert granted(decision) == ("R12", OUR_NUMBER, 3600, 3600, 0)
        assert decision.rate is None

    @pytest.mark.parametrize("state", [LineState.SUSPENDED, LineState.DISCONNECTED])
    @pytest.mark.parametrize("account", [paying_account("100"), paying_account("100", main_number=None)])
    def test_r12_an_unpaid_connector_is_402_and_does_not_call_by_the_main_number(
        self, state: LineState, account: PayingAccount
    ) -> None:
        decision = asked(outbound(), facts(line=line(kind=LineKind.CONNECTOR, state=state), account=account))

        assert refused(decision) == (Refusal.CONNECTOR_UNPAID, "R12", 402, 402)


class TestForward:
    def test_r13_a_forwarded_call_is_an_outbound_call_with_the_incoming_one_as_its_parent(self) -> None:
        decision = asked(forward(), facts(parent=parent()))

        assert granted(decision) == ("R14", OUR_NUMBER, 2220, 300, D("0.135"))
        assert decision.parent_id == 11

    def test_r13_a_forwarded_call_without_money_is_486_to_the_incoming_call(self) -> None:
        decision = asked(forward(), facts(parent=parent(), account=BROKE))

        assert refused(decision) == (Refusal.NO_MONEY, "R14", 402, 486)
        assert decision.parent_id == 11

    def test_r13_the_incoming_call_must_be_known(self) -> None:
        assert refused(asked(forward(), facts(parent=None))) == (Refusal.PARENT_UNKNOWN, "R13", 403, 403)

    @pytest.mark.parametrize("account_id", [2, None])
    def test_r13_the_incoming_call_must_be_the_same_accounts(self, account_id: int | None) -> None:
        decision = asked(forward(), facts(parent=parent(account_id=account_id)))

        assert refused(decision) == (Refusal.PARENT_UNKNOWN, "R13", 403, 403)

    @pytest.mark.parametrize("direction", [Direction.FORWARD, Direction.OUTBOUND])
    def test_r13_only_an_incoming_call_is_forwarded_so_never_a_forwarded_one(self, direction: Direction) -> None:
        decision = asked(forward(), facts(parent=parent(direction=direction)))

        assert refused(decision) == (Refusal.FORWARDED_TWICE, "R13", 403, 403)
        assert decision.parent_id == 11

    def test_r13_a_number_is_not_forwarded_to_itself_as_that_would_never_end(self) -> None:
        decision = asked(forward(callee=OUR_NUMBER), facts(parent=parent()))

        assert refused(decision) == (Refusal.FORWARDED_TO_ITSELF, "R13", 403, 486)
        assert decision.parent_id == 11

    def test_r13_a_number_may_be_forwarded_to_another_of_ours_and_may_call_itself(self) -> None:
        assert granted(asked(forward(callee=MAIN_NUMBER), facts(parent=parent())))[0] == "R14"
        assert granted(asked(outbound(callee=OUR_NUMBER), facts()))[0] == "R14"

    def test_r13_comes_before_r10(self) -> None:
        assert refused(asked(forward(), facts(parent=None, callee_possible=False)))[0] is Refusal.PARENT_UNKNOWN
        to_itself = asked(forward(callee=OUR_NUMBER), facts(parent=parent(), callee_possible=False, rate=None))
        assert refused(to_itself)[0] is Refusal.FORWARDED_TO_ITSELF

    @pytest.mark.parametrize(
        ("known", "refusal"),
        [
            (facts(parent=parent(), callee_possible=False), Refusal.CALLEE_INVALID),
            (facts(parent=parent(), line=None, account=None, rate=None), Refusal.LINE_UNKNOWN),
            (facts(parent=parent(), rate=None), Refusal.NO_RATE),
            (facts(parent=parent(), line=SUSPENDED, account=paying_account(main_number=None)), Refusal.NO_MAIN_NUMBER),
        ],
    )
    def test_r13_every_refusal_of_a_forwarded_call_names_its_parent(self, known: StartFacts, refusal: Refusal) -> None:
        decision = asked(forward(), known)

        assert refused(decision)[0] is refusal
        assert decision.parent_id == 11

    def test_r11_r13_a_suspended_line_forwards_by_the_main_number(self) -> None:
        decision = asked(forward(), facts(parent=parent(), line=SUSPENDED))

        assert granted(decision)[:2] == ("R11", MAIN_NUMBER)
        assert decision.parent_id == 11

    def test_r12_r13_a_connector_forwards_for_nothing_while_it_is_paid(self) -> None:
        paid = asked(forward(), facts(parent=parent(), line=CONNECTOR, rate=None))
        unpaid = asked(forward(), facts(parent=parent(), line=UNPAID_CONNECTOR, rate=None))

        assert granted(paid) == ("R12", OUR_NUMBER, 3600, 3600, 0)
        assert refused(unpaid) == (Refusal.CONNECTOR_UNPAID, "R12", 402, 486)
        assert paid.parent_id == unpaid.parent_id == 11


class TestMoneyAndTime:
    @pytest.mark.parametrize(
        ("balance", "increment_s", "seconds"),
        [("1.00", 60, 2220), ("0.027", 60, 60), ("0.10", 1, 222), ("100", 60, 3600)],
    )
    def test_r14_a_call_is_allowed_what_the_money_buys_up_to_an_hour(
        self, balance: str, increment_s: int, seconds: int
    ) -> None:
        decision = asked(outbound(), facts(rate=rate(increment_s=increment_s), account=paying_account(balance)))

        assert decision.granted_s == seconds
        assert decision.available == D(balance)

    @pytest.mark.parametrize("balance", ["0.02", "0.026999", "0", "-1"])
    def test_r14_less_than_an_increment_is_402(self, balance: str) -> None:
        decision = asked(outbound(), facts(account=paying_account(balance)))

        assert refused(decision) == (Refusal.NO_MONEY, "R14", 402, 402)
        assert (decision.rate, decision.available) == (rate(), D(balance))

    def test_r14_available_is_balance_and_credit_limit_without_holds(self) -> None:
        account = paying_account("-1", credit_limit="2", held="0.973")

        assert account.funds.available == D("0.027")
        assert asked(outbound(), facts(account=account)).granted_s == 60

    def test_r14_a_destination_that_costs_nothing_is_allowed_the_whole_hour_without_money(self) -> None:
        decision = asked(outbound(), facts(rate=rate("0"), account=paying_account("-3")))

        assert granted(decision) == ("R14", OUR_NUMBER, 3600, 3600, 0)
        assert (decision.rate, decision.available) == (rate("0"), D(-3))

    def test_r14_a_fee_without_a_price_per_minute_is_not_free(self) -> None:
        assert refused(asked(outbound(), facts(rate=rate("0", fee="0.1"), account=BROKE)))[0] is Refusal.NO_MONEY

    def test_r15_where_we_can_cut_the_hold_covers_a_slice(self) -> None:
        assert granted(asked(outbound(), facts(account=paying_account("100"))))[2:] == (3600, 300, D("0.135"))

    def test_r15_where_we_cannot_cut_the_hold_covers_the_whole_grant(self) -> None:
        assert granted(asked(outbound(), facts(cuttable=False)))[2:] == (2220, 2220, D("0.999"))

    def test_r15_a_grant_shorter_than_a_slice_is_held_as_a_whole(self) -> None:
        assert granted(asked(outbound(), facts(account=paying_account("0.06"))))[2:] == (120, 120, D("0.054"))

    def test_r15_the_hold_is_never_more_than_what_is_available(self) -> None:
        long_increments = rate("0.0270", increment_s=600)

        decision = asked(outbound(), facts(rate=long_increments, account=paying_account("0.27")))

        assert granted(decision)[2:] == (600, 300, D("0.27"))

    def test_r14_r15_the_limits_are_settings(self) -> None:
        limits = Limits(call_seconds_max=600, hold_slice_s=60)

        assert granted(asked(outbound(), facts(), limits))[2:] == (600, 60, D("0.027"))
        assert granted(asked(outbound(), facts(line=CONNECTOR), limits))[2:] == (600, 600, 0)
        assert granted(asked(outbound(), facts(is_emergency=True), limits))[2:] == (600, 600, 0)
        assert granted(asked(inbound(), facts(rate=None), limits))[2:] == (600, 600, 0)
        assert granted(asked(outbound(), facts(rate=rate("0")), limits))[2:] == (600, 600, 0)

    def test_r1_what_is_held_is_what_these_seconds_will_cost(self) -> None:
        decision = asked(outbound(), facts(cuttable=False))

        assert decision.hold == price(rate(), decision.granted_s)


class TestRefusals:
    def test_every_refusal_has_codes_and_a_sentence(self) -> None:
        assert set(REFUSALS) == set(Refusal)

    @pytest.mark.parametrize("refusal", Refusal)
    def test_r13_a_forwarded_call_is_refused_in_the_codes_of_the_incoming_one(self, refusal: Refusal) -> None:
        codes = REFUSALS[refusal]

        assert refuse(refusal, Direction.OUTBOUND).sip_code == codes.outbound
        assert refuse(refusal, Direction.INBOUND).sip_code == codes.inbound
        assert refuse(refusal, Direction.FORWARD).sip_code == codes.inbound
        assert {refuse(refusal, direction).record_code for direction in Direction} == {codes.record}

    @pytest.mark.parametrize("refusal", Refusal)
    def test_a_refusal_is_named_by_its_rule_unless_another_is_given(self, refusal: Refusal) -> None:
        assert refuse(refusal, Direction.OUTBOUND).rule == REFUSALS[refusal].rule
        assert refuse(refusal, Direction.OUTBOUND, rule="R9").rule == "R9"

    def test_r34_without_the_database_a_call_is_refused_with_503(self) -> None:
        assert refused(refuse(Refusal.UNAVAILABLE, Direction.OUTBOUND)) == (Refusal.UNAVAILABLE, "R34", 503, 503)

    def test_r21_a_start_after_its_end_is_refused_with_487(self) -> None:
        assert refused(refuse(Refusal.CALL_ENDED, Direction.INBOUND)) == (Refusal.CALL_ENDED, "R21", 487, 487)
