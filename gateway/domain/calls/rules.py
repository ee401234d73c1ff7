"""Whether a call is connected: the rules R7 to R17 in their order, the first that refuses ends it."""

from dataclasses import replace
from decimal import Decimal
from typing import assert_never

from gateway.domain.accounts.account_state import AccountState
from gateway.domain.accounts.caps import Cap, CapHit, first_hit
from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.calls.call import Limits
from gateway.domain.calls.decision import Decision, Granted, StartFacts, connect_free, refuse
from gateway.domain.calls.grant import Extension, grant
from gateway.domain.calls.refusals import Refusal
from gateway.domain.calls.withholding import refusal_of_withholding, withholds
from gateway.domain.events import CallStarted, Direction
from gateway.domain.lines.line import Line, LineKind, LineState
from gateway.domain.phone import WITHHELD, is_e164
from gateway.domain.rates.rate import Rate


def decide(call: CallStarted, facts: StartFacts, limits: Limits) -> Decision:
    """Apply the rules in their order; caps and withholding come last, and never to an emergency call."""
    if facts.is_emergency and call.direction is not Direction.INBOUND:
        parent_id = None if facts.parent is None else facts.parent.id
        caller_id = call.line if call.caller == WITHHELD else call.caller
        return connect_free("emergency", caller_id, limits, parent_id=parent_id)
    if facts.bound_elsewhere:
        return refuse(Refusal.CONNECTION_BOUND, call.direction)
    if (refusal := _refusal_of(facts.account)) is not None:
        return refuse(refusal, call.direction)
    if call.direction is Direction.INBOUND:
        decision = _decide_inbound(call, facts, limits)
    elif call.direction is Direction.FORWARD:
        decision = _decide_forward(call, facts, limits)
    else:
        decision = _decide_outbound(call, facts, limits)
    if isinstance(decision, Granted):
        decision = _cap(call, decision, facts, limits)
    return _withhold(call, decision, facts) if isinstance(decision, Granted) else decision


def _refusal_of(account: PayingAccount | None) -> Refusal | None:
    """Why an account starts no calls at all, by an operator's word."""
    match None if account is None else account.state:
        case None | AccountState.OPEN:
            return None
        case AccountState.BLOCKED:
            return Refusal.ACCOUNT_BLOCKED
        case AccountState.CLOSED:
            return Refusal.ACCOUNT_CLOSED
        case _ as never:
            assert_never(never)


def _decide_inbound(call: CallStarted, facts: StartFacts, limits: Limits) -> Decision:
    line, account = facts.line, facts.account
    if line is None or account is None or line.state is LineState.DISCONNECTED:
        return refuse(Refusal.NUMBER_UNKNOWN, call.direction)
    if line.kind is LineKind.CONNECTOR:
        return connect_free("R12", call.caller, limits)
    if line.state is LineState.SUSPENDED:
        return refuse(Refusal.NUMBER_SUSPENDED, call.direction)
    if facts.rate is not None and not facts.rate.is_free:
        return _spend(call, facts.rate, account, facts, limits, rule="R9", caller_id=call.caller)
    if account.free_inbound_needs_balance and account.funds.available <= 0:
        return refuse(Refusal.NO_MONEY, call.direction, rule="R9", available=account.funds.available)
    return connect_free("R9", call.caller, limits, rate=facts.rate)


def _decide_forward(call: CallStarted, facts: StartFacts, limits: Limits) -> Decision:
    if (parent := facts.parent) is None:
        return refuse(Refusal.PARENT_UNKNOWN, call.direction)
    if parent.direction is not Direction.INBOUND:
        return refuse(Refusal.FORWARDED_TWICE, call.direction, parent_id=parent.id)
    if facts.line is not None and parent.account_id != facts.line.account_id:
        return refuse(Refusal.PARENT_UNKNOWN, call.direction)
    if call.callee == call.line:  # it would come back, and be forwarded again, for ever
        return refuse(Refusal.FORWARDED_TO_ITSELF, call.direction, parent_id=parent.id)
    if parent.in_a_circle:
        return refuse(Refusal.FORWARDED_IN_A_CIRCLE, call.direction, parent_id=parent.id)
    return _decide_outbound(call, facts, limits, parent_id=parent.id)


