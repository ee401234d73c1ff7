"""Every recorded hook is authentic and means what it is named for."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from inline_snapshot import snapshot

from gateway.domain.errors import BadSignature
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction, Event
from gateway.providers import adapters
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
    assert meanings("native") == snapshot(
        {
            "answer": CallAnswered(
                call_id="a1b2",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=51, microsecond=300000, tzinfo=UTC),
            ),
            "end": CallEnded(
                call_id="a1b2",
                cause=Cause.NORMAL,
                answered_at=datetime(2026, 3, 31, hour=12, minute=35, second=51, microsecond=300000, tzinfo=UTC),
                ended_at=datetime(2026, 3, 31, hour=12, minute=37, second=31, microsecond=900000, tzinfo=UTC),
                seconds=101,
                cost=Decimal("0.0312"),
                cost_currency="USD",
            ),
            "end_unanswered": CallEnded(call_id="a1b2", cause=Cause.NO_ANSWER, seconds=0),
            "end_without_start": CallEnded(
                call_id="a1b2",
                cause=Cause.NORMAL,
                answered_at=datetime(2026, 3, 31, hour=12, minute=35, second=51, microsecond=300000, tzinfo=UTC),
                ended_at=datetime(2026, 3, 31, hour=12, minute=37, second=31, microsecond=900000, tzinfo=UTC),
                seconds=101,
                cost=Decimal("0.0312"),
                cost_currency="USD",
                start=CallStarted(
                    call_id="a1b2",
                    direction=Direction.OUTBOUND,
                    caller="+15550100001",
                    callee="+442079460000",
                    line="+15550100001",
                    at=datetime(2026, 3, 31, hour=12, minute=35, second=46, microsecond=120000, tzinfo=UTC),
                ),
            ),
            "forward_start": CallStarted(
                call_id="e5f6",
                direction=Direction.FORWARD,
                caller="+15550100001",
                callee="+442079460000",
                line="+15550100001",
                parent_call_id="c3d4",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=46, microsecond=120000, tzinfo=UTC),
            ),
            "inbound_start": CallStarted(
                call_id="c3d4",
                direction=Direction.INBOUND,
                caller="+442079460000",
                callee="+15550100001",
                line="+15550100001",
            ),
            "start": CallStarted(
                call_id="a1b2",
                direction=Direction.OUTBOUND,
                caller="+15550100001",
                callee="+442079460000",
                line="+15550100001",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=46, microsecond=120000, tzinfo=UTC),
            ),
        }
    )


def test_what_the_twilio_samples_mean() -> None:
    assert meanings("twilio") == snapshot(
        {
            "dial_ended": CallEnded(
                call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                cause=Cause.NORMAL,
                seconds=61,
                start=CallStarted(
                    call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                    direction=Direction.OUTBOUND,
                    caller="alice",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "first_leg_completed": CallHinted(call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
            "first_leg_no_answer": CallEnded(
                call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                cause=Cause.NO_ANSWER,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=0,
            ),
            "forward_start": CallStarted(
                call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9:forward",
                direction=Direction.FORWARD,
                caller="+15557654321",
                callee="+442079460000",
                line="+15550001000",
                parent_call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
            ),
            "inbound_start": CallStarted(
                call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                direction=Direction.INBOUND,
                caller="+15557654321",
                callee="+15550001000",
                line="+15550001000",
            ),
            "leg_answered": CallAnswered(
                call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
            ),
            "leg_busy": CallEnded(
                call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9:forward",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9:forward",
                    direction=Direction.FORWARD,
                    caller="+15557654321",
                    callee="+442079460000",
                    line="+15550001000",
                    parent_call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                ),
            ),
            "leg_completed": CallEnded(
                call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                cause=Cause.NORMAL,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=61,
            ),
            "sip_start": CallStarted(
                call_id="CA1b2c3d4e5f60718293a4b5c6d7e8f90a",
                direction=Direction.OUTBOUND,
                caller="alice",
                callee="+15552223333",
                line="+15550001000",
            ),
        }
    )


@pytest.mark.parametrize("provider", RECORDED)
def test_every_sample_is_refused_by_another_secret(provider: str) -> None:
    adapter, connection = adapters()[provider], sample_connection(provider)
    assert connection is not None

    for hook in samples(provider).values():
        with pytest.raises(BadSignature):
            adapter.authenticate(hook, replace(connection, secrets=("another",)))
