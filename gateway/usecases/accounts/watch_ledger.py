"""Go on proving that the books are right, some accounts at a time, so that it costs little (R2).

The processes share the work: each claims accounts that none has proved for a while, adds up what they booked since, and
keeps up to where that is proved. By night, an account's own, all of it is added up from its first entry.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.context import Context
from gateway.domain.lines.rent_dates import day_of, midnight
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.accounts import proofs, proven
from gateway.postgres.accounts.proven import Proof

AT_ONCE: Final = 100
INTERVAL: Final = timedelta(minutes=5)
# From midnight on; accounts have their turns one after another, so that the night's work is spread.
NIGHT: Final = timedelta(hours=4)


class LedgerWatch:
    """Claims, proves, keeps what it found; the metric shows how many accounts are wrong, by whomever it was found."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def once(self) -> bool:
        """Prove the accounts whose turn it is; what is wrong is an error in the log at each turn until it is right."""
        now = self._context.clock.now()
        async with self._context.pool.acquire() as conn:
            claimed = await proven.claim(conn, now=now, until=now + INTERVAL, limit=AT_ONCE)
        for whole in (False, True):
            await self._prove([each for each, is_whole in claimed.items() if is_whole is whole], whole=whole, now=now)
        async with self._context.pool.acquire() as conn:
            wrong = await proven.wrong_accounts(conn)
        if wrong is not None:
            self._context.metrics.ledger_differences.set(wrong.accounts)
        return len(claimed) == AT_ONCE

    async def _prove(self, account_ids: Sequence[int], *, whole: bool, now: datetime) -> None:
        if not account_ids:
            return
        async with self._context.pool.acquire() as conn:
            async with conn.transaction(readonly=True):
                await proofs.begin(conn)
                found = await proven.prove(conn, account_ids, whole=whole)
            due_at = {each.account_id: next_night(each, now) for each in found if whole}
            await proven.note(conn, found, whole_due_at=due_at, now=now)
        for each in found:
            if not each.is_right:
                logger().error(LogEvent.LEDGER_CHECKED, account_id=each.account_id, ok=False)


def next_night(proof: Proof, now: datetime) -> datetime:
    """When an account is next proved from its first entry: in the first hours of its next day."""
    zone = ZoneInfo(proof.time_zone)
    tomorrow = midnight(day_of(now, zone) + timedelta(days=1), zone)
    return tomorrow + timedelta(seconds=proof.account_id % NIGHT.total_seconds())
