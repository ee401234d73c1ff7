"""What the recorded hooks of jambonz mean."""

from datetime import UTC, datetime

from inline_snapshot import snapshot

from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction, Ignored
from tests.providers.meanings import meanings


def test_what_the_jambonz_samples_mean() -> None:
    assert meanings("jambonz") == snapshot(
        {
            "dial_ended_busy": CallEnded(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                    direction=Direction.OUTBOUND,
                    caller="alice",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "dial_ended_ringing": CallEnded(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                cause=Cause.NO_ANSWER,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                    direction=Direction.OUTBOUND,
                    caller="alice",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "first_leg_completed": CallHinted(call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11"),
            "first_leg_declined": CallEnded(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=0,
            ),
            "first_leg_trying": Ignored(kind="call_status trying"),
            "forward_start": CallStarted(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11:forward",
                direction=Direction.FORWARD,
                caller="+15557654321",
                callee="+442079460000",
                line="+15550001000",
                parent_call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
            ),
            "inbound_start": CallStarted(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                direction=Direction.INBOUND,
                caller="+15557654321",
                callee="+15550001000",
                line="+15550001000",
            ),
            "leg_answered": CallAnswered(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
            ),
            "leg_busy": CallEnded(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                    direction=Direction.OUTBOUND,
                    caller="alice",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "leg_completed": CallEnded(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                cause=Cause.NORMAL,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=61,
                start=CallStarted(
                    call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                    direction=Direction.OUTBOUND,
                    caller="alice",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "user_start": CallStarted(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                direction=Direction.OUTBOUND,
                caller="alice",
                callee="+15552223333",
                line="+15550001000",
            ),
        }
    )
