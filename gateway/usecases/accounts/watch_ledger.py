"""Go on proving that the books are right, some accounts at a time, so that it costs little (R2)."""

from typing import Final

from gateway.context import Context
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.accounts import proofs

AT_ONCE: Final = 20


class LedgerWatch:
    """Goes round all accounts; the metric shows what the last whole round found, or what this one has found by now."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._after_id = 0
        self._wrong = 0
        self._last_wrong: int | None = None

    async def once(self) -> bool:
        """Check the next accounts; what is wrong is an error in the log and counts until a round without it."""
        async with self._context.pool.acquire() as conn, conn.transaction(readonly=True):
            await proofs.begin(conn)
            checked = await proofs.check_some(conn, after_id=self._after_id, limit=AT_ONCE)
        for account_id, is_right in checked:
            self._after_id = account_id
            if not is_right:
                self._wrong += 1
                logger().error(LogEvent.LEDGER_CHECKED, account_id=account_id, ok=False)
        if len(checked) < AT_ONCE:
            self._last_wrong, self._wrong, self._after_id = self._wrong, 0, 0
        if self._last_wrong is not None or self._wrong:
            self._context.metrics.ledger_differences.set(max(self._last_wrong or 0, self._wrong))
        return False
