"""What Vonage says of a leg, by its webhooks and in its list of calls alike."""

from datetime import UTC, datetime

import msgspec

from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallEnded, Cause
from gateway.providers.wire.fields import NO_AMOUNT, Amount, ShortText, check_instant, check_seconds, read_cost

CURRENCY = "EUR"
CAUSES = {
    "completed": Cause.NORMAL,
    "busy": Cause.BUSY,
    "cancelled": Cause.CANCELLED,
    "unanswered": Cause.NO_ANSWER,
    "timeout": Cause.NO_ANSWER,
    "rejected": Cause.REJECTED,
    "failed": Cause.FAILED,
}
# "Treat as opaque": 32 hexadecimal digits in one place, with hyphens in another.
LEG_ID = r"[A-Za-z0-9-]{1,64}"
CONVERSATION_ID = r"CON-[A-Za-z0-9-]{1,64}"


class LegFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What a webhook and the list of calls say alike of a leg that is over."""

    status: ShortText
    direction: ShortText
    conversation_uuid: ShortText
    start_time: ShortText | None = None
    end_time: ShortText | None = None
    duration: ShortText | int | None = None
    price: Amount = NO_AMOUNT


def ended(leg: LegFigures, call_id: str) -> CallEnded:
    """The end of the connected leg, whose seconds are the call's. Vonage's prices are in EUR."""
    cause = CAUSES.get(leg.status)
    if cause is None:
        raise MalformedHook(f"`status` {leg.status!r} is unknown", "status")
    if cause is not Cause.NORMAL:
        return CallEnded(call_id=call_id, cause=cause, ended_at=instant(leg.end_time, "end_time"), seconds=0)
    if leg.duration is None:
        raise MalformedHook("`duration` is missing", "duration")
    cost = read_cost(leg.price, "price")
    return CallEnded(
        call_id=call_id,
        cause=cause,
        answered_at=instant(leg.start_time, "start_time"),
        ended_at=instant(leg.end_time, "end_time"),
        seconds=check_seconds(str(leg.duration), "duration"),
        cost=cost,
        cost_currency=CURRENCY if cost is not None else None,
    )


def instant(text: str | None, field: str) -> datetime | None:
    """An instant in ISO 8601; the older spelling `2026-03-31 12:35:57` is without a zone, and in UTC."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedHook(f"`{field}` is not a date of ISO 8601", field) from error
    return check_instant(at if at.tzinfo else at.replace(tzinfo=UTC), field)
