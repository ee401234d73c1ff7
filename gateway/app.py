"""The composition root: what a process consists of, in the order in which it comes to life; undone in reverse."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from gateway.clock import Clock, DatabaseClock
from gateway.context import Context
from gateway.hook_captures import MOST as CAPTURED_MAX
from gateway.hook_captures import HookCaptures
from gateway.mail.smtp import open_mailer
from gateway.mail.smtp_url import read_smtp_url
from gateway.metrics import Metrics
from gateway.postgres.clock import follow
from gateway.postgres.group_commit import LOCK_WAIT, WAIT_MAX_S
from gateway.postgres.pool import LOCK_TIMEOUT, STATEMENT_TIMEOUT, open_pool
from gateway.postgres.types import Pool
from gateway.provider_client import open_provider_client
from gateway.providers.registry import adapters
from gateway.settings import Settings
from gateway.settings.configured import ConfiguredConnections
from gateway.spool.spool import open_spool
from gateway.together.member import Member
from gateway.usecases.calls.book import Book, CallBook
from gateway.usecases.calls.cut import Cutter
from gateway.usecases.mail.deliver import MailDelivery
from gateway.web.api.database import ApiDatabase, open_api_database
from gateway.web.listening import STOP_S
from gateway.workers.loop import run_worker
from gateway.workers.roster import roster

# Two group commits keep a connection each; the workers, the pages and the probes share the rest.
POOL_SIZE: Final = 8
# A process that is told to stop is gone within ten seconds, whatever its database and its providers do. What workers
# leave half-done another process does.
# Only a mail whose answer is not heard is sent twice: for that one all is waited that the rest can spare, which is to
# record it and to close what is open.
STOP_S_MAX: Final = 9.0
REST_S: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a process waits for its database before it goes on without it."""

    statement: timedelta = STATEMENT_TIMEOUT
    lock: timedelta = LOCK_TIMEOUT
    turn: timedelta = LOCK_WAIT
    decision_s: float = WAIT_MAX_S


PATIENCE: Final = Patience()


