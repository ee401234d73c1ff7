"""One mail a day to the operator with the calls that got flags yesterday (UTC), and how many have each.

A call of long ago that is flagged now is in it: an end may come weeks after its call.

The key of the mail is the day, so whichever process comes first writes it, and none writes a second one. A day without
flags has no mail.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Final

from gateway.context import Context
from gateway.domain.mail.notices import NoticeKind
from gateway.postgres.calls import found_calls
from gateway.postgres.mail import outbox

INTERVAL_S: Final = 600.0


async def mail_flagged_calls(context: Context) -> bool:
    """Write the mail about yesterday, if there is anything to tell and nobody has; there is never more to do."""
    recipient = context.settings.operator_email
    if recipient is None:
        return False
    now = context.clock.now()
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    yesterday = today - timedelta(days=1)
    async with context.pool.acquire() as conn, conn.transaction():
        flags = await found_calls.count_flags(conn, since=yesterday, until=today)
        if flags:
            await outbox.queue_operator(
                conn,
                recipient=recipient,
                kind=NoticeKind.CALLS_FLAGGED,
                key=f"{NoticeKind.CALLS_FLAGGED}:{yesterday:%Y-%m-%d}",
                facts={
                    "day": f"{yesterday:%Y-%m-%d}",
                    "flags": ", ".join(f"{flag}: {calls}" for flag, calls in sorted(flags.items())),
                },
                now=now,
            )
    return False
