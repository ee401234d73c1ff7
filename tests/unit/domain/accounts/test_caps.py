"""Caps against fraud: what each refuses, in which order, and what a day's spending leaves."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from gateway.domain.accounts.caps import Cap, CapHit, Capped, Caps, CapUse, first_hit, read_cap
from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.calls.call import Limits
from gateway.domain.calls.decision import Decision, Granted, Refused, StartFacts
from gateway.domain.calls.reconstructed import reconstruct_allowed, reconstruct_ended
from gateway.domain.calls.refusals import Refusal
from gateway.domain.calls.rules import decide
from gateway.domain.events import CallStarted
from gateway.domain.lines.line import LineKind, LineState
from gateway.domain.rates.rate import Rate
from tests.unit.domain.make import (
    CALLEE,
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
DAY = date(2026, 3, 11)
CONNECTOR = line(kind=LineKind.CONNECTOR)
ALL = Caps(
    live_calls=0,
    starts_a_minute=0,
    spend_a_day=D(0),
    dearest_rate=D("0.01"),
    blocked_prefixes=("+44",),
    blocked_callers=("+1555",),
)


def capped(caps: Caps, *, live: int = 0, starts: int = 0, spent: str = "0") -> Capped:
    return Capped(caps=caps, use=CapUse(day=DAY, live=live, starts=starts, spent=D(spent)))


def capped_account(caps: Caps, *, balance: str = "10", held: str = "0", **use: int | str) -> PayingAccount:
    return replace(paying_account(balance, held=held), capped=capped(caps, **use))


def hit(caps: Caps, *, call: CallStarted | None = None, by: Rate | None = None, **use: int) -> Cap | None:
    """The cap that an outbound call hits."""
    told = first_hit(capped(caps, **use), call or outbound(), by)
    return None if told is None else told.cap


def asked(call: CallStarted, known: StartFacts) -> Decision:
    return decide(call, known, LIMITS)


class TestEachCap:
    def test_r17_without_caps_nothing_is_refused(self) -> None:
        assert hit(Caps(), by=rate("1000"), live=1000, starts=1000) is None

    @pytest.mark.parametrize(("live", "told"), [(1, None), (2, Cap.LIVE_CALLS), (3, Cap.LIVE_CALLS)])
    def test_r17_as_many_live_calls_as_the_cap_says(self, live: int, told: Cap | None) -> None:
        assert hit(Caps(live_calls=2), live=live) == told

    @pytest.mark.parametrize(("starts", "told"), [(1, None), (2, Cap.STARTS_A_MINUTE)])
    def test_r17_as_many_starts_a_minute_as_the_cap_says(self, starts: int, told: Cap | None) -> None:
        assert hit(Caps(starts_a_minute=2), starts=starts) == told

    @pytest.mark.parametrize(("per_minute", "told"), [("0.5", None), ("0.500001", Cap.DEAREST_RATE)])
    def test_r17_a_rate_may_be_as_dear_as_the_cap(self, per_minute: str, told: Cap | None) -> None:
        assert hit(Caps(dearest_rate=D("0.5")), by=rate(per_minute)) == told

    @pytest.mark.parametrize(
        ("by", "told"),
        [
            (rate("0.01", fee="0.49"), None),
            (rate("0.01", fee="49"), Cap.DEAREST_RATE),
            (rate("0.01", first_interval_s=3600), Cap.DEAREST_RATE),
        ],
    )
    def test_r17_a_first_minute_with_its_fee_may_be_as_dear_as_the_cap(self, by: Rate, told: Cap | None) -> None:
        assert hit(Caps(dearest_rate=D("0.5")), by=by) == told

    def test_r17_a_call_without_a_rate_is_not_too_dear(self) -> None:
        assert hit(Caps(dearest_rate=D(0))) is None

    @pytest.mark.parametrize(
        ("prefix", "told"), [("+44", Cap.BLOCKED_PREFIXES), (CALLEE, Cap.BLOCKED_PREFIXES), ("+45", None), ("44", None)]
    )
    @pytest.mark.parametrize("call", [outbound(), forward()])
    def test_r17_a_blocked_prefix_blocks_callees_that_begin_so(
        self, prefix: str, told: Cap | None, call: CallStarted
    ) -> None:
        assert hit(Caps(blocked_prefixes=("+999", prefix)), call=call) == told

    def test_r17_a_blocked_prefix_does_not_block_incoming_calls(self) -> None:
        assert hit(Caps(blocked_prefixes=(OUR_NUMBER,)), call=inbound()) is None

    @pytest.mark.parametrize(
        ("blocked", "caller", "told"),
        [
            ("+4420", CALLEE, Cap.BLOCKED_CALLERS),
            (CALLEE, CALLEE, Cap.BLOCKED_CALLERS),
            ("+4421", CALLEE, None),
            ("anonymous", "anonymous", Cap.BLOCKED_CALLERS),
            ("anonymous", "anonymous2", None),
            ("44", "442079460000", None),
        ],
    )
    def test_r17_a_blocked_caller_is_a_prefix_if_it_begins_with_plus_and_else_a_text(
        self, blocked: str, caller: str, told: Cap | None
    ) -> None:
        assert hit(Caps(blocked_callers=(blocked,)), call=inbound(caller=caller)) == told

    @pytest.mark.parametrize("call", [outbound(), forward()])
    def test_r17_blocked_callers_are_blocked_in_every_direction(self, call: CallStarted) -> None:
        assert hit(Caps(blocked_callers=("+1555",)), call=call) is Cap.BLOCKED_CALLERS

    def test_r17_what_is_never_allowed_is_told_before_what_is_too_much_just_now(self) -> None:
        caps, told = ALL, []
        while found := first_hit(capped(caps), outbound(), rate()):
            told.append(found.cap)
            caps = replace(caps, **{found.cap: getattr(Caps(), found.cap)})

        assert told == [cap for cap in Cap if cap is not Cap.SPEND_A_DAY]

    def test_r17_what_holds_counts_as_spent(self) -> None:
        assert capped(Caps(spend_a_day=D(5)), spent="1").spend_left(D("2.5")) == D("1.5")
        assert capped(Caps()).spend_left(D(1)) is None


class TestWords:
    def test_r17_a_rule_names_its_cap_and_the_limit_but_no_telephone_number(self) -> None:
        assert CapHit(cap=Cap.LIVE_CALLS, limit="2").rule == "R17 live_calls 2"
        assert CapHit(cap=Cap.BLOCKED_CALLERS, limit="+4420").rule == "R17 blocked_callers"
        assert CapHit(cap=Cap.BLOCKED_PREFIXES, limit="+4420").rule == "R17 blocked_prefixes"

    @pytest.mark.parametrize("cap", Cap)
    def test_r17_a_rule_is_read_again_as_its_cap(self, cap: Cap) -> None:
        limit = "" if cap in (Cap.BLOCKED_CALLERS, Cap.BLOCKED_PREFIXES) else "12"

        assert read_cap(CapHit(cap=cap, limit="12").rule) == (cap, limit)

    @pytest.mark.parametrize("rule", ["R14", "R17", "R17 other", "emergency", "R18 live_calls 2"])
    def test_r17_other_rules_are_no_caps(self, rule: str) -> None:
        assert read_cap(rule) is None


class TestDecision:
    @pytest.mark.parametrize(
        ("call", "known"),
        [
            (outbound(), facts()),
            (outbound(), facts(line=line(state=LineState.SUSPENDED))),
            (outbound(), facts(line=CONNECTOR)),
            (outbound(), facts(rate=rate("0"))),
            (inbound(), facts(rate=None)),
            (inbound(), facts(line=line(category="toll_free"))),
            (inbound(), facts(line=CONNECTOR)),
            (forward(), facts(parent=parent())),
        ],
    )
    def test_r17_caps_hold_for_every_call_that_would_be_connected(self, call: CallStarted, known: StartFacts) -> None:
        told = asked(call, replace(known, account=capped_account(Caps(live_calls=2), live=2)))

        assert isinstance(told, Refused)
        assert (told.refusal, told.rule) == (Refusal.CAPPED, "R17 live_calls 2")
        assert (told.record_code, told.sip_code) == (403, 403)
        assert told.cap == CapHit(cap=Cap.LIVE_CALLS, limit="2")
        assert told.parent_id == (None if known.parent is None else known.parent.id)

    @pytest.mark.parametrize("call", [outbound(callee="112"), forward(callee="112")])
    def test_r17_an_emergency_call_is_never_refused_by_a_cap(self, call: CallStarted) -> None:
        assert isinstance(asked(call, facts(account=capped_account(ALL), is_emergency=True)), Granted)

    @pytest.mark.parametrize(
        ("known", "refusal"),
        [
            (facts(account=capped_account(ALL, balance="0")), Refusal.NO_MONEY),
            (facts(account=capped_account(ALL), rate=None), Refusal.NO_RATE),
            (facts(account=capped_account(ALL), callee_possible=False), Refusal.CALLEE_INVALID),
            (facts(account=None, line=None), Refusal.LINE_UNKNOWN),
        ],
    )
    def test_r17_caps_come_last(self, known: StartFacts, refusal: Refusal) -> None:
        told = asked(outbound(), known)

        assert isinstance(told, Refused)
        assert (told.refusal, told.cap) == (refusal, None)

    def test_r17_a_call_is_granted_what_the_day_may_still_cost(self) -> None:
        told = asked(outbound(), facts(account=capped_account(Caps(spend_a_day=D(1)), held="0.5", spent="0.4")))

        assert isinstance(told, Granted)
        assert (told.granted_s, told.held_s, told.hold, told.available) == (180, 180, D("0.081"), D("0.1"))

    def test_r17_of_what_the_day_leaves_a_slice_is_held_where_we_can_cut_and_else_all(self) -> None:
        money = capped_account(Caps(spend_a_day=D(1)))

        held = [asked(outbound(), facts(account=money, cuttable=cuttable)).held_s for cuttable in (True, False)]

        assert held == [300, 2220]

    def test_r17_where_there_is_less_money_than_the_day_may_cost_the_money_decides(self) -> None:
        caps = Caps(spend_a_day=D(5))

        assert asked(outbound(), facts(account=capped_account(caps, balance="1"))) == asked(
            outbound(), facts(account=paying_account("1"))
        )

    @pytest.mark.parametrize(
        ("spent", "refusal"), [("0.973", None), ("0.973001", Refusal.CAPPED), ("2", Refusal.CAPPED)]
    )
    def test_r17_a_day_that_leaves_not_one_increment_refuses(self, spent: str, refusal: Refusal | None) -> None:
        told = asked(outbound(), facts(account=capped_account(Caps(spend_a_day=D(1)), spent=spent)))

        assert told.available == D(1) - D(spent)
        if refusal is None:
            assert isinstance(told, Granted)
        else:
            assert isinstance(told, Refused)
            assert (told.refusal, told.cap) == (refusal, CapHit(cap=Cap.SPEND_A_DAY, limit="1"))

    def test_r17_a_call_that_costs_nothing_is_connected_however_much_was_spent(self) -> None:
        money = capped_account(Caps(spend_a_day=D(0)), spent="5")

        assert asked(outbound(), facts(account=money, rate=rate("0"))).granted_s == 3600
        assert asked(inbound(), facts(account=money, rate=None)).granted_s == 3600

    def test_r17_a_call_that_nobody_asked_about_is_not_refused_by_a_cap(self) -> None:
        known = facts(account=capped_account(ALL))

        assert isinstance(reconstruct_ended(outbound(), known, LIMITS)[0], Granted)
        assert isinstance(reconstruct_allowed(outbound(), known, LIMITS, allowed_s=60)[0], Granted)
