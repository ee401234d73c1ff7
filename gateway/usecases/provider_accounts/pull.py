"""Ask providers about our accounts with them: what is left, which numbers are gone (R29), who has paid in (R3).

A provider's callback about an account is a poke: it has this done at once. It is done every ten minutes anyway, so a
callback that got lost costs time, and one that somebody forged or replayed moves nothing. Only a lost number needs its
callback, as a loss is final, and a number that is not on a list any more may have been moved to another provider.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from gateway.context import Context
from gateway.domain.access.actor import gateway_itself
from gateway.domain.connection import Connection
from gateway.domain.errors import Conflict, InvalidInput, NotFound, ProviderFailed
from gateway.domain.events import AccountPoked
from gateway.due.queue import Queue, Turn
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres import provider_accounts
from gateway.postgres.accounts import accounts
from gateway.postgres.accounts.accounts import AccountRow
from gateway.postgres.provider_accounts import DuePull, ProviderBalance
from gateway.postgres.types import PgConnection
from gateway.providers.account_book import AccountBook, Payment
from gateway.providers.base import ProviderRequest, ProviderResponse
from gateway.usecases.accounts.move_money import top_up
from gateway.usecases.lines.rent import report_lost

EVERY: Final = timedelta(minutes=10)
# A pull that failed is tried again after this, as is that of a process that died.
CLAIM: Final = timedelta(minutes=1)
TIMEOUT_S: Final = 10.0
# Payments are read once more for so long, as they may be put into the list late.
OVERLAP: Final = timedelta(days=2)
PAGES_MAX: Final = 20
# How long after it was there a number can be said to be lost.
HAD: Final = timedelta(days=7)
# So long it is told that one has gone without a word. When it was there is known to the hour.
MISSED: Final = timedelta(minutes=90)


async def poke(context: Context, connection: Connection, event: AccountPoked) -> None:
    """Have an account pulled soon."""
    async with context.pool.acquire() as conn:
        await provider_accounts.poke(conn, connection=connection.name, suspects=event.lost, now=context.clock.now())


def pullers(context: Context) -> tuple["AccountPuller", ...]:
    """One for each connection whose provider can be asked about its account."""
    ours = []
    for connection in context.settings.connections.values():
        adapter = context.adapters[connection.kind]
        if isinstance(adapter, AccountBook) and adapter.can_ask(connection):
            ours.append(AccountPuller(context, connection, adapter))
    return tuple(ours)


class AccountPuller:
    """Pulls the truth about one account."""

    def __init__(self, context: Context, connection: Connection, book: AccountBook) -> None:
        self._context = context
        self._first = connection
        self._book = book
        self._account_id = _account_of(connection)
        self._is_open = False
        self._actor = gateway_itself(f"account {connection.name}")
        self.name = connection.name
        self.queue = Queue(
            name=f"account {self.name}",
            interval_s=2,
            batch=1,
            claimed_for=CLAIM,
            claim=self._claim,
            work=self._pull,
            identify=lambda _due: {"connection": self.name},
        )

    @property
    def _connection(self) -> Connection:
        """As the settings have it now."""
        return self._context.settings.connections.get(self.name, self._first)

    async def once(self) -> bool:
        """Pull, if it is time; there is never more to pull, as each account has a puller."""
        await self.queue.once(self._context)
        return False

    async def _claim(self, conn: PgConnection, turn: Turn) -> Sequence[DuePull]:
        if not self._is_open:
            await provider_accounts.open_account(conn, connection=self.name, now=turn.now)
            self._is_open = True
        return await provider_accounts.claim(conn, connection=self.name, now=turn.now, until=turn.until)

    async def _pull(self, context: Context, due: DuePull) -> None:
        """Ask for everything, whatever becomes of a part: a service account may lack the role for one."""
        now = context.clock.now()
        parts = (self._read_balance, self._find_lost, self._book_payments)
        if all([await self._worked(part, due, now) for part in parts]):
            async with context.pool.acquire() as conn:
                await provider_accounts.pulled(
                    conn, connection=self.name, claimed_until=due.until, now=now, due_at=now + EVERY
                )

    async def _worked(self, part: Callable[[DuePull, datetime], Awaitable[None]], due: DuePull, now: datetime) -> bool:
        try:
            await part(due, now)
        except ProviderFailed as error:
            self._context.metrics.account_pulls.labels(self.name, "failed").inc()
            logger().warning(LogEvent.PROVIDER_FAILED, connection=self.name, why=str(error))
            return False
        self._context.metrics.account_pulls.labels(self.name, "done").inc()
        return True

    async def _read_balance(self, _due: DuePull, now: datetime) -> None:
        balance = self._book.read_balance(await self._send(self._book.ask_balance(self._connection, now)))
        self._context.metrics.provider_balance.labels(self.name, balance.currency).set(float(balance.amount))
        told = ProviderBalance(
            connection=self.name,
            balance=balance.amount,
            currency=balance.currency,
            is_frozen=balance.is_frozen,
            balance_at=now,
        )
        async with self._context.pool.acquire() as conn:
            await provider_accounts.keep_balance(conn, told)
        say = logger().warning if balance.is_frozen else logger().info
        say(
            LogEvent.PROVIDER_BALANCE,
            connection=self.name,
            balance=balance.amount,
            currency=balance.currency,
            frozen=balance.is_frozen,
        )

    # Numbers.

    async def _find_lost(self, due: DuePull, now: datetime) -> None:
        """Disconnect what the provider had, says it has taken away, and has not any more (R29).

        No list alone is enough, as it may be short for other reasons, and no word alone, as it proves nothing.
        """
        context = self._context
        names = await self._numbers(now)
        async with context.pool.acquire() as conn:
            had = await provider_accounts.lines(conn, connection=self.name, since=now - HAD)
        for name in due.suspects:
            if name not in had:
                logger().warning(LogEvent.NUMBER_NOT_LOST, connection=self.name, line=name, why="it was never there")
            elif name in names or await self._is_there(name, now):
                logger().warning(LogEvent.NUMBER_NOT_LOST, connection=self.name, line=name, why="it is still there")
            else:
                await self._lose(name, now)
        for name in had.keys() - names - set(due.suspects):
            if now - had[name] < MISSED:
                logger().warning(LogEvent.NUMBER_MISSING, connection=self.name, line=name)
        async with context.pool.acquire() as conn:
            await provider_accounts.keep_lines(conn, connection=self.name, names=names, settled=due.suspects, now=now)

    async def _numbers(self, now: datetime) -> set[str]:
        names: set[str] = set()
        for _ in range(PAGES_MAX):
            asked = self._book.ask_numbers(self._connection, now, skip=len(names))
            page = self._book.read_numbers(await self._send(asked))
            names.update(page.names)
            if page.is_last:
                return names
        raise ProviderFailed(f"the list of numbers has no end after {PAGES_MAX} pages")

    async def _is_there(self, name: str, now: datetime) -> bool:
        asked = self._book.ask_numbers(self._connection, now, only=name)
        return name in self._book.read_numbers(await self._send(asked)).names

    async def _lose(self, name: str, now: datetime) -> None:
        try:
            async with self._context.pool.acquire() as conn:
                line = await report_lost(conn, actor=self._actor, name=name, now=now)
        except (NotFound, Conflict) as error:
            logger().info(LogEvent.NUMBER_NOT_LOST, connection=self.name, line=name, why=str(error))
        else:
            logger().warning(LogEvent.NUMBER_LOST, connection=self.name, line=name, account_id=line.account_id)

    # Payments.

    async def _book_payments(self, due: DuePull, now: datetime) -> None:
        """Book what was paid in since we know of the account, each payment once (R3)."""
        if self._account_id is None:
            return
        since = max(due.payments_from, due.payments_until - OVERLAP)
        asked = self._book.ask_payments(self._connection, since, now)
        for payment in self._book.read_payments(await self._send(asked)):
            if payment.paid_at >= due.payments_from:
                await self._top_up(self._account_id, payment)
        async with self._context.pool.acquire() as conn:
            await provider_accounts.paid_until(conn, connection=self.name, until=now)

    async def _top_up(self, account_id: int, payment: Payment) -> None:
        """Book one payment; one that cannot be booked is logged, and looked at again while it is on the list.

        It counts from when it is booked, not from when the asking began, which may have taken minutes.
        """
        context, now = self._context, self._context.clock.now()
        facts = {"connection": self.name, "account_id": account_id, "payment": payment.id, "amount": payment.amount}
        external_id = f"{self._connection.kind}:{self.name}:{payment.id}"
        try:
            async with context.pool.acquire() as conn:
                _require_currency(await accounts.find(conn, account_id=account_id), payment)
                entry = await top_up(
                    conn,
                    actor=self._actor,
                    account_id=account_id,
                    amount=payment.amount,
                    external_id=external_id,
                    now=now,
                    rule=context.settings.low_balance,
                )
        except (NotFound, Conflict, InvalidInput) as error:
            context.metrics.payments.labels(self.name, "refused").inc()
            logger().error(LogEvent.PAYMENT_REFUSED, why=str(error), **facts)
            return
        if entry.booked_at == now:
            context.metrics.payments.labels(self.name, "booked").inc()
            logger().info(LogEvent.PAYMENT_BOOKED, entry_id=entry.id, **facts)

    async def _send(self, request: ProviderRequest) -> ProviderResponse:
        return await self._context.provider_client.send(self.name, request, timeout_s=TIMEOUT_S)


def _require_currency(account: AccountRow | None, payment: Payment) -> None:
    if account is not None and account.currency != payment.currency:
        raise InvalidInput(f"it is in {payment.currency}, and the account in {account.currency}")


def _account_of(connection: Connection) -> int | None:
    account = connection.options.get("account")
    return None if account is None else int(account)
