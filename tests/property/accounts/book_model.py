"""The book of calls in memory: what the use cases must come to, by the pure core and nothing else.

One event after another, each worked to its end; no database, no batches, no processes. The state machines compare
with it, or look at it alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.calls.call import (
    CALL_AGE_MAX,
    END_GRACE,
    STATUS_UNKNOWN_MAX,
    CallState,
    Clocks,
    CutReason,
    Flag,
    Limits,
    clocks,
    instant_of,
)
from gateway.domain.calls.decision import Decision, Granted, Parent, StartFacts, refuse
from gateway.domain.calls.grant import extend
from gateway.domain.calls.instants import CallInstants
from gateway.domain.calls.reconstructed import reconstruct_ended
from gateway.domain.calls.refusals import Refusal
from gateway.domain.calls.rules import decide
from gateway.domain.calls.settlement import NOT_ANSWERED, Settlement, reported_seconds, settle
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction
from gateway.domain.lines.line import Line
from gateway.domain.money import ZERO
from gateway.domain.rates.rate import Rate, price
from gateway.numbers.callee import is_callable
from gateway.providers.base import Acknowledged, CallStatus, Charged, Live, Unknown
from gateway.usecases.calls.ends.reconcile import ASK_AGAIN, CLAIM
from gateway.usecases.calls.extend import TRY_AGAIN
from gateway.usecases.calls.starts.emergency import is_emergency

SECOND = timedelta(seconds=1)
# After each request to end a call, how long its provider has before it is asked again.
CUT_AGAIN_S = (1.5, 5, 10, 20, 40, 80, 160, 300)
Key = tuple[str, str]


@dataclass(slots=True, kw_only=True)
class Call:
    """A call on record: the columns of `call` and `live_call` that rules decide about."""

    serial: int
    call: CallStarted | None
    state: CallState
    account_id: int | None
    rate: Rate | None
    rule: str
    granted_s: int
    held_s: int
    hold: Decimal
    reply: bytes | None
    started_at: datetime
    cuttable: bool
    clocks: Clocks | None = None
    cut_reason: CutReason | None = None
    cut_attempts: int = 0
    answered_at: datetime | None = None
    provider_started_at: datetime | None = None
    provider_answered_at: datetime | None = None
    settlement: Settlement | None = None
    cause: Cause = Cause.NORMAL
    flags: tuple[Flag, ...] = ()
    is_over: bool = False
    noted_s: int | None = None  # what is reported of a refused call

    @property
    def is_lost(self) -> bool:
        """Closed without an end, which is charged still if it comes."""
        return self.state is CallState.ENDED and Flag.END_LOST in self.flags and Flag.END_LATE not in self.flags

    @property
    def instants(self) -> CallInstants:
        return CallInstants(
            started_at=self.started_at,
            answered_at=self.answered_at,
            provider_started_at=self.provider_started_at,
            provider_answered_at=self.provider_answered_at,
            is_announced=self.rule != "R21",
        )


@dataclass(kw_only=True)
class BookModel:
    """`overdrawn` are accounts whose available money may be negative, for a reason that the rules have.

    `reused` are other calls that came under a used id, in their order.
    """

    limits: Limits
    accounts: dict[int, PayingAccount]
    lines: Mapping[str, Line]
    rate_of: Callable[[CallStarted, Line | None], Rate | None]
    render: Callable[[str, CallStarted, Decision], bytes]
    can_cut: Callable[[str], bool]
    calls: dict[Key, Call] = field(default_factory=dict)
    overdrawn: set[int] = field(default_factory=set)
    reused: dict[Key, list[Call]] = field(default_factory=dict)

    def live(self) -> dict[Key, Call]:
        return {key: call for key, call in self.calls.items() if call.state is CallState.OPEN}

    # What providers say.

    def start(self, connection: str, call: CallStarted, *, now: datetime, parent: Parent | None = None) -> bytes:
        """The bytes of the reply."""
        known = self.calls.get((connection, call.call_id))
        if known is None:
            decision = decide(call, self._facts(connection, call, parent), self.limits)
            reply = self.render(connection, call, decision)
            self._open(connection, call, decision, now, started_at=now, reply=reply).provider_started_at = call.at
            return reply
        if known.call is not None and _asked(known.call) != _asked(call):
            return self._refuse_reuse(connection, call, known, now)
        if known.reply is not None:
            return known.reply
        if known.state is CallState.UNMATCHED:
            self._adopt(connection, call, known, now, parent)
        return self.render(connection, call, refuse(Refusal.CALL_ENDED, call.direction))

    def answer(self, connection: str, event: CallAnswered, *, now: datetime, is_asked: bool = False) -> Acknowledged:
        known = self.calls.get((connection, event.call_id))
        if known is not None and known.state is CallState.OPEN and known.answered_at is None:
            known.answered_at = known.instants.answer(event.at, received_at=now, is_asked=is_asked)
            known.provider_answered_at = event.at
            counted, cut_due_at = self._clocks(known, now), known.clocks.cut_due_at
            # Whoever wanted it cut before still does.
            known.clocks = counted if known.cut_reason is None else replace(counted, cut_due_at=cut_due_at)
        return Acknowledged()

    def end(
        self,
        connection: str,
        event: CallEnded,
        *,
        now: datetime,
        parent: Parent | None = None,
        flag: Flag | None = None,
    ) -> Charged:
        known = self.calls.get((connection, event.call_id))
        if known is None and event.start is not None:
            decision, flags = reconstruct_ended(event.start, self._facts(connection, event.start, parent), self.limits)
            at = event.start.at or _began_at(event, now)
            started_at = instant_of(at, earliest=now - CALL_AGE_MAX, now=now)
            known = self._open(connection, event.start, decision, now, started_at=started_at, reply=None, flags=flags)
        if known is None:
            self._keep(connection, event, now)
            return Charged(charged=None, currency=None)
        if known.state is CallState.UNMATCHED and event.start is not None:
            start = replace(event.start, at=event.start.at or _began_at(event, now))
            started_at = instant_of(start.at, earliest=now - CALL_AGE_MAX, now=now)
            self._adopt(connection, start, known, now, parent, started_at=started_at)
        is_late = known.is_lost and now - known.started_at <= timedelta(days=self.limits.end_days_max)
        if known.state is CallState.OPEN or is_late:
            self._close(known, event, now, flag)
        else:
            self._compare(known, event, now)
        if known.account_id is None:
            return Charged(charged=None, currency=None)
        charge = ZERO if known.settlement is None else known.settlement.charge
        return Charged(charged=charge, currency=self.accounts[known.account_id].currency)

    # What we do.

    def extend(self, now: datetime) -> None:
        due = [call for call in self.live().values() if call.clocks.extend_due_at is not None]
        due = [call for call in due if call.clocks.extend_due_at <= now]
        for call in sorted(due, key=lambda call: (call.clocks.extend_due_at, call.serial)):
            told = extend(
                rate=call.rate,
                held_s=call.held_s,
                hold=call.hold,
                granted_s=call.granted_s,
                elapsed_s=max(0, (now - (call.answered_at or call.started_at)) // SECOND),
                available=self.accounts[call.account_id].funds.available,
                slice_s=self.limits.hold_slice_s,
                cuttable=call.cuttable,
            )
            self._move(call, held=told.hold - call.hold)
            if told.granted_s < call.granted_s:
                call.cut_reason = call.cut_reason or CutReason.CREDIT
            call.held_s, call.hold, call.granted_s = told.held_s, told.hold, told.granted_s
            before, told = call.clocks, self._clocks(call, now)
            call.clocks = replace(
                told,
                reconcile_due_at=min(before.reconcile_due_at, told.must_end_at + END_GRACE),
                cut_due_at=min(before.cut_due_at, told.must_end_at) if call.cuttable else None,
            )
            if not call.cuttable and told.extend_due_at is not None:
                call.clocks = replace(call.clocks, extend_due_at=now + TRY_AGAIN)

    def cut_by_operator(self, key: Key, now: datetime) -> None:
        """R19: whatever was to happen first, the cutter is to ask at once."""
        call = self.calls[key]
        call.clocks = replace(call.clocks, cut_due_at=now)
        call.cut_reason, call.cut_attempts = CutReason.OPERATOR, 0

    def cut(self, now: datetime) -> list[tuple[Key, CutReason]]:
        """The calls whose provider is asked to end them, and why; it is asked again later and later (R18)."""
        cut = []
        for key, call in self.live().items():
            if call.clocks.cut_due_at is not None and call.clocks.cut_due_at <= now:
                again_s = CUT_AGAIN_S[min(call.cut_attempts, len(CUT_AGAIN_S) - 1)]
                call.clocks = replace(call.clocks, cut_due_at=now + again_s * SECOND)
                call.cut_attempts += 1
                call.cut_reason = call.cut_reason or CutReason.LIMIT
                cut.append((key, call.cut_reason))
        return cut

    def close_by_hand(self, key: Key, seconds: int, now: datetime) -> None:
        """R22: an operator says how long a call talked whose end never came."""
        call = self.calls[key]
        billed_s, began_at = min(seconds, call.granted_s), call.answered_at or call.started_at
        charge = ZERO if call.rate is None else price(call.rate, billed_s)
        if charge > call.hold:
            self.overdrawn.add(call.account_id)
        self._move(call, held=-call.hold, charged=charge)
        call.answered_at = began_at if seconds else call.answered_at
        call.settlement = Settlement(
            answered_at=call.answered_at,
            ended_at=max(began_at, min(now, began_at + seconds * SECOND)),
            reported_s=seconds,
            billed_s=billed_s,
            charge=charge,
            flags=(),
        )
        call.state, call.clocks, call.hold = CallState.ENDED, None, ZERO
        self._flag(call, *((Flag.OVER_GRANT,) if seconds > call.granted_s else ()), Flag.CLOSED_BY_HAND)

    def reconcile(self, fate_of: Callable[[Key], CallStatus], now: datetime) -> None:
        due = {key: call for key, call in self.live().items() if call.clocks.reconcile_due_at <= now}
        for (connection, call_id), call in due.items():
            call.clocks = replace(call.clocks, reconcile_due_at=now + CLAIM)
            match fate_of((connection, call_id)):
                case CallEnded() as event:
                    self.end(connection, event, now=now, flag=Flag.END_ASKED)
                case Live(answered_at=answered_at):
                    if call.answered_at is None and answered_at is not None:
                        event = CallAnswered(call_id=call_id, at=answered_at)
                        self.answer(connection, event, now=now, is_asked=True)
                    else:
                        base = max(now, call.clocks.must_end_at)
                        call.clocks = replace(call.clocks, reconcile_due_at=base + END_GRACE)
                        self._cut_soon(call, now)
                case Unknown():
                    self._unknown(connection, call_id, call, now)

    def top_up(self, account_id: int, amount: Decimal) -> None:
        account = self.accounts[account_id]
        self.accounts[account_id] = replace(account, funds=account.funds.debited(-amount))

    # How it is done.

    def parent_of(self, connection: str, call: CallStarted) -> Parent | None:
        known = None if call.parent_call_id is None else self.calls.get((connection, call.parent_call_id))
        if known is None:
            return None
        direction = Direction.INBOUND if known.call is None else known.call.direction
        return Parent(id=known.serial, account_id=known.account_id, direction=direction)

    def _facts(self, connection: str, call: CallStarted, parent: Parent | None) -> StartFacts:
        line = self.lines.get(call.line)
        account = None if line is None else self.accounts[line.account_id]
        return StartFacts(
            line=line,
            account=account,
            rate=self.rate_of(call, line),
            parent=parent or self.parent_of(connection, call),
            is_emergency=is_emergency(call, line, account),
            callee_possible=is_callable(call),
            cuttable=self.can_cut(connection),
        )

    def _clocks(self, call: Call, now: datetime) -> Clocks:
        return clocks(
            started_at=call.started_at,
            answered_at=call.answered_at,
            granted_s=call.granted_s,
            held_s=call.held_s,
            cuttable=call.cuttable,
            limits=self.limits,
            now=now,
        )

    def _cut_soon(self, call: Call, now: datetime) -> None:
        """A call that is still up past its deadline is cut again now, if it can be."""
        if call.clocks.cut_due_at is not None and call.clocks.must_end_at <= now:
            call.clocks = replace(call.clocks, cut_due_at=min(call.clocks.cut_due_at, now))

    def _move(self, call: Call, *, held: Decimal = ZERO, charged: Decimal = ZERO) -> None:
        if call.account_id is not None:
            account = self.accounts[call.account_id]
            funds = account.funds.holding(held).debited(charged)
            self.accounts[call.account_id] = replace(account, funds=funds)

    def _open(
        self,
        connection: str,
        call: CallStarted,
        decision: Decision,
        now: datetime,
        *,
        started_at: datetime,
        reply: bytes | None,
        flags: tuple[Flag, ...] = (),
    ) -> Call:
        line, granted = self.lines.get(call.line), decision if isinstance(decision, Granted) else None
        opened = self.calls[connection, call.call_id] = Call(
            serial=len(self.calls),
            call=call,
            state=CallState.REFUSED if granted is None else CallState.OPEN,
            account_id=None if line is None else line.account_id,
            rate=decision.rate,
            rule=decision.rule,
            granted_s=0 if granted is None else granted.granted_s,
            held_s=0 if granted is None else granted.held_s,
            hold=ZERO if granted is None else granted.hold,
            reply=reply,
            started_at=started_at,
            cuttable=self.can_cut(connection),
            flags=flags,
        )
        if opened.state is CallState.OPEN:
            opened.clocks = self._clocks(opened, now)
        self._move(opened, held=opened.hold)
        return opened

    def _refuse_reuse(self, connection: str, call: CallStarted, first: Call, now: datetime) -> bytes:
        """R16: another call under a used id is refused, on record by itself, and flagged on both."""
        others = self.reused.setdefault((connection, call.call_id), [])
        for other in others:
            if _asked(other.call) == _asked(call):
                return other.reply
        line, refused = self.lines.get(call.line), refuse(Refusal.ID_REUSED, call.direction)
        others.append(
            Call(
                serial=len(self.calls),
                call=call,
                state=CallState.REFUSED,
                account_id=None if line is None else line.account_id,
                rate=None,
                rule=refused.rule,
                granted_s=0,
                held_s=0,
                hold=ZERO,
                reply=self.render(connection, call, refused),
                started_at=now,
                cuttable=False,
                flags=(Flag.ID_REUSED,),
            )
        )
        self._flag(first, Flag.ID_REUSED)
        return others[-1].reply

    def _close(self, call: Call, event: CallEnded, now: datetime, flag: Flag | None) -> None:
        """What it holds is given back; None where it was never to hold anything."""
        covered = call.is_lost or (not call.hold and call.held_s >= call.granted_s)
        is_late = call.is_lost or (call.is_over and flag is None)
        is_asked = flag is Flag.END_ASKED
        told = self._settle(call, event, now, hold=None if covered else call.hold, is_asked=is_asked)
        if told.charge > call.hold:
            self.overdrawn.add(call.account_id)
        self._move(call, held=-call.hold, charged=told.charge)
        call.state, call.settlement, call.clocks = CallState.ENDED, told, None
        call.answered_at = told.answered_at
        self._flag(call, *told.flags, *(() if flag is None else (flag,)), *((Flag.END_LATE,) if is_late else ()))
        call.hold = ZERO

    def _settle(
        self, call: Call, event: CallEnded, now: datetime, *, hold: Decimal | None, is_asked: bool = False
    ) -> Settlement:
        return settle(
            event,
            instants=call.instants,
            rate=call.rate,
            granted_s=call.granted_s,
            hold=hold,
            received_at=now,
            tolerance_s=self.limits.seconds_tolerance_s,
            is_asked=is_asked,
        )

    def _compare(self, call: Call, event: CallEnded, now: datetime) -> None:
        """A second end changes nothing; other figures are noted, once. But seconds beat a zero."""
        own_s = call.instants.own_seconds(event)
        if Flag.CLOSED_BY_HAND in call.flags:
            self._note_beside(call, event, now)
            return
        if call.state is CallState.REFUSED:
            seconds = reported_seconds(event, call.instants, received_at=now, is_asked=False)
            if seconds and call.noted_s is None:
                call.noted_s = seconds
                self._flag(call, Flag.REFUSED)
            return
        if own_s is None:
            return
        talks = own_s > 0 and event.cause not in NOT_ANSWERED
        differs = own_s != call.settlement.reported_s
        if talks and call.state is CallState.UNMATCHED:
            if call.settlement.reported_s == 0 or call.cause in NOT_ANSWERED:
                told, differs = self._settle_unmatched(event, now), True
                call.settlement, call.answered_at, call.cause = told, told.answered_at, event.cause
                call.started_at = told.answered_at or told.ended_at
        elif talks and call.settlement.billed_s == 0:
            told = self._settle(call, event, now, hold=None)
            differs = True
            if told.billed_s:
                self._mend(call, told)
        if differs:
            self._flag(call, Flag.END_DIFFERS)

    def _note_beside(self, call: Call, event: CallEnded, now: datetime) -> None:
        """What an operator closed stays so; the first figures that differ are noted beside it."""
        seconds = reported_seconds(event, call.instants, received_at=now, is_asked=False)
        if Flag.END_DIFFERS not in call.flags:
            call.settlement = replace(call.settlement, reported_s=seconds)
        if seconds != call.settlement.billed_s:
            self._flag(call, Flag.END_DIFFERS)

    def _flag(self, call: Call, *flags: Flag) -> None:
        call.flags = tuple(dict.fromkeys((*call.flags, *flags)))

    def _mend(self, call: Call, told: Settlement) -> None:
        """A call that was closed with nothing is charged what it talked."""
        if told.charge:
            self.overdrawn.add(call.account_id)
        self._move(call, charged=told.charge)
        call.settlement, call.answered_at = told, told.answered_at
        self._flag(call, *told.flags)

    def _settle_unmatched(self, event: CallEnded, now: datetime) -> Settlement:
        earliest = min(now, event.answered_at or now, event.ended_at or now)
        instants = CallInstants(started_at=earliest, is_announced=False)
        tolerance_s = self.limits.seconds_tolerance_s
        return settle(
            event, instants=instants, rate=None, granted_s=0, hold=None, received_at=now, tolerance_s=tolerance_s
        )

    def _keep(self, connection: str, event: CallEnded, now: datetime) -> None:
        """An end whose call nobody knows."""
        told = self._settle_unmatched(event, now)
        self.calls[connection, event.call_id] = Call(
            serial=len(self.calls),
            call=None,
            state=CallState.UNMATCHED,
            account_id=None,
            rate=None,
            rule="R21",
            granted_s=0,
            held_s=0,
            hold=ZERO,
            reply=None,
            started_at=told.answered_at or told.ended_at,
            cuttable=False,
            answered_at=told.answered_at,
            settlement=told,
            cause=event.cause,
            flags=(Flag.NO_START,),
        )

    def _adopt(
        self,
        connection: str,
        call: CallStarted,
        unmatched: Call,
        now: datetime,
        parent: Parent | None,
        *,
        started_at: datetime | None = None,
    ) -> None:
        """A start whose end came before it: charged by the figures of that end."""
        started_at = started_at or now
        before, line = unmatched.settlement, self.lines.get(call.line)
        decision, flags = reconstruct_ended(call, self._facts(connection, call, parent), self.limits)
        told = settle(
            CallEnded(
                call_id=call.call_id,
                cause=unmatched.cause,
                answered_at=before.answered_at,
                ended_at=before.ended_at,
                seconds=before.reported_s,
            ),
            rate=decision.rate,
            instants=CallInstants(
                started_at=min(started_at, before.answered_at or before.ended_at), is_announced=False
            ),
            granted_s=decision.granted_s,
            hold=None,
            received_at=now,
            tolerance_s=self.limits.seconds_tolerance_s,
        )
        unmatched.state, unmatched.settlement, unmatched.call = CallState.ENDED, told, call
        unmatched.account_id = None if line is None else line.account_id
        unmatched.rate, unmatched.rule, unmatched.granted_s = decision.rate, decision.rule, decision.granted_s
        unmatched.answered_at = told.answered_at
        self._flag(unmatched, *told.flags, *flags)
        if told.charge:
            self.overdrawn.add(unmatched.account_id)
        self._move(unmatched, charged=told.charge)

    def _unknown(self, connection: str, call_id: str, call: Call, now: datetime) -> None:
        must_end_at = call.clocks.must_end_at
        lost_at, overdue_at = must_end_at + STATUS_UNKNOWN_MAX, must_end_at + END_GRACE
        if now >= lost_at:
            event = CallEnded(call_id=call_id, cause=Cause.FAILED, seconds=0)
            self.end(connection, event, now=now, flag=Flag.END_LOST)
            return
        # Whom a control URL lets us tell, it lets us ask too, and again soon.
        again_at = min(now + ASK_AGAIN, lost_at)
        look_at = overdue_at if now < overdue_at else again_at
        reconcile_due_at = min(look_at, again_at) if self.can_cut(connection) else look_at
        call.clocks = replace(call.clocks, reconcile_due_at=reconcile_due_at)
        if now >= overdue_at:
            call.is_over = True
            call.clocks = replace(call.clocks, extend_due_at=None)
        if call.answered_at is None and (now >= overdue_at or not self._was_silent(connection, call)):
            rings_until = call.started_at + timedelta(seconds=self.limits.ring_s)
            if now < rings_until:
                call.clocks = replace(call.clocks, reconcile_due_at=min(reconcile_due_at, rings_until))
                return
            self._move(call, held=-call.hold)
            call.held_s = 0 if call.hold else call.held_s
            call.hold = ZERO
            call.clocks = replace(call.clocks, extend_due_at=None)

    def _was_silent(self, connection: str, call: Call) -> bool:
        """Whether a call of this account turned out to have talked without an answer event."""
        return call.account_id is not None and any(
            key[0] == connection and other.account_id == call.account_id and Flag.HOLD_SHORT in other.flags
            for key, other in self.calls.items()
        )


def _asked(call: CallStarted) -> tuple[object, ...]:
    """What tells a call from another one under its id."""
    return call.direction, call.callee, call.line


def _began_at(event: CallEnded, now: datetime) -> datetime:
    """When a call began whose end tells of no start."""
    return event.answered_at or (event.ended_at or now) - timedelta(seconds=event.seconds or 0)