class Stop:
    """How much is left of the time that a stop may take."""

    def __init__(self) -> None:
        self.on_begin: Callable[[], None] = lambda: None
        self._until: float | None = None

    def begin(self) -> None:
        """Begin to stop, once."""
        if self._until is None:
            self._until = asyncio.get_running_loop().time() + STOP_S_MAX
            self.on_begin()

    def left_s(self) -> float:
        """A moment at least, for what only has to be cancelled."""
        assert self._until is not None, "who asks has begun"  # noqa: S101
        return max(0.1, self._until - asyncio.get_running_loop().time())


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A living process: its parts, and the future that fails when a part of it dies."""

    context: Context
    connections: ConfiguredConnections
    book: CallBook
    # What webhooks go through: with several processes, the book of the one that decides for all.
    hook_book: Book
    api: ApiDatabase
    died: "asyncio.Future[None]"
    stop: Stop


@asynccontextmanager
async def _pool(dsn: str, stop: Stop, patience: Patience, opened_at_once: int) -> AsyncIterator[Pool]:
    statement, lock = patience.statement, patience.lock
    pool = await open_pool(
        dsn, size=POOL_SIZE, opened_at_once=opened_at_once, statement_timeout=statement, lock_timeout=lock
    )
    try:
        yield pool
    finally:
        stop.begin()
        try:
            await asyncio.wait_for(pool.close(), min(STOP_S, stop.left_s()))
        except Exception:  # noqa: BLE001 - the database is away: nothing to say good-bye to
            pool.terminate()


@asynccontextmanager
async def running(
    settings: Settings,
    dsn: str,
    clock: Clock,
    *,
    workers: bool = True,
    patience: Patience = PATIENCE,
    opened_at_once: int = POOL_SIZE,
    together: Path | None = None,
) -> AsyncIterator[Running]:
    """Everything but the web: the group commits and, unless asked not to, the workers.

    `together` is the directory of processes that serve one address.
    """
    smtp = None if settings.smtp_url is None else read_smtp_url(settings.smtp_url)
    connections = ConfiguredConnections(settings.connections)
    settings = replace(settings, connections=connections)
    stop = Stop()
    async with AsyncExitStack() as stack:
        context = Context(
            settings=settings,
            clock=clock,
            pool=await stack.enter_async_context(_pool(dsn, stop, patience, opened_at_once)),
            adapters=adapters(),
            provider_client=await stack.enter_async_context(open_provider_client()),
            metrics=Metrics(),
            captures=HookCaptures(CAPTURED_MAX if settings.hooks_days else 0),
            spool=await stack.enter_async_context(open_spool(settings.data)),
            mailer=await stack.enter_async_context(open_mailer(smtp, sender=settings.mail_from)),
        )
        book = _book(context, connections, patience)
        api = await stack.enter_async_context(open_api_database(dsn, settings.database_read_url))
        if isinstance(clock, DatabaseClock):
            async with context.pool.acquire() as conn:
                await follow(clock, conn)
        died: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await stack.enter_async_context(_tasks(book.tasks(), died, stop))
        member = None if together is None else Member(together, book, connections, clock)
        if member is not None:
            await stack.enter_async_context(_tasks([member.run()], died, stop))
        if workers:
            await stack.enter_async_context(_workers(context, book, member, died, stop))
        yield Running(
            context=context,
            connections=connections,
            book=book,
            hook_book=member or book,
            api=api,
            died=died,
            stop=stop,
        )


def _book(context: Context, connections: ConfiguredConnections, patience: Patience) -> CallBook:
    return CallBook(
        pool=context.pool,
        clock=context.clock,
        limits=context.settings.limits,
        public_url=context.settings.public_url,
        connections=connections,
        adapters=context.adapters,
        metrics=context.metrics,
        spool=context.spool,
        wait_max_s=patience.decision_s,
        lock_wait=patience.turn,
    )


@asynccontextmanager
async def _workers(
    context: Context, book: CallBook, member: Member | None, died: "asyncio.Future[None]", stop: Stop
) -> AsyncIterator[None]:
    """The workers, stopped promptly and given the time to finish the turn they are in."""
    enough = asyncio.Event()
    cutter, delivery = Cutter(context), MailDelivery(context)
    stop.on_begin = delivery.stop

    def is_led() -> bool:
        return member is not None and member.is_led

    table = roster(context, book, cutter, delivery, is_led=is_led)
    failed = context.metrics.count_failure
    work = [run_worker(worker, enough, failed, is_led=is_led) for worker in table]
    async with _tasks(work, died, stop) as tasks:
        try:
            yield
        finally:
            stop.begin()
            enough.set()
            await asyncio.wait(tasks, timeout=STOP_S)
            answer_s = max(STOP_S, stop.left_s() - REST_S)
            await asyncio.gather(
                cutter.finish(within_s=STOP_S), delivery.finish(within_s=STOP_S, answer_within_s=answer_s)
            )


@asynccontextmanager
async def _tasks(
    coroutines: Sequence[Coroutine[object, object, None]], died: "asyncio.Future[None]", stop: Stop
) -> AsyncIterator[list["asyncio.Task[None]"]]:
    """Run in the background; one that fails is told to `died`, as nobody else would notice."""

    def ended(task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and not died.done() and (error := task.exception()) is not None:
            died.set_exception(error)

    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    for task in tasks:
        task.add_done_callback(ended)
    try:
        yield tasks
    finally:
        stop.begin()
        for task in tasks:
            task.cancel()
        # One that the database keeps even now ends with the pool.
        ended_tasks, _ = await asyncio.wait(tasks, timeout=min(STOP_S, stop.left_s()))
        for task in ended_tasks:
            if not task.cancelled():
                task.exception()
