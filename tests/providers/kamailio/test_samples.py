"""What the recorded hooks of Kamailio mean."""

from datetime import UTC, datetime

from inline_snapshot import snapshot

from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction
from tests.providers.meanings import meanings


def test_what_the_kamailio_samples_mean() -> None:
    assert meanings("kamailio") == snapshot(
        {
            "answer": CallAnswered(
                call_id="1-16717@127.0.0.1#1795390318.839204",
                at=datetime(2026, 11, 22, hour=23, minute=31, second=58, microsecond=947010, tzinfo=UTC),
            ),
            "connector_start": CallStarted(
                call_id="1-16825@127.0.0.1#1795390320.594422",
                direction=Direction.OUTBOUND,
                caller="alice",
                callee="+442079460000",
                line="office",
                at=datetime(2026, 11, 22, hour=23, minute=32, microsecond=594422, tzinfo=UTC),
            ),
            "end": CallEnded(
                call_id="1-16717@127.0.0.1#1795390318.839204",
                cause=Cause.NORMAL,
                answered_at=datetime(2026, 11, 22, hour=23, minute=31, second=58, microsecond=947010, tzinfo=UTC),
                ended_at=datetime(2026, 11, 22, hour=23, minute=32, microsecond=154496, tzinfo=UTC),
                start=CallStarted(
                    call_id="1-16717@127.0.0.1#1795390318.839204",
                    direction=Direction.OUTBOUND,
                    caller="+15550100001",
                    callee="+442079460000",
                    line="+15550100001",
                    at=datetime(2026, 11, 22, hour=23, minute=31, second=58, microsecond=839204, tzinfo=UTC),
                ),
            ),
            "end_at_the_limit": CallEnded(
                call_id="1-16825@127.0.0.1#1795390320.594422",
                cause=Cause.LIMIT,
                answered_at=datetime(2026, 11, 22, hour=23, minute=32, microsecond=706087, tzinfo=UTC),
                ended_at=datetime(2026, 11, 22, hour=23, minute=32, second=2, microsecond=757125, tzinfo=UTC),
                seconds=2,
                start=CallStarted(
                    call_id="1-16825@127.0.0.1#1795390320.594422",
                    direction=Direction.OUTBOUND,
                    caller="alice",
                    callee="+442079460000",
                    line="office",
                    at=datetime(2026, 11, 22, hour=23, minute=32, microsecond=594422, tzinfo=UTC),
                ),
            ),
            "end_busy": CallEnded(
                call_id="1-17177@127.0.0.1#1795390323.194838",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 11, 22, hour=23, minute=32, second=3, microsecond=198990, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="1-17177@127.0.0.1#1795390323.194838",
                    direction=Direction.OUTBOUND,
                    caller="+15550100001",
                    callee="+442079460000",
                    line="+15550100001",
                    at=datetime(2026, 11, 22, hour=23, minute=32, second=3, microsecond=194838, tzinfo=UTC),
                ),
            ),
            "end_cancelled": CallEnded(
                call_id="1-17223@127.0.0.1#1795390323.634461",
                cause=Cause.CANCELLED,
                ended_at=datetime(2026, 11, 22, hour=23, minute=32, second=4, microsecond=143948, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="1-17223@127.0.0.1#1795390323.634461",
                    direction=Direction.OUTBOUND,
                    caller="+15550100001",
                    callee="+442079460000",
                    line="+15550100001",
                    at=datetime(2026, 11, 22, hour=23, minute=32, second=3, microsecond=634461, tzinfo=UTC),
                ),
            ),
            "end_no_answer": CallEnded(
                call_id="1-17475@127.0.0.1#1795390325.082321",
                cause=Cause.NO_ANSWER,
                ended_at=datetime(2026, 11, 22, hour=23, minute=32, second=10, microsecond=53903, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="1-17475@127.0.0.1#1795390325.082321",
                    direction=Direction.FORWARD,
                    caller="+447400123456",
                    callee="+442079460000",
                    line="+15550100001",
                    parent_call_id="incoming#1795390324.582679",
                    at=datetime(2026, 11, 22, hour=23, minute=32, second=5, microsecond=82321, tzinfo=UTC),
                ),
            ),
            "forward_start": CallStarted(
                call_id="1-17475@127.0.0.1#1795390325.082321",
                direction=Direction.FORWARD,
                caller="+447400123456",
                callee="+442079460000",
                line="+15550100001",
                parent_call_id="incoming#1795390324.582679",
                at=datetime(2026, 11, 22, hour=23, minute=32, second=5, microsecond=82321, tzinfo=UTC),
            ),
            "inbound_start": CallStarted(
                call_id="incoming#1795390324.582679",
                direction=Direction.INBOUND,
                caller="+447400123456",
                callee="+15550100001",
                line="+15550100001",
                at=datetime(2026, 11, 22, hour=23, minute=32, second=4, microsecond=582679, tzinfo=UTC),
            ),
            "start": CallStarted(
                call_id="1-16717@127.0.0.1#1795390318.839204",
                direction=Direction.OUTBOUND,
                caller="+15550100001",
                callee="+442079460000",
                line="+15550100001",
                at=datetime(2026, 11, 22, hour=23, minute=31, second=58, microsecond=839204, tzinfo=UTC),
            ),
        }
    )
