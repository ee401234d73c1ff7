"""The life of one call against the pure core: whatever happens to it, in whatever order and however often.

The book in memory stores what the rules say and asks them again; no order of events may make them contradict
themselves.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.domain.calls.call import CallState, Flag, Limits
from gateway.domain.calls.settlement import NOT_ANSWERED, Settlement
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction
from gateway.domain.lines.line import LineState
from gateway.domain.money import ZERO
from gateway.domain.rates.rate import Rate, price
from gateway.providers.base import CallStatus, Live, Unknown
from tests.property.accounts.book_model import BookModel, Call
from tests.unit.domain.make import NOON, OUR_NUMBER, line, outbound, paying_account, rate

HOUR = timedelta(hours=1)
CUT_AGAIN_MAX = timedelta(minutes=5)
FINAL = {CallState.REFUSED, CallState.ENDED}
KEY = ("pbx", "a1")
# All that makes rating hard: a fee, a long first interval, an increment of no whole minute.
RATES = (
    rate("0.0270"),
    rate("0.0270", increment_s=1),
    rate("0.3333", fee="0.05", first_interval_s=45, increment_s=7),
    rate("0", fee="0.2"),
    rate("0"),
)
SECOND = timedelta(seconds=1)
# Other calls that come under the id: another callee, another direction, another line.
OTHERS = (
    outbound(callee="+19005551234"),
    replace(outbound(), direction=Direction.INBOUND),
    replace(outbound(), line="+15550100999"),
)
# A provider's clock may be off by an hour, and that of each of its machines by another.
instants = st.none() | st.integers(-4000, 12_000).map(lambda seconds: NOON + timedelta(seconds=seconds))


class CallMachine(RuleBasedStateMachine):
    @initialize(
        priced_by=st.sampled_from(RATES),
        balance=st.sampled_from(["2", "1", "0.3", "0.027", "0", "-1"]),
        cuttable=st.booleans(),
        state=st.sampled_from([LineState.ACTIVE, LineState.SUSPENDED]),
        limits=st.builds(
            Limits,
            call_seconds_max=st.sampled_from([3600, 3600, 600]),
            hold_slice_s=st.sampled_from([300, 60, 1, 3600]),
            ring_s=st.sampled_from([90, 1, 400]),
            seconds_tolerance_s=st.sampled_from([10, 0, 3600]),
        ),
    )
    def begin(self, priced_by: Rate, balance: str, cuttable: bool, state: LineState, limits: Limits) -> None:
        self.now = NOON
        self.balance = Decimal(balance)
        self.was: CallState | None = None
        self.first: Settlement | None = None
        self.is_late = False
        self.granted_first_s: int | None = None
        self.cut_by: datetime | None = None  # once somebody asked for it
        self.book = BookModel(
            limits=limits,
            accounts={1: paying_account(balance)},
            lines={OUR_NUMBER: line(state=state)},
            rate_of=lambda _call, _line: priced_by,
            render=lambda _connection, _call, decision: repr(decision).encode(),
            can_cut=lambda _connection: cuttable,
        )
        self.replies: set[bytes] = set()
        self.replies_to_others: dict[CallStarted, bytes] = {}

    # What others do: the provider, who may say anything, other calls, and the clock.

    @rule(at=instants)
    def start(self, at: datetime | None) -> None:
        reply = self.book.start("pbx", replace(outbound(), at=at), now=self.now)
        self.replies.add(reply)

    @precondition(lambda self: self.call is not None and self.call.call is not None)
    @rule(other=st.sampled_from(OTHERS))
    def another_call_under_the_id(self, other: CallStarted) -> None:
        """It is refused for ever, and moves nothing of the first, whatever became of that."""
        before = replace(self.call)

        reply = self.book.start("pbx", other, now=self.now)

        assert b"id_reused" in reply
        assert reply == self.replies_to_others.setdefault(other, reply)
        assert Flag.ID_REUSED in self.call.flags
        assert replace(self.call, flags=before.flags) == before

    @rule(at=instants)
    def answer(self, at: datetime | None) -> None:
        self.book.answer("pbx", CallAnswered(call_id="a1", at=at), now=self.now)

    @rule(
        seconds=st.none() | st.integers(0, 5000),
        answered_at=instants,
        ended_at=instants,
        cause=st.sampled_from([Cause.NORMAL, Cause.NORMAL, Cause.FAILED, Cause.BUSY, Cause.CANCELLED]),
        is_telling=st.booleans(),
    )
    def end(
        self,
        seconds: int | None,
        answered_at: datetime | None,
        ended_at: datetime | None,
        cause: Cause,
        is_telling: bool,
    ) -> None:
        """With the fields of the start or without."""
        self._end(
            CallEnded(
                call_id="a1",
                cause=cause,
                seconds=seconds,
                answered_at=answered_at,
                ended_at=ended_at,
                start=outbound() if is_telling else None,
            )
        )

    @rule(seconds=st.integers(1, 4000))
    def time_passes_unattended(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.live is not None)
    @rule()
    def time_passes_to_the_next_clock(self) -> None:
        told = self.live.clocks
        due = [
            at
            for at in (told.must_end_at, told.cut_due_at, told.extend_due_at, told.reconcile_due_at)
            if at is not None and at > self.now
        ]
        self.now = min(due, default=self.now)

    @rule()
    def a_day_passes(self) -> None:
        """Nobody knows by then what became of the call: nothing is held for it, and its end comes late, if it comes."""
        self.now += timedelta(hours=25, minutes=6)
        self.book.reconcile(lambda _key: Unknown(), self.now)
        assert self.live is None
        assert self.book.accounts[1].funds.held == ZERO

    @precondition(lambda self: self.live is not None and self.now >= self.live.clocks.must_end_at)
    @rule(seconds=st.integers(0, 5000))
    def an_operator_closes(self, seconds: int) -> None:
        self.book.close_by_hand(KEY, seconds, self.now)

    @rule(share=st.fractions(0, 1))
    def other_calls_take_money(self, share: Decimal) -> None:
        available = max(ZERO, self.book.accounts[1].funds.available)
        self._pay(-(available * share.numerator / share.denominator).quantize(ZERO, "ROUND_FLOOR"))

    @rule(amount=st.decimals(min_value=0, max_value=1, places=6))
    def top_up(self, amount: Decimal) -> None:
        self._pay(amount)

    # What we do, when it is due.

    @precondition(lambda self: self.live is not None)
    @rule()
    def extension(self) -> None:
        call, before = self.live, self.book.accounts[1].funds.available
        held, granted_s = call.hold, call.granted_s

        self.book.extend(self.now)

        assert ZERO <= call.hold - held <= max(ZERO, before)
        assert call.granted_s <= granted_s
        assert call.granted_s == granted_s or (call.cuttable and call.granted_s == call.held_s)

    @precondition(lambda self: self.live is not None)
    @rule(status=st.sampled_from([Unknown(), Live()]) | st.builds(Live, answered_at=instants))
    def ring_expiry(self, status: CallStatus) -> None:
        self.book.reconcile(lambda _key: status, self.now)

    @precondition(lambda self: self.live is not None and self.live.cuttable)
    @rule()
    def an_operator_cuts(self) -> None:
        self.book.cut_by_operator(KEY, self.now)
        self.cut_by = self.now

    @precondition(lambda self: self.live is not None)
    @rule(obeys=st.booleans())
    def cut(self, obeys: bool) -> None:
        """A provider that obeys does it at once and says so with the true seconds."""
        call = self.live
        if self.book.cut(self.now):
            self.cut_by = self.now + CUT_AGAIN_MAX
            if not obeys:
                return
            answered_at = call.answered_at
            seconds = 0 if answered_at is None else -((answered_at - self.now) // timedelta(seconds=1))
            self._end(CallEnded(call_id="a1", cause=Cause.LIMIT, seconds=seconds, ended_at=self.now))

    # What must be true after each of these.

    @invariant()
    def a_final_state_is_never_left(self) -> None:
        state = None if self.call is None else self.call.state
        assert self.was not in FINAL or state is self.was
        assert self.was is not CallState.OPEN or state in {CallState.OPEN, CallState.ENDED}
        assert self.was is not CallState.UNMATCHED or state in {CallState.UNMATCHED, CallState.ENDED}
        self.was = state

    @invariant()
    def the_first_figures_stand_but_seconds_beat_a_zero(self) -> None:
        if self.call is not None and self.call.state is CallState.ENDED:
            told = self.call.settlement
            is_first_late = Flag.END_LATE in self.call.flags and not self.is_late
            if self.is_closed_by_hand and self.first is not None:
                assert (told.billed_s, told.charge) == (self.first.billed_s, self.first.charge)
                return
            is_mended = self.first is None or self.first.billed_s == 0 < told.billed_s
            assert told is self.first or is_mended or is_first_late
            self.first, self.is_late = told, Flag.END_LATE in self.call.flags

    @invariant()
    def what_is_charged_is_what_was_paid(self) -> None:
        told = None if self.call is None else self.call.settlement
        assert self.balance - self.book.accounts[1].funds.balance == (ZERO if told is None else told.charge)

    @invariant()
    def a_start_has_one_reply(self) -> None:
        assert len(self.replies) <= 1

    @invariant()
    def nothing_is_charged_beyond_the_grant(self) -> None:
        if self.call is None or self.call.state is not CallState.ENDED:
            return
        call, told = self.call, self.call.settlement
        if self.is_closed_by_hand:  # what is reported later stands beside what the operator said
            assert told.billed_s <= call.granted_s
            return
        granted_s = min(told.reported_s, call.granted_s)
        assert told.billed_s <= granted_s <= 3600
        assert (told.billed_s < granted_s) == bool({Flag.SECONDS_BOUNDED, Flag.NOT_ANSWERED} & {*told.flags})
        assert told.charge == (ZERO if call.rate is None else price(call.rate, told.billed_s))
        assert (Flag.OVER_GRANT in told.flags) <= (told.reported_s > call.granted_s)

    @invariant()
    def the_hold_is_the_price_of_the_held_seconds(self) -> None:
        call = self.call
        if call is None or call.state is not CallState.OPEN:
            return
        self.granted_first_s = max(self.granted_first_s or 0, call.granted_s)
        assert 0 <= call.held_s <= call.granted_s <= self.granted_first_s
        assert Flag.NO_START not in call.flags
        assert call.rate is None or call.rate.is_free or call.hold == price(call.rate, call.held_s)

    @invariant()
    def what_is_held_is_what_the_call_holds(self) -> None:
        assert self.book.accounts[1].funds.held == (ZERO if self.live is None else self.live.hold)

    @invariant()
    def no_deadline_is_later_than_an_hour_after_the_answer(self) -> None:
        call = self.live
        if call is None:
            return
        assert call.started_at <= (call.answered_at or call.started_at) <= self.now
        assert call.clocks.must_end_at <= (call.answered_at or call.started_at) + HOUR

    @invariant()
    def nothing_puts_off_a_cut(self) -> None:
        """By the deadline, or when an operator says; once the provider was asked, again within five minutes."""
        if self.live is not None:
            clocks = self.live.clocks
            assert (clocks.cut_due_at is not None) == self.live.cuttable
            by = clocks.must_end_at if self.cut_by is None else self.cut_by
            assert not self.live.cuttable or clocks.cut_due_at <= by
            assert self.live.cut_reason is not None or clocks.cut_due_at in {None, clocks.must_end_at}

    @invariant()
    def an_open_call_is_always_looked_after(self) -> None:
        if self.live is not None:
            assert self.live.clocks.reconcile_due_at <= max(self.now, self.live.clocks.must_end_at) + HOUR

    @invariant()
    def instants_are_in_order(self) -> None:
        told = None if self.call is None else self.call.settlement
        if told is not None:
            assert told.ended_at <= self.now
            assert told.answered_at is None or told.answered_at <= told.ended_at

    def _pay(self, amount: Decimal) -> None:
        self.book.top_up(1, amount)
        self.balance += amount

    def _end(self, event: CallEnded) -> None:
        live, is_lost = self.live, self.call is not None and self.call.is_lost
        hold, held_s = (ZERO, 0) if live is None else (live.hold, live.held_s)
        known = self.call if is_lost else live
        figures = [] if known is None else self._figures(known, event)

        self.book.end("pbx", event, now=self.now)

        if known is not None and event.cause not in NOT_ANSWERED:
            assert min(*figures, known.granted_s) <= known.settlement.billed_s <= figures[-1]

        if live is not None and live.settlement.billed_s <= held_s:
            assert live.settlement.charge <= hold
            assert Flag.HOLD_SHORT not in live.flags

    def _figures(self, call: Call, event: CallEnded) -> list[int]:
        """What the seconds of a call may be, by whomever; the last is the most that can be true by our own clock."""
        answered_at = event.answered_at or call.provider_answered_at
        theirs = None if answered_at is None or event.ended_at is None else (event.ended_at - answered_at) / SECOND
        ours = max(0, ceil((self.now - (call.answered_at or call.started_at)) / SECOND))
        heard = call.instants.heard_seconds(event, received_at=self.now, is_asked=False)
        told = event.seconds if event.seconds is not None else None if theirs is None or theirs < 0 else ceil(theirs)
        return [heard if told is None else told, ours + self.book.limits.seconds_tolerance_s]

    @property
    def call(self) -> Call | None:
        return self.book.calls.get(KEY)

    @property
    def is_closed_by_hand(self) -> bool:
        return self.call is not None and Flag.CLOSED_BY_HAND in self.call.flags

    @property
    def live(self) -> Call | None:
        return self.book.live().get(KEY)


TestCallMachine = CallMachine.TestCase
TestCallMachine.settings = settings(stateful_step_count=30)
