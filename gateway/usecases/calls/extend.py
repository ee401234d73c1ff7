"""Extend the holds of live calls before they run out, or shorten their grant where the money ends (R15)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from gateway.context import Context
from gateway.domain.calls.call import Clocks, clocks
from gateway.domain.calls.grant import Extension, extend
from gateway.domain.money import ZERO
from gateway.due.batch_queue import BatchQueue
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.calls import live_calls
from gateway.postgres.calls.live_calls import DueExtension, DueHold
from gateway.postgres.types import PgConnection

TRY_AGAIN: Final = timedelta(seconds=60)
# Nothing is claimed: whoever has locked the accounts extends, and the next finds nothing left to extend.
EXTENSIONS: Final[BatchQueue[DueHold]] = BatchQueue(
    name="extender",
    interval_s=1,
    batch=200,
    postpone=live_calls.postpone_extension,
    postponed_for=TRY_AGAIN,
    failed=LogEvent.HOLD_FAILED,
    identify=lambda hold: {"call_id": hold.call_id},
)


async def extend_holds(context: Context) -> bool:
    """Extend one batch; True if there may be more."""
    now = context.clock.now()
    async with context.pool.acquire() as conn:
        due = await live_calls.due_extensions(conn, now=now, limit=EXTENSIONS.batch)
        await EXTENSIONS.run(conn, due, partial(_extend_together, context, conn, now=now), now=now)
    return len(due) == EXTENSIONS.batch


async def _extend_together(context: Context, conn: PgConnection, due: Sequence[DueHold], *, now: datetime) -> None:
    """Extend calls in one transaction: their accounts are locked first, then read."""
    async with conn.transaction():
        await live_calls.lock_accounts(conn, sorted({hold.account_id for hold in due}))
        calls = await live_calls.gather_extensions(
            conn, [hold.call_id for hold in due], now=now, owed_limits=context.settings.limits.owed_limits_calls
        )
        held_more: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
        extended: list[tuple[DueExtension, Extension, Clocks]] = []
        for call in calls:
            extension = _extend(context, call, call.available - held_more[call.account_id], now)
            held_more[call.account_id] += extension.hold - call.hold
            extended.append((call, extension, _clocks(context, call, extension, now)))
        if extended:
            await live_calls.apply_extensions(conn, extended)
    for call, extension, _ in extended:
        _report(context, call, extension)


def _report(context: Context, call: DueExtension, extension: Extension) -> None:
    is_exhausted = extension.granted_s < call.granted_s
    context.metrics.extensions.labels("exhausted" if is_exhausted else "extended").inc()
    if is_exhausted:
        logger().info(LogEvent.HOLD_EXHAUSTED, call_id=call.call_id, granted_s=extension.granted_s)


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