def _decide_outbound(call: CallStarted, facts: StartFacts, limits: Limits, *, parent_id: int | None = None) -> Decision:
    line, account = facts.line, facts.account
    if line is not None and line.kind is LineKind.CONNECTOR:
        return _decide_connector(call, line, limits, parent_id)
    if not facts.callee_possible:
        return refuse(Refusal.CALLEE_INVALID, call.direction, parent_id=parent_id)
    if line is None or account is None:
        return refuse(Refusal.LINE_UNKNOWN, call.direction, parent_id=parent_id)
    if facts.rate is None and not facts.callee_free:
        return refuse(Refusal.NO_RATE, call.direction, parent_id=parent_id)
    rule, number = ("R14", line.name) if line.state is LineState.ACTIVE else ("R11", account.main_number)
    if number is None:
        return refuse(Refusal.NO_MAIN_NUMBER, call.direction, rate=facts.rate, parent_id=parent_id)
    if facts.rate is None:
        return connect_free("R40", number, limits, parent_id=parent_id)
    return _spend(call, facts.rate, account, facts, limits, rule=rule, caller_id=number, parent_id=parent_id)


def _decide_connector(call: CallStarted, line: Line, limits: Limits, parent_id: int | None) -> Decision:
    if line.state is not LineState.ACTIVE:
        return refuse(Refusal.CONNECTOR_UNPAID, call.direction, parent_id=parent_id)
    return connect_free("R12", call.caller, limits, parent_id=parent_id)


def _spend(
    call: CallStarted,
    rate: Rate,
    account: PayingAccount,
    facts: StartFacts,
    limits: Limits,
    *,
    rule: str,
    caller_id: str,
    parent_id: int | None = None,
) -> Decision:
    """R14 and R15: as much as the money buys, at least one increment; all of it if it costs nothing."""
    available = account.funds.available
    granted = _grant(rate, available, facts, limits)
    if not granted.granted_s:
        rule = "R9" if call.direction is Direction.INBOUND else "R14"
        return refuse(Refusal.NO_MONEY, call.direction, rule=rule, rate=rate, available=available, parent_id=parent_id)
    return Granted(
        rule=rule,
        caller_id=caller_id,
        rate=rate,
        parent_id=parent_id,
        available=available,
        granted_s=granted.granted_s,
        held_s=granted.held_s,
        hold=granted.hold,
    )


def _cap(call: CallStarted, granted: Granted, facts: StartFacts, limits: Limits) -> Decision:
    """R17: what would be connected is refused by the first cap it hits, or granted what a day may still cost."""
    account, rate, available = facts.account, granted.rate, granted.available
    if account is None or account.capped is None:
        return granted
    hit, left = (
        first_hit(account.capped, call, rate, is_dear=facts.callee_dear),
        account.capped.spend_left(account.funds.held),
    )
    if hit is None and rate is not None and not rate.is_free and left is not None and left < account.funds.available:
        less = _grant(rate, left, facts, limits)
        if less.granted_s:
            return replace(granted, available=left, granted_s=less.granted_s, held_s=less.held_s, hold=less.hold)
        hit, available = CapHit(cap=Cap.SPEND_A_DAY, limit=str(account.capped.caps.spend_a_day)), left
    if hit is None:
        return granted
    return refuse(
        Refusal.CAPPED,
        call.direction,
        rule=hit.rule,
        rate=rate,
        available=available,
        parent_id=granted.parent_id,
        cap=hit,
    )


def _withhold(call: CallStarted, granted: Granted, facts: StartFacts) -> Decision:
    """R43: a user of the account who withholds the number is shown as nobody, or refused."""
    if facts.account is None or not withholds(call):
        return granted
    refusal = refusal_of_withholding(facts.account.when_withheld, can_withhold=facts.can_withhold)
    if refusal is None:
        identity = granted.caller_id if is_e164(granted.caller_id) else ""
        return replace(granted, caller_id=WITHHELD, identity=identity)
    return refuse(refusal, call.direction, rate=granted.rate, available=granted.available, parent_id=granted.parent_id)


def _grant(rate: Rate, available: Decimal, facts: StartFacts, limits: Limits) -> Extension:
    return grant(rate, available, limit_s=limits.call_seconds_max, slice_s=limits.hold_slice_s, cuttable=facts.cuttable)
