"""The life of one call against the pure core: whatever happens to it, in whatever order and however often.

`Book` does what the use cases do, on a call in memory: it stores what the rules say and asks them again. What is
checked is that no order of events makes the rules contradict themselves.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.domain.call import CallState, Clocks, Flag, Limits, clocks, instant_of, start_of
from gateway.domain.decision import LineState, decide
from gateway.domain.events import CallEnded, Cause
from gateway.domain.extension import extend
from gateway.domain.money import ZERO
from gateway.domain.rating import Rate, price
from gateway.domain.settlement import Settlement, settle
from gateway.domain.unasked import record_unannounced
from tests.unit.domain.make import NOON, facts, funds, line, outbound, rate

HOUR_S = 3600
FINAL = {CallState.REFUSED, CallState.ENDED}
# A minute's price with all that makes rating hard: a fee, a long first interval, an increment of no whole minute.
RATES = (
    rate("0.0270"),
    rate("0.0270", increment_s=1),
    rate("0.3333", fee="0.05", first_interval_s=45, increment_s=7),
    rate("0", fee="0.2"),
    rate("0"),
)
instants = st.none() | st.integers(-400, 8000)


@dataclass(slots=True)
class Call:
    """What is on record of a call, and of the money of its account."""

    state: CallState
    started_at: datetime
    rate: Rate | None
    granted_s: int
    held_s: int
    hold: Decimal
    cuttable: bool
    clocks: Clocks | None
    answered_at: datetime | None = None
    settlement: Settlement | None = None
    granted_most_s: int = field(default=0)


class CallMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.call: Call | None = None
        self.was: CallState | None = None
        self.first: Settlement | None = None

    @initialize(
        priced_by=st.sampled_from(RATES),
        balance=st.decimals(min_value=-1, max_value=3, places=6),
        cuttable=st.booleans(),
        state=st.sampled_from([LineState.ACTIVE, LineState.SUSPENDED]),
        limits=st.builds(
            Limits,
            call_seconds_max=st.sampled_from([HOUR_S, HOUR_S, 600]),
            hold_slice_s=st.sampled_from([300, 60, 1, HOUR_S]),
            ring_s=st.sampled_from([90, 1, 400]),
        ),
    )
    def world(self, priced_by: Rate, balance: Decimal, cuttable: bool, state: LineState, limits: Limits) -> None:
        self.rate, self.available, self.cuttable, self.limits = priced_by, balance, cuttable, limits
        self.line_state = state

    # What others do: the provider, who may say anything, and the clock.

    @rule(offset_s=instants)
    def start(self, offset_s: int | None) -> None:
        started_at = start_of(self._instant(offset_s), now=self.now)
        if self.call is None:
            self._open(started_at)
        elif self.call.state is CallState.ORPHAN:
            self._adopt()

    @rule(offset_s=instants)
    def answer(self, offset_s: int | None) -> None:
        call = self.call
        if call is None or call.state is not CallState.OPEN or call.answered_at is not None:
            return
        call.answered_at = instant_of(self._instant(offset_s), earliest=call.started_at, now=self.now)
        call.clocks = self._clocks(call)

    @rule(seconds=st.none() | st.integers(0, 5000), answered_s=instants, ended_s=instants)
    def end(self, seconds: int | None, answered_s: int | None, ended_s: int | None) -> None:
        self._end(
            CallEnded(
                call_id="a1",
                cause=Cause.NORMAL,
                seconds=seconds,
                answered_at=self._instant(answered_s),
                ended_at=self._instant(ended_s),
            )
        )

    @rule(seconds=st.integers(1, 4000))
    def time_passes_unattended(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.live is not None)
    @rule()
    def time_passes_to_the_next_clock(self) -> None:
        told = self.live.clocks
        due = [at for at in (told.must_end_at, told.extend_at, told.sweep_at) if at is not None and at > self.now]
        self.now = min(due, default=self.now)

    @rule(other=st.decimals(min_value=0, max_value=1, places=6))
    def others_spend(self, other: Decimal) -> None:
        self.available -= min(other, max(ZERO, self.available))

    @rule(amount=st.decimals(min_value=0, max_value=1, places=6))
    def top_up(self, amount: Decimal) -> None:
        self.available += amount

    # What we do, when it is due.

    @precondition(lambda self: self.live is not None)
    @rule()
    def extension(self) -> None:
        call = self.live
        if call.rate is None or call.clocks.extend_at is None or call.clocks.extend_at > self.now:
            return
        told = extend(
            rate=call.rate,
            held_s=call.held_s,
            hold=call.hold,
            granted_s=call.granted_s,
            elapsed_s=max(0, (self.now - (call.answered_at or call.started_at)) // timedelta(seconds=1)),
            available=self.available,
            slice_s=self.limits.hold_slice_s,
            cuttable=call.cuttable,
        )
        assert told.hold - call.hold <= max(ZERO, self.available)
        assert told.granted_s <= call.granted_s
        self.available -= told.hold - call.hold
        call.held_s, call.hold, call.granted_s = told.held_s, told.hold, told.granted_s
        call.clocks = self._clocks(call)
        if call.cuttable:
            assert call.clocks.extend_at is None or call.held_s < call.granted_s

    @precondition(lambda self: self.live is not None)
    @rule()
    def ring_expiry(self) -> None:
        call = self.live
        if call.answered_at is not None or call.clocks.sweep_at > self.now:
            return
        self.available += call.hold
        if call.hold:
            call.held_s = 0
        call.hold = ZERO

    @precondition(lambda self: self.live is not None)
    @rule()
    def cut(self) -> None:
        """The provider obeys at once and says so with the true seconds."""
        call = self.live
        if call.clocks.cut_next_at is None or call.clocks.cut_next_at > self.now:
            return
        answered_at = call.answered_at
        seconds = 0 if answered_at is None else -((answered_at - self.now) // timedelta(seconds=1))
        self._end(CallEnded(call_id="a1", cause=Cause.LIMIT, seconds=seconds, ended_at=self.now))

    # What must be true after each of these.

    @invariant()
    def a_final_state_is_never_left(self) -> None:
        state = None if self.call is None else self.call.state
        assert self.was not in FINAL or state is self.was
        assert not (self.was is CallState.OPEN and state not in {CallState.OPEN, CallState.ENDED})
        assert not (self.was is CallState.ORPHAN and state not in {CallState.ORPHAN, CallState.ENDED})
        self.was = state

    @invariant()
    def the_first_figures_stand(self) -> None:
        settlement = None if self.call is None else self.call.settlement
        if self.call is not None and self.call.state is CallState.ENDED:
            assert self.first is None or settlement is self.first
            self.first = settlement

    @invariant()
    def nothing_is_charged_beyond_the_grant(self) -> None:
        if self.call is None or self.call.settlement is None or self.call.state is not CallState.ENDED:
            return
        call, told = self.call, self.call.settlement
        assert told.billed_s <= min(call.granted_s, call.granted_most_s, HOUR_S)
        assert told.billed_s <= told.reported_s
        assert told.charge == (ZERO if call.rate is None else price(call.rate, told.billed_s))
        assert (Flag.OVER_GRANT in told.flags) == (told.reported_s > call.granted_s)

    @invariant()
    def the_hold_covers_the_held_seconds(self) -> None:
        if self.call is None or self.call.state is not CallState.OPEN:
            return
        call = self.call
        assert 0 <= call.held_s <= call.granted_s <= call.granted_most_s
        assert call.rate is None or call.rate.is_free or call.hold == price(call.rate, call.held_s)

    @invariant()
    def no_deadline_is_later_than_an_hour_after_the_answer(self) -> None:
        if self.live is None:
            return
        call = self.live
        hour = timedelta(seconds=HOUR_S)
        assert call.started_at <= self.now
        assert call.clocks.must_end_at <= (call.answered_at or call.started_at) + hour
        assert call.clocks.must_end_at <= self.now + hour
        assert call.clocks.cut_next_at == (call.clocks.must_end_at if call.cuttable else None)

    @invariant()
    def instants_are_in_order(self) -> None:
        if self.call is None:
            return
        call, told = self.call, self.call.settlement
        if call.answered_at is not None:
            assert call.started_at <= call.answered_at <= self.now
        if told is not None:
            assert told.ended_at <= self.now
            assert told.answered_at is None or told.answered_at <= told.ended_at

    # How the use cases store what the rules say.

    @property
    def live(self) -> Call | None:
        return self.call if self.call is not None and self.call.state is CallState.OPEN else None

    def _instant(self, offset_s: int | None) -> datetime | None:
        return None if offset_s is None else NOON + timedelta(seconds=offset_s)

    def _facts(self):
        return facts(
            rate=self.rate, cuttable=self.cuttable, funds=funds(str(self.available)), line=line(state=self.line_state)
        )

    def _clocks(self, call: Call) -> Clocks:
        return clocks(
            started_at=call.started_at,
            answered_at=call.answered_at,
            granted_s=call.granted_s,
            held_s=call.held_s,
            cuttable=call.cuttable,
            limits=self.limits,
        )

    def _open(self, started_at: datetime) -> None:
        decision = decide(outbound(), self._facts(), self.limits)
        assert decision.hold <= max(ZERO, self.available)
        self.call = Call(
            state=CallState.OPEN if decision.refusal is None else CallState.REFUSED,
            started_at=started_at,
            rate=decision.rate,
            granted_s=decision.granted_s,
            held_s=decision.held_s,
            hold=decision.hold,
            cuttable=self.cuttable,
            clocks=None,
            granted_most_s=decision.granted_s,
        )
        self.available -= decision.hold
        if self.call.state is CallState.OPEN:
            self.call.clocks = self._clocks(self.call)

    def _end(self, event: CallEnded) -> None:
        call = self.call
        if call is None:
            self._keep_orphan(event)
        elif call.state is CallState.OPEN:
            told = settle(
                event,
                rate=call.rate,
                started_at=call.started_at,
                answered_at=call.answered_at,
                granted_s=call.granted_s,
                hold=call.hold,
                now=self.now,
            )
            assert told.billed_s > call.held_s or told.charge <= call.hold
            assert told.answered_at is None or told.answered_at >= call.started_at
            self.available += call.hold - told.charge
            call.state, call.settlement, call.hold, call.held_s = CallState.ENDED, told, ZERO, 0

    def _keep_orphan(self, event: CallEnded) -> None:
        earliest = min(self.now, event.answered_at or self.now, event.ended_at or self.now)
        told = settle(event, rate=None, started_at=earliest, answered_at=None, granted_s=0, hold=None, now=self.now)
        self.call = Call(
            state=CallState.ORPHAN,
            started_at=told.answered_at or told.ended_at,
            rate=None,
            granted_s=0,
            held_s=0,
            hold=ZERO,
            cuttable=self.cuttable,
            clocks=None,
            settlement=told,
        )

    def _adopt(self) -> None:
        call = self.call
        before = call.settlement
        decision, _ = record_unannounced(outbound(), self._facts(), self.limits)
        event = CallEnded(
            call_id="a1",
            cause=Cause.NORMAL,
            seconds=before.reported_s,
            answered_at=before.answered_at,
            ended_at=before.ended_at,
        )
        told = settle(
            event,
            rate=decision.rate,
            started_at=call.started_at,
            answered_at=None,
            granted_s=decision.granted_s,
            hold=None,
            now=self.now,
        )
        assert Flag.HOLD_SHORT not in told.flags
        self.available -= told.charge
        call.state, call.settlement, call.rate = CallState.ENDED, told, decision.rate
        call.granted_s = call.granted_most_s = decision.granted_s


TestCallMachine = CallMachine.TestCase
TestCallMachine.settings = settings(stateful_step_count=30)
