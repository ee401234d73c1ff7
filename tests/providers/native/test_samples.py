"""What the recorded hooks of the native contract mean."""

from datetime import UTC, datetime
from decimal import Decimal

from inline_snapshot import snapshot

from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction
from tests.providers.meanings import meanings


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
