"""Every recorded hook is authentic and means what it is named for."""

from dataclasses import replace

import pytest
from inline_snapshot import snapshot

from gateway.domain.errors import BadSignature
from gateway.domain.events import Event
from gateway.providers import adapters
from gateway.providers.base import start_fields
from tests.support.http_samples import sample_connection, samples

RECORDED = [provider for provider in adapters() if sample_connection(provider) is not None]


def meanings(provider: str) -> dict[str, Event]:
    adapter, connection = adapters()[provider], sample_connection(provider)
    assert connection is not None
    meant = {}
    for name, hook in samples(provider).items():
        adapter.authenticate(hook, connection)
        meant[name] = adapter.parse(hook, connection)
    return meant


def test_what_the_native_samples_mean() -> None:
    assert {name: repr(event) for name, event in meanings("native").items()} == snapshot({'answer': "CallAnswered(call_id='a1b2', at=datetime.datetime(2026, 3, 31, 12, 35, 51, 300000, tzinfo=datetime.timezone.utc))", 'end': "CallEnded(call_id='a1b2', cause=<Cause.NORMAL: 'normal'>, answered_at=datetime.datetime(2026, 3, 31, 12, 35, 51, 300000, tzinfo=datetime.timezone.utc), ended_at=datetime.datetime(2026, 3, 31, 12, 37, 31, 900000, tzinfo=datetime.timezone.utc), seconds=101, cost=Decimal('0.0312'), cost_currency='USD', start=None)", 'end_unanswered': "CallEnded(call_id='a1b2', cause=<Cause.NO_ANSWER: 'no_answer'>, answered_at=None, ended_at=None, seconds=0, cost=None, cost_currency=None, start=None)", 'end_without_start': "CallEnded(call_id='a1b2', cause=<Cause.NORMAL: 'normal'>, answered_at=datetime.datetime(2026, 3, 31, 12, 35, 51, 300000, tzinfo=datetime.timezone.utc), ended_at=datetime.datetime(2026, 3, 31, 12, 37, 31, 900000, tzinfo=datetime.timezone.utc), seconds=101, cost=Decimal('0.0312'), cost_currency='USD', start=CallStarted(call_id='a1b2', direction=<Direction.OUTBOUND: 'outbound'>, caller='+15550100001', callee='+442079460000', line='+15550100001', parent_call_id=None, at=datetime.datetime(2026, 3, 31, 12, 35, 46, 120000, tzinfo=datetime.timezone.utc), control_url=None))", 'forward_start': "CallStarted(call_id='e5f6', direction=<Direction.FORWARD: 'forward'>, caller='+15550100001', callee='+442079460000', line='+15550100001', parent_call_id='c3d4', at=datetime.datetime(2026, 3, 31, 12, 35, 46, 120000, tzinfo=datetime.timezone.utc), control_url=None)", 'inbound_start': "CallStarted(call_id='c3d4', direction=<Direction.INBOUND: 'inbound'>, caller='+442079460000', callee='+15550100001', line='+15550100001', parent_call_id=None, at=None, control_url=None)", 'start': "CallStarted(call_id='a1b2', direction=<Direction.OUTBOUND: 'outbound'>, caller='+15550100001', callee='+442079460000', line='+15550100001', parent_call_id=None, at=datetime.datetime(2026, 3, 31, 12, 35, 46, 120000, tzinfo=datetime.timezone.utc), control_url=None)"})


def test_what_the_twilio_samples_mean() -> None:
    assert {name: repr(event) for name, event in meanings("twilio").items()} == snapshot({'dial_ended': "CallEnded(call_id='CA0a1b2c3d4e5f60718293a4b5c6d7e8f9', cause=<Cause.NORMAL: 'normal'>, answered_at=None, ended_at=None, seconds=61, cost=None, cost_currency=None, start=CallStarted(call_id='CA0a1b2c3d4e5f60718293a4b5c6d7e8f9', direction=<Direction.OUTBOUND: 'outbound'>, caller='alice', callee='+15552223333', line='+15550001000', parent_call_id=None, at=None, control_url=None))", 'first_leg_completed': "CallHinted(call_id='CA0a1b2c3d4e5f60718293a4b5c6d7e8f9')", 'first_leg_no_answer': "CallEnded(call_id='CA0a1b2c3d4e5f60718293a4b5c6d7e8f9', cause=<Cause.NO_ANSWER: 'no_answer'>, answered_at=None, ended_at=datetime.datetime(2026, 3, 31, 12, 35, 57, tzinfo=datetime.timezone.utc), seconds=0, cost=None, cost_currency=None, start=None)", 'forward_start': "CallStarted(call_id='CA0a1b2c3d4e5f60718293a4b5c6d7e8f9:forward', direction=<Direction.FORWARD: 'forward'>, caller='+15557654321', callee='+442079460000', line='+15550001000', parent_call_id='CA0a1b2c3d4e5f60718293a4b5c6d7e8f9', at=None, control_url=None)", 'inbound_start': "CallStarted(call_id='CA0a1b2c3d4e5f60718293a4b5c6d7e8f9', direction=<Direction.INBOUND: 'inbound'>, caller='+15557654321', callee='+15550001000', line='+15550001000', parent_call_id=None, at=None, control_url=None)", 'leg_answered': "CallAnswered(call_id='CA0a1b2c3d4e5f60718293a4b5c6d7e8f9', at=datetime.datetime(2026, 3, 31, 12, 35, 57, tzinfo=datetime.timezone.utc))", 'leg_busy': "CallEnded(call_id='CA0a1b2c3d4e5f60718293a4b5c6d7e8f9:forward', cause=<Cause.BUSY: 'busy'>, answered_at=None, ended_at=datetime.datetime(2026, 3, 31, 12, 35, 57, tzinfo=datetime.timezone.utc), seconds=0, cost=None, cost_currency=None, start=CallStarted(call_id='CA0a1b2c3d4e5f60718293a4b5c6d7e8f9:forward', direction=<Direction.FORWARD: 'forward'>, caller='+15557654321', callee='+442079460000', line='+15550001000', parent_call_id='CA0a1b2c3d4e5f60718293a4b5c6d7e8f9', at=None, control_url=None))", 'leg_completed': "CallEnded(call_id='CA0a1b2c3d4e5f60718293a4b5c6d7e8f9', cause=<Cause.NORMAL: 'normal'>, answered_at=None, ended_at=datetime.datetime(2026, 3, 31, 12, 35, 57, tzinfo=datetime.timezone.utc), seconds=61, cost=None, cost_currency=None, start=None)", 'sip_start': "CallStarted(call_id='CA1b2c3d4e5f60718293a4b5c6d7e8f90a', direction=<Direction.OUTBOUND: 'outbound'>, caller='alice', callee='+15552223333', line='+15550001000', parent_call_id=None, at=None, control_url=None)"})


@pytest.mark.parametrize("provider", RECORDED)
def test_every_sample_says_where_it_comes_from_and_is_refused_when_changed(provider: str) -> None:
    adapter, connection = adapters()[provider], sample_connection(provider)
    assert connection is not None

    for hook in samples(provider).values():
        with pytest.raises(BadSignature):
            adapter.authenticate(hook, replace(connection, secrets=("another",)))


def test_the_start_that_an_event_carries() -> None:
    events = meanings("native")

    assert start_fields(events["start"]) is events["start"]
    assert start_fields(events["end_without_start"]) == events["start"]
    assert start_fields(events["end"]) is None
    assert start_fields(events["answer"]) is None
