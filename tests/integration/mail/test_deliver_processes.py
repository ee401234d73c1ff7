"""Mails go out once, whichever processes deliver them and however these end (R32, R38)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.app import running
from gateway.clock import SystemClock
from gateway.domain.mail.notices import Notice, NoticeKind
from gateway.postgres.mail import outbox
from gateway.postgres.types import Pool
from gateway.settings import Settings
from gateway.usecases.mail.deliver import MailDelivery
from tests.support import world
from tests.support.mail.post import PLAIN, SENDER, SPENT, Post, open_post
from tests.support.mail.smtp import FakeSmtp, smtp_server
from tests.support.world import NOON, FakeClock


@pytest.fixture
async def smtp() -> AsyncIterator[FakeSmtp]:
    async with smtp_server() as server:
        yield server


@pytest.fixture
async def post(dsn: str, tmp_path: Path, smtp: FakeSmtp) -> AsyncIterator[Post]:
    async with open_post(dsn, tmp_path, smtp.url(options=PLAIN)) as opened:
        yield opened


async def test_r32_two_processes_side_by_side_send_no_mail_twice(dsn: str, tmp_path: Path, smtp: FakeSmtp) -> None:
    url = smtp.url(options=PLAIN)
    async with open_post(dsn, tmp_path / "one", url) as one, open_post(dsn, tmp_path / "two", url) as two:
        await one.queue(*map(str, range(300)))

        await asyncio.gather(one.work(), two.work())

        assert len(smtp.ids) == 300
        assert set(smtp.ids.values()) == {1}
        assert smtp.connections == 2
        assert min(one.count("sent"), two.count("sent")) > 50


async def test_r32_what_a_dead_process_had_in_hand_is_sent_when_its_claim_is_over(
    dsn: str, tmp_path: Path, smtp: FakeSmtp
) -> None:
    url = smtp.url(options=PLAIN)
    clock = FakeClock()
    async with (
        open_post(dsn, tmp_path / "one", url, clock=clock) as dead,
        open_post(dsn, tmp_path / "two", url, clock=clock) as alive,
    ):
        await dead.queue("one", "two")
        await dead.delivery.once()  # it has sent one and claimed the other, and does nothing more

        await alive.work()
        early = len(smtp.received)
        clock.advance(301)
        await alive.work()
        await dead.work()  # it was only asleep: its claim is over

        assert (early, len(smtp.received), set(smtp.ids.values())) == (1, 2, {1})
        assert sorted(mail.tries for mail in await alive.mails()) == [1, 2]


async def test_r32_a_process_that_stops_gives_back_the_mail_it_has_not_begun(post: Post, smtp: FakeSmtp) -> None:
    await post.queue("one", "two")
    await post.delivery.once()

    await post.delivery.finish(within_s=1)

    two = next(mail for mail in await post.mails() if mail.state == "queued")
    assert (two.tries, two.next_at) == (0, post.clock.now())


async def test_r32_a_process_that_stops_waits_for_the_answer_to_the_mail_under_way(post: Post, smtp: FakeSmtp) -> None:
    await post.queue("one")
    smtp.held = asyncio.Event()
    working = asyncio.create_task(post.work())
    await smtp.reached_data.wait()

    finishing = asyncio.create_task(post.delivery.finish(within_s=10))
    await asyncio.sleep(0)
    smtp.held.set()
    await asyncio.gather(working, finishing)

    assert (await post.mail()).state == "sent"


async def test_r32_a_process_that_stops_begins_no_further_mail(post: Post, smtp: FakeSmtp) -> None:
    await post.queue("one", "two")
    smtp.held = asyncio.Event()
    working = asyncio.create_task(post.work())
    await smtp.reached_data.wait()

    post.delivery.stop()
    smtp.held.set()
    await working
    await post.work()
    await post.delivery.finish(within_s=1)

    assert len(smtp.received) == 1
    assert sorted((mail.state, mail.tries) for mail in await post.mails()) == [("queued", 0), ("sent", 1)]


async def test_r32_a_process_that_stops_waits_longer_for_an_answer_than_for_anything_else(
    post: Post, smtp: FakeSmtp
) -> None:
    await post.queue("one")
    smtp.held = asyncio.Event()
    working = asyncio.create_task(post.work())
    await smtp.reached_data.wait()
    asyncio.get_running_loop().call_later(0.8, smtp.held.set)

    await post.delivery.finish(within_s=0.5, answer_within_s=10)

    await working
    assert (await post.mail()).state == "sent"


async def test_r32_an_answer_that_comes_at_the_last_moment_is_recorded(post: Post, smtp: FakeSmtp) -> None:
    class Slow:
        """A pool that takes longer to record the outcome than there is left to wait for the answer."""

        def __init__(self, pool: Pool) -> None:
            self.pool = pool

        @asynccontextmanager
        async def acquire(self) -> AsyncIterator[Any]:
            await asyncio.sleep(0.3)
            async with self.pool.acquire() as conn:
                yield conn

    slow: Any = Slow(post.context.pool)
    delivery = MailDelivery(replace(post.context, pool=slow))
    await post.queue("one")
    smtp.held = asyncio.Event()
    working = asyncio.create_task(delivery.once())
    await smtp.reached_data.wait()
    asyncio.get_running_loop().call_later(0.3, smtp.held.set)

    await delivery.finish(within_s=2, answer_within_s=0.5)
    working.cancel()

    assert (await post.mail()).state == "sent"


class Broken:
    """A pool that is away for the statement that records the outcome."""

    def __init__(self, pool: Pool) -> None:
        self.pool, self.asked = pool, 0

    def acquire(self) -> Any:
        self.asked += 1
        if self.asked == 3:
            raise ConnectionRefusedError
        return self.pool.acquire()


async def test_r32_an_outcome_that_the_database_did_not_take_is_recorded_when_the_process_stops(
    post: Post, smtp: FakeSmtp
) -> None:
    broken: Any = Broken(post.context.pool)
    delivery = MailDelivery(replace(post.context, pool=broken))
    await post.queue("one", "two")
    with pytest.raises(ConnectionRefusedError):
        await delivery.once()

    await delivery.finish(within_s=1)

    assert sorted((mail.state, mail.tries) for mail in await post.mails()) == [("queued", 0), ("sent", 1)]


async def test_r32_an_outcome_that_the_database_did_not_take_is_recorded_when_it_is_back(
    post: Post, smtp: FakeSmtp
) -> None:
    broken: Any = Broken(post.context.pool)
    delivery = MailDelivery(replace(post.context, pool=broken))
    await post.queue("one")

    with pytest.raises(ConnectionRefusedError):
        await delivery.once()
    state = (await post.mail()).state
    await delivery.once()

    assert (state, (await post.mail()).state, len(smtp.received)) == ("queued", "sent", 1)


async def test_r32_an_idle_connection_is_given_back_and_none_is_opened_for_nothing(
    post: Post, smtp: FakeSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post.work()
    assert smtp.connections == 0

    await post.queue("one")
    await post.work()
    assert post.context.mailer is not None
    assert post.context.mailer.is_open
    monkeypatch.setattr("gateway.mail.smtp.IDLE_S_MAX", 0.0)
    await post.work()

    assert not post.context.mailer.is_open


async def test_r32_the_workers_of_a_process_send_what_is_queued_and_count_what_waits(
    dsn: str, tmp_path: Path, smtp: FakeSmtp, pool: Pool
) -> None:
    settings = Settings(data=tmp_path / "data", smtp_url=smtp.url(options=PLAIN), mail_from=SENDER)
    async with pool.acquire() as conn:
        account = await world.account(conn)
        for key in ("one", "two"):
            notice = Notice(account_id=account, kind=NoticeKind.LOW_BALANCE, key=key, facts=SPENT)
            await outbox.queue(conn, [notice], now=NOON)
        await conn.execute("UPDATE mail SET state = 'refused', due_at = NULL WHERE key = 'two'")

    async with running(settings, dsn, SystemClock()) as process:
        async with asyncio.timeout(20):
            while process.context.metrics.mails_refused._value.get() != 1 or not smtp.received:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    assert len(smtp.received) == 1
    assert b"\ngateway_mails_waiting " in process.context.metrics.render()
    assert b'gateway_mails_total{result="sent"} 1.0' in process.context.metrics.render()
