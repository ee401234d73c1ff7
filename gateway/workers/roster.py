"""The table of workers: who works, and how often when there is nothing to do."""

from datetime import timedelta
from functools import partial

from gateway.context import Context
from gateway.postgres.calls import live_calls
from gateway.postgres.mail import outbox
from gateway.usecases.accounts.warn_low_balance import warn_low_balances
from gateway.usecases.accounts.watch_ledger import LedgerWatch
from gateway.usecases.calls.book import CallBook
from gateway.usecases.calls.cut import Cutter
from gateway.usecases.calls.extend import extend_holds
from gateway.usecases.calls.reconcile import reconcile_calls
from gateway.usecases.calls.replay import replay_spool
from gateway.usecases.crm.register import registrars
from gateway.usecases.mail.deliver import MailDelivery
from gateway.usecases.provider_accounts.pull import pullers
from gateway.workers.calendar import Calendar
from gateway.workers.loop import Worker

OVERDUE = timedelta(minutes=1)


def roster(
    context: Context, book: CallBook, cutter: Cutter, delivery: MailDelivery | None = None
) -> tuple[Worker, ...]:
    """Every worker of a process. Any number of processes may run them side by side."""
    return (
        Worker(name="cutter", once=cutter.once, interval_s=0.2),
        Worker(name="extender", once=partial(extend_holds, context), interval_s=1),
        Worker(name="calendar", once=Calendar(context).once, interval_s=1),
        Worker(name="reconciler", once=partial(reconcile_calls, context, book), interval_s=2),
        Worker(name="low balances", once=partial(warn_low_balances, context), interval_s=1),
        Worker(name="mail", once=(delivery or MailDelivery(context)).once, interval_s=2),
        *(Worker(name=f"crm {each.name}", once=each.once, interval_s=1) for each in registrars(context)),
        *(Worker(name=f"account {each.name}", once=each.once, interval_s=2) for each in pullers(context)),
        Worker(name="spool", once=partial(_replay, context, book), interval_s=1),
        Worker(name="figures", once=partial(_figures, context, book), interval_s=5),
        Worker(name="ledger watch", once=LedgerWatch(context).once, interval_s=10),
    )


async def _figures(context: Context, book: CallBook) -> bool:
    """Bring the gauges and the allowances up to date."""
    now = context.clock.now()
    context.metrics.spooled.set(context.spool.count)
    async with context.pool.acquire() as conn:
        counts = await live_calls.count_live(conn, overdue_before=now - OVERDUE)
        book.allowances.seconds = await live_calls.read_allowances(conn)
        mails = await outbox.count(conn)
    context.metrics.live_calls.set(counts.live)
    context.metrics.held_calls.set(counts.held)
    context.metrics.uncut_calls.set(counts.overdue)
    context.metrics.mails_waiting.set(mails.waiting)
    context.metrics.mails_refused.set(mails.failed)
    return False


async def _replay(context: Context, book: CallBook) -> bool:
    await replay_spool(context.spool, book)
    return False
