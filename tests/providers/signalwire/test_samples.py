"""What the recorded hooks of SignalWire mean."""

from datetime import UTC, datetime

from inline_snapshot import snapshot

from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction
from tests.providers.meanings import meanings


def test_what_the_signalwire_samples_mean() -> None:
    assert meanings("signalwire") == snapshot(
        {
            "dial_ended": CallEnded(
                call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                cause=Cause.NORMAL,
                seconds=61,
                start=CallStarted(
                    call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                    direction=Direction.OUTBOUND,
                    caller="alice",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "forward_start": CallStarted(
                call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978:forward",
                direction=Direction.FORWARD,
                caller="+15557654321",
                callee="+442079460000",
                line="+15550001000",
                parent_call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
            ),
            "inbound_start": CallStarted(
                call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                direction=Direction.INBOUND,
                caller="+15557654321",
                callee="+15550001000",
                line="+15550001000",
            ),
            "leg_answered": CallAnswered(
                call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
            ),
            "leg_busy_json": CallEnded(
                call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978:forward",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978:forward",
                    direction=Direction.FORWARD,
                    caller="+15557654321",
                    callee="+442079460000",
                    line="+15550001000",
                    parent_call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                ),
            ),
            "leg_completed": CallEnded(
                call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                cause=Cause.NORMAL,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=61,
                start=CallStarted(
                    call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                    direction=Direction.OUTBOUND,
                    caller="alice",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "number_completed": CallHinted(call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978"),
            "sip_start": CallStarted(
                call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                direction=Direction.OUTBOUND,
                caller="alice",
                callee="+15552223333",
                line="+15550001000",
            ),
        }
    )
