"""The calendar of rents: what is due is charged, suspended, reminded of or disconnected (R23 to R29, R31).

The worker finds due lines by index and works some accounts in a transaction; whoever credits an account or changes one
of its lines first brings it up to now by the same function, so that downtime changes nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from gateway.context import Context
from gateway.domain.lines.charge import ChargeKind
from gateway.domain.lines.rent_calendar import RentCalendar
from gateway.domain.mail.notices import NoticeKind
from gateway.due.batch_queue import BatchQueue
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.accounts import accounts
from gateway.postgres.accounts.accounts import LockedAccount
from gateway.postgres.lines import subscriptions
from gateway.postgres.mail import outbox
from gateway.postgres.types import PgConnection
from gateway.usecases.lines.arrears import Lines, due_notices, read_overdue

# Nothing is claimed: the accounts stay locked until their batch is done, as no rent may be charged beside another.
RENTS: Final[BatchQueue[int]] = BatchQueue(
    name="calendar",
    interval_s=1,
    # Calls that start meanwhile wait for no longer than one such batch takes.
    batch=16,
    postpone=subscriptions.postpone,
    postponed_for=timedelta(minutes=5),
    failed=LogEvent.RENT_FAILED,
    identify=lambda account_id: {"account_id": account_id},
)
LINES_OF_ACCOUNT: Final = 16
# How many locked accounts a command waits for.
LOCKED_MAX: Final = 1000


@dataclass(slots=True, kw_only=True)
class RentTally:
    """How many months were charged, and lines suspended, paid late, disconnected; `is_done`: nothing was due."""

    charged: int = 0
    restored: int = 0
    suspended: int = 0
    disconnected: int = 0
    is_done: bool = True
    # Accounts that could not be worked.
    failed: list[int] = field(default_factory=list)

    def results(self) -> dict[str, int]:
        """The figures by their names."""
        return {name: getattr(self, name) for name in ("charged", "restored", "suspended", "disconnected")}

    def add(self, other: "RentTally") -> None:
        self.charged += other.charged
        self.restored += other.restored
        self.suspended += other.suspended
        self.disconnected += other.disconnected
        self.is_done = other.is_done
        self.failed += other.failed


async def run_due(context: Context) -> bool:
    """Work one batch of what is due by now; True if there may be more."""
    async with context.pool.acquire() as conn:
        tally = await run_batch(conn, now=context.clock.now())
    results = tally.results()
    for result, count in results.items():
        context.metrics.rents.labels(result).inc(count)
    if any(results.values()):
        logger().info(LogEvent.RENTS_KEPT, **results)
    return not tally.is_done


async def run_batch(conn: PgConnection, *, now: datetime) -> RentTally:
    """Work the accounts that wait longest."""
    account_ids = await subscriptions.due_accounts(conn, now=now, limit=RENTS.batch)
    worked = await RENTS.run(conn, account_ids, partial(_run_free, conn, now=now), now=now)
    tally = RentTally(failed=worked.failed)
    for each in worked.results:
        tally.add(each)
    return replace(tally, is_done=all(each.is_done for each in worked.results) and not worked.failed)


async def run_all_due(conn: PgConnection, *, now: datetime) -> RentTally:
    """Work everything that is due, waiting for accounts that somebody else has locked."""
    tally = RentTally(is_done=False)
    while not tally.is_done:
        tally.add(await run_batch(conn, now=now))
    for account_id in await subscriptions.due_accounts(conn, now=now, limit=LOCKED_MAX):
        tally.add(await bring_up_to_date(conn, account_id=account_id, now=now))
    return tally


async def _run_free(conn: PgConnection, account_ids: Sequence[int], *, now: datetime) -> RentTally:
    async with conn.transaction():
        locked = await subscriptions.lock_free(conn, account_ids)
        return await _run_locked(conn, locked, now=now) if locked else RentTally()


async def bring_up_to_date(conn: PgConnection, *, account_id: int, now: datetime) -> RentTally:
    """Do all that is due of an account in transactions of its own, so that its calls need not wait for the whole."""
    tally = RentTally(is_done=False)
    while not tally.is_done:
        async with conn.transaction():
            account = await accounts.lock(conn, account_id=account_id)
            tally.add(RentTally() if account is None else await _run_locked(conn, [account], now=now))
    return tally


async def bring_locked_up_to_date(conn: PgConnection, account: LockedAccount, *, now: datetime) -> LockedAccount:
    """Do all that is due of a locked account, before anything else happens to it; the account as it is then."""
    while not (await _run_locked(conn, [account], now=now)).is_done:
        pass
    return await _lock_again(conn, account.id)


async def _lock_again(conn: PgConnection, account_id: int) -> LockedAccount:
    """A locked account as it is now."""
    again = await accounts.lock(conn, account_id=account_id)
    assert again is not None, "an account is never deleted"  # noqa: S101
    return again


async def settle_overdue(conn: PgConnection, account_id: int, *, now: datetime) -> None:
    """Pay the overdue rents of a locked account that was credited (R25)."""
    line_ids = await subscriptions.overdue(conn, account_id=account_id)
    if not line_ids:
        return
    account = await _lock_again(conn, account_id)
    [calendar] = await calendars(conn, [account], line_ids, now=now)
    calendar.settle_overdue()
    await write(conn, [calendar], now=now)


async def calendars(
    conn: PgConnection,
    locked: Sequence[LockedAccount],
    line_ids: Sequence[int],
    *,
    now: datetime,
    overdue: Lines = MappingProxyType({}),
) -> list[RentCalendar]:
    """A calendar for each of some locked accounts, with some of their lines."""
    lines = defaultdict(list)
    for account_id, line in await subscriptions.read(conn, line_ids, now=now):
        lines[account_id].append(line)
    return [
        RentCalendar(
            account_id=account.id,
            zone=ZoneInfo(account.time_zone),
            funds=account.funds,
            lines=lines[account.id],
            now=now,
            overdue=overdue.get(account.id, ()),
        )
        for account in locked
    ]


async def write(conn: PgConnection, worked: Sequence[RentCalendar], *, now: datetime) -> RentTally:
    """Write what calendars made of their lines, and queue the mails about it."""
    changed = [line for each in worked for line in each.changed.values()]
    charges = [charge for each in worked for charge in each.charges]
    if changed:
        await subscriptions.apply(conn, changed, charges, now=now)
    notices = [notice for each in worked for notice in each.notices]
    notices += await due_notices(conn, worked, now=now)
    await outbox.queue(conn, notices, now=now)
    counts = Counter(notice.kind for notice in notices)
    return RentTally(
        charged=sum(charge.kind is not ChargeKind.SETUP for charge in charges),
        restored=counts[NoticeKind.LINE_RESTORED],
        suspended=counts[NoticeKind.LINE_SUSPENDED],
        disconnected=counts[NoticeKind.LINE_DISCONNECTED],
        is_done=False,
    )


async def _run_locked(conn: PgConnection, locked: Sequence[LockedAccount], *, now: datetime) -> RentTally:
    """Do what is due of locked accounts; of one with many lines only the first, and not beyond the last of those."""
    line_ids = await subscriptions.due_lines(conn, [each.id for each in locked], now=now, limit=LINES_OF_ACCOUNT)
    if not line_ids:
        return RentTally()
    worked = _run_until_now(await calendars(conn, locked, line_ids, now=now))
    if short := [each.account_id for each in worked if _has_suspended(each)]:
        # What is missing depends on the rents that are paid first: once more, now that these are asked for.
        overdue = await read_overdue(conn, short, now=now)
        worked = _run_until_now(await calendars(conn, locked, line_ids, now=now, overdue=overdue))
    return await write(conn, worked, now=now)


def _run_until_now(worked: list[RentCalendar]) -> list[RentCalendar]:
    for calendar in worked:
        calendar.run_until(calendar.now, is_all=len(calendar.lines) < LINES_OF_ACCOUNT)
    return worked


def _has_suspended(calendar: RentCalendar) -> bool:
    return any(notice.kind is NoticeKind.LINE_SUSPENDED for notice in calendar.notices)
