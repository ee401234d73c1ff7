"""What the recorded hooks of Plivo mean."""

from decimal import Decimal

from inline_snapshot import snapshot

from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction
from tests.providers.meanings import meanings


def test_what_the_plivo_samples_mean() -> None:
    assert meanings("plivo") == snapshot(
        {
            "dial_busy": CallEnded(
                call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f",
                cause=Cause.BUSY,
                seconds=0,
                start=CallStarted(
                    call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f",
                    direction=Direction.OUTBOUND,
                    caller="alice2041",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "dial_completed": CallHinted(call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f:forward"),
            "forward_start": CallStarted(
                call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f:forward",
                direction=Direction.FORWARD,
                caller="+15557654321",
                callee="+442079460000",
                line="+15550001000",
                parent_call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f",
            ),
            "hangup": CallHinted(call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f"),
            "hangup_cancel": CallEnded(
                call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f", cause=Cause.CANCELLED, seconds=0
            ),
            "inbound_start": CallStarted(
                call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f",
                direction=Direction.INBOUND,
                caller="+15557654321",
                callee="+15550001000",
                line="+15550001000",
            ),
            "leg_answered": CallAnswered(call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f"),
            "leg_ended": CallEnded(
                call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f",
                cause=Cause.NORMAL,
                seconds=61,
                cost=Decimal("0.01100"),
                start=CallStarted(
                    call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f",
                    direction=Direction.OUTBOUND,
                    caller="alice2041",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "leg_no_answer": CallEnded(
                call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f:forward",
                cause=Cause.NO_ANSWER,
                seconds=0,
                start=CallStarted(
                    call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f:forward",
                    direction=Direction.FORWARD,
                    caller="+15557654321",
                    callee="+442079460000",
                    line="+15550001000",
                    parent_call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f",
                ),
            ),
            "sip_start": CallStarted(
                call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f",
                direction=Direction.OUTBOUND,
                caller="alice2041",
                callee="+15552223333",
                line="+15550001000",
            ),
        }
    )
