"""What the recorded hooks of FreeSWITCH mean."""

from datetime import UTC, datetime

from inline_snapshot import snapshot

from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction, Ignored
from tests.providers.meanings import meanings


def test_what_the_freeswitch_samples_mean() -> None:
    assert meanings("freeswitch") == snapshot(
        {
            "answer": CallAnswered(call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f"),
            "end": CallEnded(
                call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
                cause=Cause.NORMAL,
                answered_at=datetime(2026, 11, 23, hour=3, minute=4, second=55, microsecond=813804, tzinfo=UTC),
                ended_at=datetime(2026, 11, 23, hour=3, minute=4, second=57, microsecond=333781, tzinfo=UTC),
                seconds=2,
                start=CallStarted(
                    call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
                    direction=Direction.OUTBOUND,
                    caller="1001",
                    callee="+442079460000",
                    line="+15550100001",
                ),
            ),
            "end_busy": CallEnded(
                call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 11, 23, hour=3, minute=5, second=8, microsecond=413290, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
                    direction=Direction.OUTBOUND,
                    caller="1001",
                    callee="+442079460000",
                    line="+15550100001",
                ),
            ),
            "end_forward": CallEnded(
                call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f:forward",
                cause=Cause.NORMAL,
                answered_at=datetime(2026, 11, 23, hour=3, minute=5, second=1, microsecond=810781, tzinfo=UTC),
                ended_at=datetime(2026, 11, 23, hour=3, minute=5, second=3, microsecond=330906, tzinfo=UTC),
                seconds=2,
                start=CallStarted(
                    call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f:forward",
                    direction=Direction.FORWARD,
                    caller="+447700900123",
                    callee="+442079460000",
                    line="+15550100001",
                    parent_call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
                ),
            ),
            "end_of_no_forward": Ignored(kind="record of a channel without such a call"),
            "forward_start": CallStarted(
                call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f:forward",
                direction=Direction.FORWARD,
                caller="+447700900123",
                callee="+442079460000",
                line="+15550100001",
                parent_call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
            ),
            "inbound_start": CallStarted(
                call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
                direction=Direction.INBOUND,
                caller="+447700900123",
                callee="+15550100001",
                line="+15550100001",
            ),
            "other_context": Ignored(kind="context users"),
            "start": CallStarted(
                call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
                direction=Direction.OUTBOUND,
                caller="1001",
                callee="+442079460000",
                line="+15550100001",
            ),
        }
    )
