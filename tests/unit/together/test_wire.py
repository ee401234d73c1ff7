"""What processes that serve together say to each other arrives as it was said."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gateway.domain.accounts.caps import Cap, CapHit
from gateway.domain.calls.decision import Granted, Refused
from gateway.domain.calls.refusals import Refusal
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction
from gateway.domain.rates.rate import Rate
from gateway.providers.base import Acknowledged, Charged
from gateway.spool.record import Record
from gateway.together.wire import (
    SaidTaken,
    Time,
    Yourself,
    encode,
    end_result,
    read_events,
    read_results,
    said_of_end,
    said_of_start,
    start_result,
)
from gateway.usecases.calls.ends.end_request import NEEDS_START, EndResult
from gateway.usecases.calls.starts.start_request import ConnectedUnrecorded, Decided, Repeated, StartResult

D = Decimal
AT = datetime(2026, 11, 29, 12, 0, 0, 123456, tzinfo=UTC)
RATE = Rate(id=7, prefix="44", per_minute=D("0.0270"), connection_fee=D("0.01"), first_interval_s=60, increment_s=1)
STARTED = CallStarted(
    call_id="a\x00ü",
    direction=Direction.FORWARD,
    caller="+15550100001",
    callee="+442079460000",
    line="+15550100001",
    parent_call_id="b",
    at=AT,
    control_url="https://pbx.example/control",
    left_out=("at",),
)
ENDED = CallEnded(
    call_id="a", cause=Cause.LIMIT, answered_at=AT, seconds=61, cost=D("0.000001"), cost_currency="EUR", start=STARTED
)


@pytest.mark.parametrize(
    "result",
    [
        Decided(
            reply=b'{"action":"connect"}\xff',
            decision=Granted(
                rule="R14",
                caller_id="+15550100001",
                granted_s=3600,
                held_s=300,
                hold=D("0.135000"),
                rate=RATE,
                parent_id=9,
                available=D("999.865000"),
                identity="+15550100002",
            ),
            account_id=4,
        ),
        Decided(
            reply=b"",
            decision=Refused(
                rule="R17",
                refusal=Refusal.CAPPED,
                record_code=403,
                sip_code=603,
                rate=RATE,
                available=D(0),
                cap=CapHit(cap=Cap.LIVE_CALLS, limit="2"),
            ),
        ),
        Repeated(reply=b"<Response/>"),
        ConnectedUnrecorded(reply=b"{}"),
    ],
)
def test_what_a_start_was_told(result: StartResult) -> None:
    [(number, said)] = read_results(encode([(3, said_of_start(result))]))

    assert number == 3
    assert not isinstance(said, Time)
    assert start_result(said) == result
    assert end_result(said) is None


@pytest.mark.parametrize(
    ("result", "arrives"),
    [
        (Charged(charged=D("0.027000"), currency="EUR"), Charged(charged=D("0.027000"), currency="EUR")),
        (Charged(charged=None, currency=None), Charged(charged=None, currency=None)),
        (Acknowledged(), Acknowledged()),
        # Both acknowledge an event without a charge.
        (NEEDS_START, Acknowledged()),
    ],
)
def test_what_became_of_an_event_that_follows_a_start(result: EndResult, arrives: EndResult) -> None:
    [(_, said)] = read_results(encode([(1, said_of_end(result))]))

    assert not isinstance(said, Time)
    assert end_result(said) == arrives
    assert start_result(said) is None


@pytest.mark.parametrize("said", [SaidTaken(), Yourself()])
def test_what_says_nothing_of_a_start(said: SaidTaken | Yourself) -> None:
    assert start_result(said) is None


@pytest.mark.parametrize(
    "record",
    [
        Record(connection="pbx", received_at=AT, started=STARTED),
        Record(connection="pbx", received_at=AT, answered=CallAnswered(call_id="a", at=AT, start=STARTED)),
        Record(connection="pbx", received_at=AT, ended=ENDED),
        Record(connection="pbx", received_at=AT, hinted=CallHinted(call_id="a", left_out=("cost",))),
    ],
)
def test_an_event(record: Record) -> None:
    [(number, arrived)] = read_events(encode([(2**40, record)]))

    assert number == 2**40
    assert arrived == record
    # Which no comparison of events looks at.
    assert getattr(arrived.event, "left_out", ()) == getattr(record.event, "left_out", ())
