"""What the recorded hooks of Vonage mean."""

from datetime import UTC, datetime
from decimal import Decimal

from inline_snapshot import snapshot

from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction
from tests.providers.meanings import meanings


def test_what_the_vonage_samples_mean() -> None:
    assert meanings("vonage") == snapshot(
        {
            "app_start": CallStarted(
                call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356",
                direction=Direction.OUTBOUND,
                caller="alice",
                callee="+15552223333",
                line="+15550001000",
                control_url="https://api-us-3.vonage.com/v1/calls/aaaaaaaabbbbccccdddd0123456789ab",
            ),
            "error": CallHinted(call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356"),
            "fallback_start": CallStarted(
                call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356",
                direction=Direction.INBOUND,
                caller="+15557654321",
                callee="+15550001000",
                line="+15550001000",
                control_url="https://api-us-3.vonage.com/v1/calls/aaaaaaaabbbbccccdddd0123456789ab",
            ),
            "first_leg_completed": CallHinted(call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356"),
            "forward_start": CallStarted(
                call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356:forward",
                direction=Direction.FORWARD,
                caller="+15557654321",
                callee="+442079460000",
                line="+15550001000",
                parent_call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356",
                control_url="https://api-us-3.vonage.com/v1/calls/aaaaaaaabbbbccccdddd0123456789ab",
            ),
            "inbound_start": CallStarted(
                call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356",
                direction=Direction.INBOUND,
                caller="+15557654321",
                callee="+15550001000",
                line="+15550001000",
                control_url="https://api-us-3.vonage.com/v1/calls/aaaaaaaabbbbccccdddd0123456789ab",
            ),
            "leg_answered": CallAnswered(
                call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356",
                at=datetime(2026, 3, 31, hour=12, minute=34, second=56, tzinfo=UTC),
            ),
            "leg_completed": CallEnded(
                call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356",
                cause=Cause.NORMAL,
                answered_at=datetime(2026, 3, 31, hour=12, minute=34, second=56, tzinfo=UTC),
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=61,
                cost=Decimal("0.00732000"),
                cost_currency="EUR",
            ),
            "leg_completed_forward": CallEnded(
                call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356:forward",
                cause=Cause.NORMAL,
                answered_at=datetime(2026, 3, 31, hour=12, minute=34, second=56, tzinfo=UTC),
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=61,
                cost=Decimal("0.00732000"),
                cost_currency="EUR",
                start=CallStarted(
                    call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356:forward",
                    direction=Direction.FORWARD,
                    caller="+15557654321",
                    callee="+442079460000",
                    line="+15550001000",
                    parent_call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356",
                ),
            ),
            "leg_unanswered": CallEnded(
                call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356",
                cause=Cause.NO_ANSWER,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=0,
            ),
        }
    )
