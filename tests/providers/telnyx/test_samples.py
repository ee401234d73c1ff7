"""What the recorded hooks of Telnyx mean."""

from datetime import UTC, datetime

from inline_snapshot import snapshot

from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction, Ignored
from gateway.providers.telnyx.state import LegStarted
from tests.providers.meanings import meanings


def test_what_the_telnyx_samples_mean() -> None:
    assert meanings("telnyx") == snapshot(
        {
            "dial_ended": CallEnded(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ:forward",
                cause=Cause.NORMAL,
                seconds=61,
                start=CallStarted(
                    call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ:forward",
                    direction=Direction.FORWARD,
                    caller="+15557654321",
                    callee="+442079460000",
                    line="+15550001000",
                    parent_call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                ),
            ),
            "first_leg_completed": CallHinted(call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ"),
            "forward_start": CallStarted(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ:forward",
                direction=Direction.FORWARD,
                caller="+15557654321",
                callee="+442079460000",
                line="+15550001000",
                parent_call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
            ),
            "inbound_start": CallStarted(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                direction=Direction.INBOUND,
                caller="+15557654321",
                callee="+15550001000",
                line="+15550001000",
            ),
            "leg_answered": CallAnswered(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=57, microsecond=410000, tzinfo=UTC),
            ),
            "leg_busy": CallEnded(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ:forward",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, microsecond=410000, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ:forward",
                    direction=Direction.FORWARD,
                    caller="+15557654321",
                    callee="+442079460000",
                    line="+15550001000",
                    parent_call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                ),
            ),
            "leg_completed": CallEnded(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                cause=Cause.NORMAL,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, microsecond=410000, tzinfo=UTC),
                seconds=61,
                start=CallStarted(
                    call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                    direction=Direction.OUTBOUND,
                    caller="+15550001000",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "sip_start": CallStarted(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                direction=Direction.OUTBOUND,
                caller="+15550001000",
                callee="+15552223333",
                line="+15550001000",
            ),
        }
    )


def test_what_the_telnyx_call_control_samples_mean() -> None:
    assert meanings("telnyx-call-control") == snapshot(
        {
            "cost": Ignored(kind="call.cost"),
            "first_leg_hung_up": CallHinted(call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ"),
            "forward_start": Ignored(kind="call.initiated of a leg we dialled"),
            "inbound_start": LegStarted(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                direction=Direction.INBOUND,
                caller="+15557654321",
                callee="+15550001000",
                line="+15550001000",
                at=datetime(2026, 3, 31, hour=12, minute=34, second=40, microsecond=118273, tzinfo=UTC),
                session="428c31b6-abf3-3bc1-b7f4-5013ef9657c1",
            ),
            "leg_answered": CallAnswered(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=57, microsecond=310000, tzinfo=UTC),
                start=LegStarted(
                    call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                    direction=Direction.OUTBOUND,
                    caller="+15550001000",
                    callee="+15552223333",
                    line="+15550001000",
                    control_url="v3:9X2vxPDFY2RHSJ1EdMS0RHRksMTg7ldNxdjWbVr9zBjbGjGsSe-aiQ",
                    session="428c31b6-abf3-3bc1-b7f4-5013ef9657c1",
                ),
            ),
            "leg_busy": CallEnded(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, microsecond=310000, tzinfo=UTC),
                seconds=0,
                start=LegStarted(
                    call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                    direction=Direction.OUTBOUND,
                    caller="+15550001000",
                    callee="+15552223333",
                    line="+15550001000",
                    control_url="v3:9X2vxPDFY2RHSJ1EdMS0RHRksMTg7ldNxdjWbVr9zBjbGjGsSe-aiQ",
                    session="428c31b6-abf3-3bc1-b7f4-5013ef9657c1",
                ),
            ),
            "leg_hung_up": CallEnded(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                cause=Cause.NORMAL,
                answered_at=datetime(2026, 3, 31, hour=12, minute=34, second=56, microsecond=204000, tzinfo=UTC),
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, microsecond=310000, tzinfo=UTC),
                start=LegStarted(
                    call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                    direction=Direction.OUTBOUND,
                    caller="+15550001000",
                    callee="+15552223333",
                    line="+15550001000",
                    control_url="v3:9X2vxPDFY2RHSJ1EdMS0RHRksMTg7ldNxdjWbVr9zBjbGjGsSe-aiQ",
                    session="428c31b6-abf3-3bc1-b7f4-5013ef9657c1",
                ),
            ),
            "sip_start": LegStarted(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                direction=Direction.OUTBOUND,
                caller="+15550001000",
                callee="+15552223333",
                line="+15550001000",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=57, microsecond=310000, tzinfo=UTC),
                session="428c31b6-abf3-3bc1-b7f4-5013ef9657c1",
            ),
        }
    )
