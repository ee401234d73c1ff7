"""The table of workers: who works, and how often when there is nothing to do."""

from collections.abc import Awaitable, Callable
from functools import partial

from gateway.clock import DatabaseClock
from gateway.context import Context
from gateway.due.queue import Declared
from gateway.usecases.access.forget import INTERVAL_S as FORGET_INTERVAL_S
from gateway.usecases.access.forget import forget
from gateway.usecases.accounts.warn_low_balance import LOW_BALANCES, warn_low_balances
from gateway.usecases.accounts.watch_ledger import LedgerWatch
from gateway.usecases.calls.anonymise import INTERVAL_S as ANONYMISE_INTERVAL_S
from gateway.usecases.calls.anonymise import anonymise_old_calls
from gateway.usecases.calls.book import CallBook
from gateway.usecases.calls.cut import Cutter
from gateway.usecases.calls.ends.ask_doubted_ends import doubts
from gateway.usecases.calls.ends.reconcile import reconciliations
from gateway.usecases.calls.ends.replay import Replay
from gateway.usecases.calls.extend import EXTENSIONS, extend_holds
from gateway.usecases.calls.months import INTERVAL_S as MONTHS_INTERVAL_S
from gateway.usecases.calls.months import keep_months
from gateway.usecases.calls.roll_up import INTERVAL_S as ROLL_UP_INTERVAL_S
from gateway.usecases.calls.roll_up import roll_up
from gateway.usecases.calls.shown.mail_flagged import INTERVAL_S as FLAGGED_INTERVAL_S
from gateway.usecases.calls.shown.mail_flagged import mail_flagged_calls
from gateway.usecases.calls.shown.mail_set_aside import INTERVAL_S as SET_ASIDE_INTERVAL_S
from gateway.usecases.calls.shown.mail_set_aside import mail_set_aside
from gateway.usecases.connections.captures import FORGET_INTERVAL_S as FORGET_HOOKS_INTERVAL_S
from gateway.usecases.connections.captures import INTERVAL_S as CAPTURES_INTERVAL_S
from gateway.usecases.connections.captures import HookWriter, forget_hooks
from gateway.usecases.connections.receipts import INTERVAL_S as RECEIPTS_INTERVAL_S
from gateway.usecases.connections.receipts import ReceiptsWriter
from gateway.usecases.crm.register import INTERVAL_S as CRM_INTERVAL_S
from gateway.usecases.crm.register import registrars
from gateway.usecases.events.note import INTERVAL_S as EVENTS_INTERVAL_S
from gateway.usecases.events.note import note_events
from gateway.usecases.lines.run_due import RENTS
from gateway.usecases.mail.deliver import MailDelivery
from gateway.usecases.provider_accounts.pull import pullers
from gateway.workers.calendar import Calendar
from gateway.workers.figures import INTERVAL_S as FIGURES_INTERVAL_S
from gateway.workers.figures import FigureKeeper
from gateway.workers.loop import Worker
from gateway.workers.replication import INTERVAL_S as REPLICATION_INTERVAL_S
from gateway.workers.replication import ReplicationWatch
from gateway.workers.time_keeper import TimeKeeper


def roster(
    context: Context,
    book: CallBook,
    cutter: Cutter,
    delivery: MailDelivery | None = None,
    *,
    is_led: Callable[[], bool] = lambda: False,
) -> tuple[Worker, ...]:
    """Every worker of a process. Any number of processes may run them side by side."""
    reconciler, doubted = reconciliations(book), doubts(book)
    return (
        _worker(cutter.queue, once=cutter.look),
        _worker(EXTENSIONS, once=partial(extend_holds, context)),
        _worker(RENTS, once=Calendar(context).once),
        _worker(reconciler, once=partial(reconciler.once, context)),
        _worker(doubted, once=partial(doubted.once, context)),
        _worker(LOW_BALANCES, once=partial(warn_low_balances, context)),
        Worker(name="mail", once=(delivery or MailDelivery(context)).once, interval_s=2),
        *(Worker(name=f"crm {each.name}", once=each.once, interval_s=CRM_INTERVAL_S) for each in registrars(context)),
        *(_worker(each.queue, once=each.once) for each in pullers(context)),
        Worker(name="spool", once=partial(_replay, Replay(context.spool, book)), interval_s=1, is_own=True),
        Worker(name="flagged calls", once=partial(mail_flagged_calls, context), interval_s=FLAGGED_INTERVAL_S),
        Worker(name="set aside", once=partial(mail_set_aside, context), interval_s=SET_ASIDE_INTERVAL_S),
        *(Worker(name="clock", once=each.once, interval_s=1) for each in _time_keepers(context)),
        Worker(
            name="figures", once=FigureKeeper(context, book, is_led).once, interval_s=FIGURES_INTERVAL_S, is_own=True
        ),
        Worker(name="receipts", once=ReceiptsWriter(context).once, interval_s=RECEIPTS_INTERVAL_S, is_own=True),
        Worker(name="hooks", once=HookWriter(context).once, interval_s=CAPTURES_INTERVAL_S, is_own=True),
        Worker(name="old hooks", once=partial(forget_hooks, context), interval_s=FORGET_HOOKS_INTERVAL_S),
        Worker(name="replication", once=ReplicationWatch(context).once, interval_s=REPLICATION_INTERVAL_S),
        Worker(name="months", once=partial(keep_months, context), interval_s=MONTHS_INTERVAL_S),
        Worker(name="numbers", once=partial(anonymise_old_calls, context), interval_s=ANONYMISE_INTERVAL_S),
        Worker(name="usage", once=partial(roll_up, context), interval_s=ROLL_UP_INTERVAL_S),
        Worker(name="replies and links", once=partial(forget, context), interval_s=FORGET_INTERVAL_S),
        Worker(name="events", once=partial(note_events, context), interval_s=EVENTS_INTERVAL_S),
        Worker(name="ledger watch", once=LedgerWatch(context).once, interval_s=10),
    )


def _time_keepers(context: Context) -> tuple[TimeKeeper, ...]:
    """None where the clock is not the database's, but one that somebody brought along."""
    return (TimeKeeper(context, context.clock),) if isinstance(context.clock, DatabaseClock) else ()


def _worker(declared: Declared, once: Callable[[], Awaitable[bool]]) -> Worker:
    return Worker(name=declared.name, once=once, interval_s=declared.interval_s)


async def _replay(replay: Replay) -> bool:
    await replay.once()
    return False
