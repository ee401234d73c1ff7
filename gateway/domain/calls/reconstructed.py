"""Calls reconstructed after the fact, as nobody could ask us before they were connected: not refused (R21, R34)."""

from gateway.domain.calls.call import Flag, Limits
from gateway.domain.calls.decision import Granted, StartFacts
from gateway.domain.calls.withholding import withholds
from gateway.domain.events import CallStarted, Direction
from gateway.domain.lines.line import LineKind, LineState
from gateway.domain.money import ZERO
from gateway.domain.rates.rate import Rate, price


def reconstruct_ended(call: CallStarted, facts: StartFacts, limits: Limits) -> tuple[Granted, tuple[Flag, ...]]:
    """A call whose end came without its start, or before it: granted the whole hour, as it is over, holding nothing."""
    flags = [Flag.NO_START]
    if not _is_free(call, facts):
        if facts.line is None:
            flags.append(Flag.NO_LINE)
        elif _rate(call, facts) is None:
            flags.append(Flag.NO_RATE)
    granted = Granted(
        rule="R21",
        caller_id=_caller_id(call, facts),
        rate=_rate(call, facts),
        parent_id=None if facts.parent is None else facts.parent.id,
        available=None if facts.account is None else facts.account.funds.available,
        granted_s=limits.call_seconds_max,
        held_s=limits.call_seconds_max,
    )
    return granted, tuple(flags)


def reconstruct_allowed(
    call: CallStarted, facts: StartFacts, limits: Limits, *, allowed_s: int
) -> tuple[Granted, tuple[Flag, ...]]:
    """A call connected while the database was away: what it was allowed is held, whatever the balance is by now."""
    free, rate = _is_free(call, facts), _rate(call, facts)
    granted_s = min(allowed_s, limits.call_seconds_max)
    flags = [Flag.UNAVAILABLE]
    if facts.line is None and not facts.is_emergency:
        flags.append(Flag.NO_LINE)
    elif rate is None and not free:
        flags.append(Flag.NO_RATE)
    granted = Granted(
        rule="emergency" if facts.is_emergency else "R34",
        caller_id=_caller_id(call, facts),
        rate=rate,
        parent_id=None if facts.parent is None else facts.parent.id,
        available=None if facts.account is None else facts.account.funds.available,
        granted_s=granted_s,
        held_s=granted_s,
        hold=ZERO if rate is None else price(rate, granted_s),
    )
    return granted, tuple(flags)


def _rate(call: CallStarted, facts: StartFacts) -> Rate | None:
    """The row to charge by; what is not a number has none, whatever digits it begins with."""
    if _is_free(call, facts) or not (facts.callee_possible or call.direction is Direction.INBOUND):
        return None
    return facts.rate


def _is_free(call: CallStarted, facts: StartFacts) -> bool:
    """Emergency calls, connectors, free callees and incoming calls without a rate cost nothing."""
    if facts.is_emergency and call.direction is not Direction.INBOUND:
        return True
    if facts.line is not None and facts.line.kind is LineKind.CONNECTOR:
        return True
    return (call.direction is Direction.INBOUND or facts.callee_free) and facts.line is not None and facts.rate is None


def _caller_id(call: CallStarted, facts: StartFacts) -> str:
    """The number such a call showed, as far as we can tell."""
    line, account = facts.line, facts.account
    if call.direction is Direction.INBOUND or line is None or line.kind is LineKind.CONNECTOR or withholds(call):
        return call.caller
    if line.state is not LineState.ACTIVE and account is not None and account.main_number is not None:
        return account.main_number
    return line.name
