"""A process that delivers mails, on a real database and a real SMTP server, in the small."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gateway.app import Running, running
from gateway.domain.mail.notices import Notice, NoticeKind
from gateway.postgres.mail import outbox
from gateway.settings import Settings
from gateway.usecases.mail.deliver import MailDelivery
from tests.support import world
from tests.support.world import FakeClock

SENDER = "Gateway <gateway@gw.example>"
PLAIN = "?tls=none"
SPENT = {"balance": "3.5", "minimum": "4", "spent": "20", "window_days": 10, "days_ahead": 2}


class Post:
    """A process that delivers mails, with a clock that the test moves."""

    def __init__(self, process: Running, clock: FakeClock) -> None:
        self.context = process.context
        self.clock = clock
        self.delivery = MailDelivery(process.context)

    async def queue(self, *keys: str) -> None:
        async with self.context.pool.acquire() as conn:
            account = await conn.fetchval("SELECT min(id) FROM account") or await world.account(conn)
            notices = [Notice(account_id=account, kind=NoticeKind.LOW_BALANCE, key=key, facts=SPENT) for key in keys]
            assert await outbox.queue(conn, notices, now=self.clock.now()) == len(keys)

    async def work(self) -> None:
        while await self.delivery.once():
            pass

    async def mails(self) -> list[Any]:
        async with self.context.pool.acquire() as conn:
            return await outbox.page(conn, account_id=None, state=None, before=None, limit=1000)

    async def mail(self) -> Any:
        [mail] = await self.mails()
        return mail

    def count(self, result: str) -> float:
        return self.context.metrics.mails.labels(result)._value.get()


@asynccontextmanager
async def open_post(dsn: str, data: Path, url: str | None, *, clock: FakeClock | None = None) -> AsyncIterator[Post]:
    """Without a URL it has no SMTP server."""
    clock = clock or FakeClock()
    settings = Settings(data=data, smtp_url=url, mail_from=SENDER if url else None)
    async with running(settings, dsn, clock, workers=False, opened_at_once=1) as process:
        post = Post(process, clock)
        try:
            yield post
        finally:
            await post.delivery.finish(within_s=1)
