"""What the recorded hooks of Asterisk mean."""

from datetime import UTC, datetime

from inline_snapshot import snapshot

from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction
from tests.providers.meanings import meanings


def test_what_the_asterisk_samples_mean() -> None:
    assert meanings("asterisk") == snapshot(
        {
            "answer": CallAnswered(call_id="1774960480.12:forward"),
            "end": CallEnded(
                call_id="1774960480.12",
                cause=Cause.NORMAL,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=50, tzinfo=UTC),
                seconds=61,
                start=CallStarted(
                    call_id="1774960480.12",
                    direction=Direction.OUTBOUND,
                    caller="1001",
                    callee="+442079460000",
                    line="+15550100001",
                ),
            ),
            "end_busy": CallEnded(
                call_id="1774960480.12",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=50, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="1774960480.12",
                    direction=Direction.OUTBOUND,
                    caller="1001",
                    callee="+442079460000",
                    line="+15550100001",
                ),
            ),
            "end_limit": CallEnded(
                call_id="1774960480.12",
                cause=Cause.LIMIT,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=50, tzinfo=UTC),
                seconds=61,
                start=CallStarted(
                    call_id="1774960480.12",
                    direction=Direction.OUTBOUND,
                    caller="1001",
                    callee="+442079460000",
                    line="+15550100001",
                ),
            ),
            "end_refused": CallEnded(
                call_id="1774960480.12",
                cause=Cause.REJECTED,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=50, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="1774960480.12",
                    direction=Direction.OUTBOUND,
                    caller="1001",
                    callee="+442079460000",
                    line="+15550100001",
                ),
            ),
            "forward_start": CallStarted(
                call_id="1774960480.12:forward",
                direction=Direction.FORWARD,
                caller="+447700900123",
                callee="+442079460000",
                line="+15550100001",
                parent_call_id="1774960480.12",
            ),
            "inbound_start": CallStarted(
                call_id="1774960480.12",
                direction=Direction.INBOUND,
                caller="+447700900123",
                callee="+15550100001",
                line="+15550100001",
            ),
            "start": CallStarted(
                call_id="1774960480.12",
                direction=Direction.OUTBOUND,
                caller="1001",
                callee="+442079460000",
                line="+15550100001",
            ),
        }
    )
