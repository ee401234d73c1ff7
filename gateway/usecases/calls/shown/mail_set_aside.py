"""One mail a day to the operator as long as call events lie aside on this machine's disk (R34)."""

from socket import gethostname
from typing import Final

from gateway.context import Context
from gateway.domain.mail.notices import NoticeKind
from gateway.postgres.mail import outbox
from gateway.spool.set_aside import count_set_aside

INTERVAL_S: Final = 30.0


async def mail_set_aside(context: Context) -> bool:
    """Write the mail of today, if there is anything to tell and nobody has; there is never more to do."""
    recipient, directory = context.settings.operator_email, context.spool.directory
    events = count_set_aside(directory)
    if recipient is None or not events:
        return False
    now, machine = context.clock.now(), gethostname()
    async with context.pool.acquire() as conn, conn.transaction():
        await outbox.queue_operator(
            conn,
            recipient=recipient,
            kind=NoticeKind.EVENTS_SET_ASIDE,
            key=f"{NoticeKind.EVENTS_SET_ASIDE}:{machine}:{directory}:{now:%Y-%m-%d}",
            facts={"machine": machine, "directory": str(directory), "events": events},
            now=now,
        )
    return False
