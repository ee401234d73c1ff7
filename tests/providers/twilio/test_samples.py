"""What the recorded hooks of Twilio mean."""

from datetime import UTC, datetime

from inline_snapshot import snapshot

from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction
from tests.providers.meanings import meanings


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
