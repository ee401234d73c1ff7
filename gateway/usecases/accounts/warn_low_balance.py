"""Tell administrators that their money runs low (R30).

Whatever moves a balance only marks it, and only where it matters: a debit that brings it below the level of its last
check, and every credit. What is marked is compared with its minimum within a second, and everything once a day.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from gateway.context import Context
from gateway.domain.accounts.low_balance import DAY, LowBalanceCheck, LowBalanceRule, LowBalanceState, check
from gateway.domain.mail.notices import Notice, NoticeKind
from gateway.due.batch_queue import BatchQueue
from gateway.log_events import LogEvent
from gateway.postgres.accounts import low_balances
from gateway.postgres.accounts.low_balances import LockedBalance, Spent
from gateway.postgres.calls import live_calls
from gateway.postgres.mail import outbox
from gateway.postgres.types import PgConnection

# Longer than a check takes; what was claimed by a process that died waits for as long.
CLAIM: Final = timedelta(seconds=30)
LOW_BALANCES: Final[BatchQueue[int]] = BatchQueue(
    name="low balances",
    interval_s=1,
    batch=20,
    postpone=low_balances.postpone,
    postponed_for=timedelta(minutes=5),
    failed=LogEvent.LOW_BALANCE_FAILED,
    identify=lambda account_id: {"account_id": account_id},
)


async def warn_low_balances(context: Context) -> bool:
    """Check one batch of the accounts that are marked or have their day; True if there may be more."""
    now = context.clock.now()
    async with context.pool.acquire() as conn:
        due = await low_balances.claim(conn, now=now, until=now + CLAIM, limit=LOW_BALANCES.batch)
        await LOW_BALANCES.run(conn, due, partial(warn, conn, rule=context.settings.low_balance, now=now), now=now)
    return len(due) == LOW_BALANCES.batch


async def warn(conn: PgConnection, account_ids: Sequence[int], *, rule: LowBalanceRule, now: datetime) -> int:
    """Compare the balances of accounts with their minimums, tell whose has fallen below; how many were told.

    Opens a transaction in which it locks them in the order of their ids, or joins the caller's. Added up is before
    that: it may take longer than the calls of a busy account can wait; what was spent since then is little.
    """
    after = now - rule.window
    spents = await low_balances.read_spent(conn, account_ids, after=after, count_rent=rule.count_rent)
    back_at = await _back_at(conn, spents, rule=rule, now=now)
    async with conn.transaction():
        await live_calls.lock_accounts(conn, sorted(account_ids))
        locked = await low_balances.gather(conn, spents, count_rent=rule.count_rent)
        notices: list[Notice] = []
        checked: dict[int, LowBalanceCheck] = {}
        for was, account in zip(spents, locked, strict=True):
            # Where there was a credit in between, the minimum is back earlier than was thought.
            is_known = account.balance <= was.balance
            outcome = check(
                rule,
                LowBalanceState(armed=account.armed, mailed_at=account.mailed_at),
                balance=account.balance,
                spent=was.spent + account.spent_since,
                back_at=back_at.get(was.account_id) if is_known else None,
                now=now,
            )
            checked[was.account_id] = outcome
            if outcome.is_mailed:
                notices.append(_notice(account, outcome, rule, now=now))
        written = await outbox.queue(conn, notices, now=now)
        await low_balances.apply(conn, checked)
    return written


async def _back_at(
    conn: PgConnection, spents: Sequence[Spent], *, rule: LowBalanceRule, now: datetime
) -> Mapping[int, datetime]:
    """When the minimum is back at each balance that is below it, if nothing more is spent.

    Where no debit has to leave for that, it takes a credit, which will have it checked.
    """
    covered = {
        spent.account_id: rule.covered(spent.balance) for spent in spents if spent.balance < rule.minimum(spent.spent)
    }
    if not covered:
        return {}
    leaving = await low_balances.find_leaving(conn, covered, after=now - rule.window, count_rent=rule.count_rent)
    return {
        account_id: leaving[account_id] + rule.window if account_id in leaving else now + DAY for account_id in covered
    }


def _notice(account: LockedBalance, checked: LowBalanceCheck, rule: LowBalanceRule, *, now: datetime) -> Notice:
    return Notice(
        account_id=account.account_id,
        kind=NoticeKind.LOW_BALANCE,
        key=f"low_balance:{account.account_id}:{now.isoformat()}",
        facts={
            "balance": account.balance,
            "minimum": checked.minimum,
            "spent": checked.spent,
            "window_days": rule.window_days,
            "days_ahead": rule.days_ahead,
        },
    )
