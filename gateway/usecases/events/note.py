"""Note what happens for programs that follow it, of what is on record: the calls' own transactions know nothing of it.

Rows of a table are looked at when no transaction can add one among them any more, each once, in one transaction with
the events that they become. One process at a time does it, so the ids of events are in the order of their commits.
"""

from datetime import timedelta
from typing import Final

from gateway.context import Context
from gateway.postgres import events

INTERVAL_S: Final = 2
AT_ONCE: Final = 1000
KEPT: Final = timedelta(days=30)
# A single webhook that is refused between others is no failure.
FAILING_FOR: Final = timedelta(minutes=1)


async def note_events(context: Context) -> bool:
    """Follow each table a part further; whether there is more."""
    now = context.clock.now()
    async with context.pool.acquire() as conn, conn.transaction():
        if not await events.begin(conn):
            return False
        # What has ended was followed before: its end comes before what began later.
        await events.follow_ends(conn, now=now, limit=AT_ONCE)
        await events.follow_lines(conn, now=now, limit=AT_ONCE)
        await events.follow_connections(conn, now=now, taken_since=now - FAILING_FOR)
        sources = await events.sources(conn, at_once=AT_ONCE)
        for source in sources:
            await events.follow(conn, source, now=now)
        await events.advance(conn, sources)
        forgotten = await events.forget(conn, before=now - KEPT, limit=AT_ONCE)
    return any(each.next_id < each.until_id for each in sources) or forgotten == AT_ONCE
