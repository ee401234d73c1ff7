"""Extend the holds of live calls before they run out, or shorten their grant where the money ends (R15)."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from gateway.context import Context
from gateway.domain.calls.call import Clocks, clocks
from gateway.domain.calls.grant import Extension, extend
from gateway.domain.money import ZERO
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.calls import live_calls
from gateway.postgres.calls.live_calls import DueExtension

BATCH: Final = 200
TRY_AGAIN: Final = timedelta(seconds=60)


async def extend_holds(context: Context) -> bool:
    """Extend one batch; True if there may be more. The accounts are locked first, then read."""
    now = context.clock.now()
    async with context.pool.acquire() as conn, conn.transaction():
        due = await live_calls.due_extensions(conn, now=now, limit=BATCH)
        if not due:
            return False
        await live_calls.lock_accounts(conn, sorted({account_id for _, account_id in due}))
        calls = await live_calls.gather_extensions(conn, [call_id for call_id, _ in due], now=now)
        taken: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
        extended: list[tuple[DueExtension, Extension, Clocks]] = []
        for call in calls:
            extension = _extend(context, call, call.available - taken[call.account_id], now)
            taken[call.account_id] += extension.hold - call.hold
            extended.append((call, extension, _clocks(context, call, extension, now)))
        if extended:
            await live_calls.apply_extensions(conn, extended)
    for call, extension, _ in extended:
        is_exhausted = extension.granted_s < call.granted_s
        context.metrics.extensions.labels("exhausted" if is_exhausted else "extended").inc()
        if is_exhausted:
            logger().info(LogEvent.HOLD_EXHAUSTED, call_id=call.call_id, granted_s=extension.granted_s)
    return len(due) == BATCH


def _extend(context: Context, call: DueExtension, available: Decimal, now: datetime) -> Extension:
    return extend(
        rate=call.rate,
        held_s=call.held_s,
        hold=call.hold,
        granted_s=call.granted_s,
        elapsed_s=max(0, (now - (call.answered_at or call.started_at)) // timedelta(seconds=1)),
        available=available,
        slice_s=context.settings.limits.hold_slice_s,
        cuttable=call.is_cuttable,
    )


def _clocks(context: Context, call: DueExtension, extension: Extension, now: datetime) -> Clocks:
    """The clocks of the call from now on; where we cannot cut and the money is short, it is tried again later."""
    after = clocks(
        started_at=call.started_at,
        answered_at=call.answered_at,
        granted_s=extension.granted_s,
        held_s=extension.held_s,
        cuttable=call.is_cuttable,
        limits=context.settings.limits,
        now=now,
    )
    return after if call.is_cuttable or after.extend_due_at is None else replace(after, extend_due_at=now + TRY_AGAIN)
