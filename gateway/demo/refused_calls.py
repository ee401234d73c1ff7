"""A refused call of every code, so that each can be looked at."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from gateway.demo import neighbours, world
from gateway.demo.history import History
from gateway.domain.accounts.when_withheld import WhenWithheld
from gateway.domain.calls.refusals import Refusal
from gateway.domain.events import CallEnded, CallStarted, Cause, Direction
from gateway.domain.phone import WITHHELD
from gateway.providers.registry import adapters
from gateway.usecases.calls.ends.end import end_calls
from gateway.usecases.calls.ends.end_request import EndRequest
from gateway.usecases.calls.starts.start_request import Arrival, RefusedStart

_MADRID: Final = "+34910550123"
_PARIS: Final = "+33199000215"
_NO_RATE: Final = "+881812345678"
_APART: Final = timedelta(minutes=2)


def _outbound(name: str, line: str, callee: str = _MADRID) -> CallStarted:
    return CallStarted(call_id=f"past-{name}", direction=Direction.OUTBOUND, caller=line, callee=callee, line=line)


def _inbound(name: str, line: str, caller: str = _PARIS) -> CallStarted:
    return CallStarted(call_id=f"past-{name}", direction=Direction.INBOUND, caller=caller, callee=line, line=line)


def _forward(name: str, line: str, callee: str, parent: str) -> CallStarted:
    call = _outbound(name, line, callee)
    return replace(call, direction=Direction.FORWARD, parent_call_id=f"past-{parent}")


def _starts() -> Iterator[CallStarted]:
    """In their order; those that are connected are what others need."""
    yield _inbound(Refusal.NUMBER_UNKNOWN, "+12125550999")
    yield _inbound(Refusal.NUMBER_SUSPENDED, world.FRANCE_SUSPENDED)
    yield _outbound(Refusal.ACCOUNT_BLOCKED, neighbours.EMILS)
    yield _outbound(Refusal.ACCOUNT_CLOSED, neighbours.FRIDAS)
    yield _outbound(Refusal.NO_MONEY, world.CHICAGO)
    yield _outbound(Refusal.CALLEE_INVALID, world.NEW_YORK, "+4930")
    yield _outbound(Refusal.NO_RATE, world.NEW_YORK, _NO_RATE)
    yield _outbound(Refusal.LINE_UNKNOWN, "+12125550998")
    yield _outbound(Refusal.NO_MAIN_NUMBER, neighbours.LONDON_RESERVED)
    yield _outbound(Refusal.CONNECTOR_UNPAID, neighbours.OFFICE)
    yield _forward(Refusal.PARENT_UNKNOWN, world.BERLIN, _MADRID, "nobody")
    yield _outbound("plain", world.NEW_YORK)
    yield _forward(Refusal.FORWARDED_TWICE, world.NEW_YORK, _MADRID, "plain")
    yield _inbound("to-berlin", world.BERLIN)
    yield _forward(Refusal.FORWARDED_TO_ITSELF, world.BERLIN, world.BERLIN, "to-berlin")
    yield _forward("on", world.BERLIN, world.LONDON, "to-berlin")
    yield _inbound("to-london", world.LONDON, world.BERLIN)
    yield _forward("back", world.LONDON, world.BERLIN, "to-london")
    yield _inbound("to-berlin-again", world.BERLIN, world.LONDON)
    yield _forward(Refusal.FORWARDED_IN_A_CIRCLE, world.BERLIN, world.LONDON, "to-berlin-again")
    yield _inbound(Refusal.CAPPED, world.NEW_YORK, world.NUISANCE)
    yield replace(_outbound("plain", world.NEW_YORK), callee=_PARIS)


async def refuse_of_every_code(history: History, accounts: Mapping[str, int], *, then: datetime) -> None:
    """From an instant on, two minutes apart; those that were connected have ended, unanswered."""
    at = then
    for call in _starts():
        at += _APART
        await history.begin([history.asked(call, at)], now=at)
    bound = replace(history.connection, accounts=frozenset({accounts[neighbours.CLARA]}))
    await history.begin(
        [history.asked(_outbound(Refusal.CONNECTION_BOUND, world.NEW_YORK), at, connection=bound)], now=at
    )
    await _withheld(history, accounts[neighbours.CLARA], at)
    await _after_its_end(history, at)
    await _unavailable(history, at)
    ended = [_ended(call.call_id, history.connection.name, at) for call in _starts()]
    async with history.conn.transaction():
        await end_calls(history.conn, ended, now=at, limits=history.limits)


async def _withheld(history: History, account_id: int, at: datetime) -> None:
    call = replace(_outbound(Refusal.WITHHOLDING_IMPOSSIBLE, neighbours.PARIS), caller=WITHHELD)
    cannot = replace(history, adapter=adapters()["plivo"])
    await cannot.begin([cannot.asked(call, at)], now=at)
    await neighbours.withhold(history.conn, account_id, WhenWithheld.REFUSED, now=at)
    call = replace(call, call_id=f"past-{Refusal.NUMBER_WITHHELD}")
    await history.begin([history.asked(call, at)], now=at)


async def _after_its_end(history: History, at: datetime) -> None:
    """An end came first, by a webhook that overtook that of the start."""
    call = _outbound(Refusal.CALL_ENDED, world.NEW_YORK)
    async with history.conn.transaction():
        early = [_ended(call.call_id, history.connection.name, at)]
        await end_calls(history.conn, early, now=at, limits=history.limits)
    await history.begin([history.asked(call, at)], now=at)


async def _unavailable(history: History, at: datetime) -> None:
    """While the database was away, nobody could hear what was decided."""
    asked: Arrival = history.asked(_outbound(Refusal.UNAVAILABLE, world.NEW_YORK), at).arrival
    await history.begin([RefusedStart(asked, b'{"action":"reject","reason":"unavailable"}')], now=at)


def _ended(call_id: str, connection: str, at: datetime) -> EndRequest:
    return EndRequest(connection, CallEnded(call_id=call_id, cause=Cause.NO_ANSWER, seconds=0, ended_at=at), at)
