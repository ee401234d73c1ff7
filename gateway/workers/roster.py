"""The table of workers: who works, and how often when there is nothing to do."""

from datetime import timedelta
from functools import partial

from gateway.context import Deps
from gateway.postgres.calls import live_calls
from gateway.postgres.mail import outbox
from gateway.usecases.accounts.warn_low_balance import warn_low_balances
from gateway.usecases.accounts.watch_ledger import LedgerWatch
from gateway.usecases.calls.book import CallBook
from gateway.usecases.calls.cut import Cutter
from gateway.usecases.calls.extend import extend_holds
from gateway.usecases.calls.reconcile import sweep_calls
from gateway.usecases.calls.replay import replay_spool
from gateway.usecases.crm.register import registrars
from gateway.usecases.mail.deliver import MailDelivery
from gateway.usecases.provider_accounts.pull import pullers
from gateway.workers.calendar import Calendar
from gateway.workers.loop import Worker

OVERDUE = timedelta(minutes=1)


def roster(deps: Deps, book: CallBook, cutter: Cutter, delivery: MailDelivery | None = None) -> tuple[Worker, ...]:
    """Every worker of a process. Any number of processes may run them side by side."""
    return (
        Worker(name="cutter", once=cutter.once, interval_s=0.2),
        Worker(name="extender", once=partial(extend_holds, deps), interval_s=1),
        Worker(name="calendar", once=Calendar(deps).once, interval_s=1),
        Worker(name="sweeper", once=partial(sweep_calls, deps, book), interval_s=2),
        Worker(name="low balances", once=partial(warn_low_balances, deps), interval_s=1),
        Worker(name="mail", once=(delivery or MailDelivery(deps)).once, interval_s=2),
        *(Worker(name=f"crm {each.name}", once=each.once, interval_s=1) for each in registrars(deps)),
        *(Worker(name=f"account {each.name}", once=each.once, interval_s=2) for each in pullers(deps)),
        Worker(name="spool", once=partial(_replay, deps, book), interval_s=1),
        Worker(name="figures", once=partial(_figures, deps, book), interval_s=5),
        Worker(name="ledger watch", once=LedgerWatch(deps).once, interval_s=10),
    )


async def _figures(deps: Deps, book: CallBook) -> bool:
    """Bring the gauges and the allowances up to date."""
    now = deps.clock.now()
    deps.metrics.spooled.set(deps.spool.count)
    async with deps.pool.acquire() as conn:
        counts = await live_calls.count_live(conn, overdue_before=now - OVERDUE)
        book.allowances.seconds = await live_calls.read_allowances(conn)
        mails = await outbox.count(conn)
    deps.metrics.live_calls.set(counts.live)
    deps.metrics.held_calls.set(counts.held)
    deps.metrics.uncut_calls.set(counts.overdue)
    deps.metrics.mails_waiting.set(mails.waiting)
    deps.metrics.mails_refused.set(mails.failed)
    return False


async def _replay(deps: Deps, book: CallBook) -> bool:
    await replay_spool(deps.spool, book)
    return False
