"""What a call would cost, by the very decision a real one gets (R6)."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import assert_never

from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.calls.call import Limits
from gateway.domain.calls.decision import Decision, Granted, Refused, StartFacts
from gateway.domain.calls.needs import needs
from gateway.domain.calls.refusals import Refusal
from gateway.domain.calls.rules import decide
from gateway.domain.connection import Connection
from gateway.domain.errors import InvalidInput, NotFound
from gateway.domain.events import CallStarted, Direction
from gateway.domain.explanation import Fact
from gateway.domain.lines.line import Line, LineKind, LineState
from gateway.domain.rates.prices import DEFAULT_SECONDS, PriceOf, prices_of
from gateway.domain.rates.rate import Rate
from gateway.numbers.callee import is_callable, is_free_callee
from gateway.numbers.parties import Parties, explain_dialled, read_parties
from gateway.numbers.reading import NumberReading
from gateway.postgres.calls import live_calls, starts
from gateway.postgres.calls.starts import GatheredStart, StartKey
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.shown.explain import why_refused
from gateway.usecases.calls.starts.capped import count_use
from gateway.usecases.calls.starts.emergency import is_emergency
from gateway.usecases.calls.starts.start_request import is_blocked_as_dear

# No real connection has an empty name, so a quote finds no call on record.
NO_CONNECTION = Connection(name="", kind="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a call would cost, or why it would be refused.

    `caller_id` is the number the call would go out by; `refused` a code and `why` what it means, or both None;
    `would_need` is all that would have to be otherwise for it to be connected; `read_how` says how the callee was read.
    """

    line: str
    line_state: LineState
    callee: str
    read_how: Fact
    account_id: int
    currency: str
    rule: str
    refused: str | None
    why: Fact | None
    would_need: list[Fact]
    caller_id: str
    emergency: bool
    rate: Rate | None
    increment_s: int | None
    prices: list[PriceOf]
    available: Decimal
    granted_s: int


async def quote_call(
    conn: PgConnection,
    *,
    line: str,
    callee: str,
    now: datetime,
    limits: Limits,
    seconds: Sequence[int] = DEFAULT_SECONDS,
    connection: Connection = NO_CONNECTION,
) -> Quote:
    """Decide an outbound call of a line and price some durations; NotFound if there is no such line.

    Line and callee are read as a webhook of the connection is, a person's callee in the plan of the line's country.
    Nothing is recorded and nothing held.
    """
    for each in seconds:
        if not 0 <= each <= limits.call_seconds_max:
            raise InvalidInput("seconds: must be from 0 to {most}, not {each}", most=limits.call_seconds_max, each=each)
    numbers = connection.numbers
    parties = read_parties(Direction.OUTBOUND, caller=line, callee=callee, line=line, numbers=numbers)
    call, gathered = await _gather(conn, parties, limits, now)
    if gathered.line is None or gathered.account is None:
        raise NotFound("there is no line {line}", line=line)
    facts = StartFacts(
        line=gathered.line,
        account=gathered.account,
        rate=gathered.rate,
        parent=None,
        is_emergency=is_emergency(call, gathered.line, gathered.account),
        callee_possible=is_callable(call),
        callee_free=is_free_callee(call),
        cuttable=True,
        bound_elsewhere=not connection.is_open_to(gathered.line.account_id),
        callee_dear=is_blocked_as_dear(call.callee, gathered.account),
    )
    read_how = _read_how(explain_dialled(callee, line=call.line, numbers=numbers), gathered.line, facts)
    asked = _Asked(call, gathered.line, gathered.account, facts)
    return _quote(asked, limits, read_how=read_how, seconds=seconds)


def _read_how(reading: NumberReading, line: Line, facts: StartFacts) -> Fact:
    """How the callee was read; what is no number may be called all the same."""
    if facts.is_emergency:
        return Fact("readings.emergency")
    if reading.number is None and line.kind is LineKind.CONNECTOR:
        return Fact("readings.left_as_it_is")
    return reading.how


@dataclass(frozen=True, slots=True)
class _Asked:
    """The call that is asked about, and what is known of it."""

    call: CallStarted
    line: Line
    account: PayingAccount
    facts: StartFacts


def _quote(asked: _Asked, limits: Limits, *, read_how: Fact, seconds: Sequence[int]) -> Quote:
    call, line, account, facts = asked.call, asked.line, asked.account, asked.facts
    decision = decide(call, facts, limits)
    rate = decision.rate
    refusal, caller_id, granted_s = _outcome(decision)
    return Quote(
        line=line.name,
        line_state=line.state,
        callee=call.callee,
        read_how=read_how,
        account_id=line.account_id,
        currency=account.currency,
        rule=decision.rule,
        refused=refusal,
        why=None if refusal is None else why_refused(refusal, decision.rule),
        would_need=needs(call, facts, limits),
        caller_id=caller_id,
        emergency=facts.is_emergency,
        rate=rate,
        increment_s=None if rate is None else rate.increment_s,
        prices=[] if rate is None and refusal is not None else prices_of(rate, seconds),
        available=account.funds.available if decision.available is None else decision.available,
        granted_s=granted_s,
    )


def _outcome(decision: Decision) -> tuple[Refusal | None, str, int]:
    """Why it would be refused, or the number it would go out by and for how many seconds."""
    match decision:
        case Granted():
            return None, decision.caller_id, decision.granted_s
        case Refused():
            return decision.refusal, "", 0
        case _ as never:
            assert_never(never)


async def _gather(
    conn: PgConnection, parties: Parties, limits: Limits, now: datetime
) -> tuple[CallStarted, GatheredStart]:
    """The facts of a real start; the account's row is locked for as long as that takes."""
    call = CallStarted(
        call_id="quote",
        direction=Direction.OUTBOUND,
        caller=parties.caller,
        callee=parties.callee,
        line=parties.line,
    )
    keys = [StartKey(connection=NO_CONNECTION.name, call=call, started_at=now)]
    async with _let_go(conn):
        [gathered] = await starts.gather(conn, keys, now=now, owed_limits=limits.owed_limits_calls)
        if gathered.locked_account_id is not None:
            await live_calls.lock_accounts(conn, [gathered.locked_account_id])
            [gathered] = await starts.gather(conn, keys, now=now, owed_limits=limits.owed_limits_calls)
    account = gathered.account
    if account is None:
        return call, gathered
    use_by_account = await count_use(conn, [gathered], now=now)
    return call, replace(gathered, account=use_by_account[account.id].left_of(account))


@asynccontextmanager
async def _let_go(conn: PgConnection) -> AsyncIterator[None]:
    """A transaction that writes nothing and is undone, so that its locks go even within another."""
    reading = conn.transaction()
    await reading.start()
    try:
        yield
    finally:
        await reading.rollback()
