"""Telephone numbers of old calls lose their last digits, where the operator says after how many days.

Money is not touched, nor what explains it: the rate is stored with the call. The stored reply goes, as it has the
numbers too, so a repeat of such a start is refused as that of a call that has ended (R16).
"""

from datetime import timedelta
from typing import Final

from gateway.context import Context
from gateway.postgres.calls import anonymise

INTERVAL_S: Final = 60
# So few that whoever must wait for a batch waits for milliseconds.
AT_ONCE: Final = 500


async def anonymise_old_calls(context: Context) -> bool:
    """Work one batch; whether there may be more. One process at a time: another finds nothing to do meanwhile."""
    days = context.settings.numbers_days
    if days is None:
        return False
    now = context.clock.now()
    async with context.pool.acquire() as conn:
        looked_at = await anonymise.anonymise(conn, before=now - timedelta(days=days), limit=AT_ONCE, now=now)
    return looked_at == AT_ONCE
