"""SIGTERM: webhooks under way are finished, new ones refused, and nothing that was acknowledged is lost."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.domain.mail.notices import Notice, NoticeKind
from gateway.postgres.mail import outbox
from gateway.postgres.migrate import LOCK_KEY
from gateway.postgres.types import PgConnection
from tests.support import world
from tests.support.load import Load
from tests.support.mail.post import PLAIN, SENDER, SPENT
from tests.support.mail.smtp import FakeSmtp, smtp_server
from tests.support.processes import (
    Installation,
    Provider,
    a_rate,
    an_account,
    assert_books_are_right,
    connected,
    provider,
    until,
)

CALLERS = ("+15550100001", "+15550100002")
WITHIN_S = 10.0


@pytest.fixture
async def pbx() -> AsyncIterator[Provider]:
    async with provider() as opened:
        yield opened


@pytest.fixture
async def installation(dsn: str, tmp_path: Path) -> Installation:
    async with connected(dsn) as conn:
        await a_rate(conn)
        await an_account(conn, *CALLERS)
    return Installation(data=tmp_path, database_url=dsn)


async def test_under_load_nothing_that_was_acknowledged_is_lost(
    installation: Installation, dsn: str, pbx: Provider
) -> None:
    load = Load(pbx, CALLERS)
    for _ in range(3):
        async with installation.serve() as gateway:
            await load.resume(gateway.url)
            async with load.on(gateway.url):
                await asyncio.sleep(1)
                assert await gateway.stop() == 0

    async with installation.serve() as gateway, connected(dsn) as conn:
        await load.resume(gateway.url)
        assert {told.status for told in load.other} <= {503}
        starts, ends = load.acknowledged
        assert starts == ends == len(load.calls) > 50
        await load.assert_kept(conn)
        await assert_books_are_right(conn)
        assert await conn.fetchval("SELECT sum(held) FROM account") == 0


async def test_webhooks_under_way_are_finished_and_new_ones_refused(
    installation: Installation, dsn: str, pbx: Provider
) -> None:
    async with installation.serve() as gateway, connected(dsn) as conn:
        assert (await pbx.start(gateway.url, "a1", caller=CALLERS[0])).reply["action"] == "connect"

        async with conn.transaction():
            await conn.execute("SELECT FROM account FOR UPDATE")
            under_way = asyncio.create_task(pbx.end(gateway.url, "a1", seconds=90))
            await asyncio.sleep(0.2)  # it has reached the lock
            gateway.signal(signal.SIGTERM)
            await until(lambda: bool(gateway.events("server.stopping")))
            refused = await pbx.start(gateway.url, "a2", caller=CALLERS[0])
            not_ready = await pbx.get(gateway.url, "/readyz")
        told = await under_way

        assert (refused.status, refused.body) == (503, b"")
        assert (not_ready.status, not_ready.reply["problems"]) == (503, ["the process is stopping"])
        assert told.reply["charged"] == "0.060000"
        assert await gateway.wait(WITHIN_S) == 0
        assert await conn.fetchval("SELECT count(*) FROM call WHERE provider_call_id = 'a2'") == 0


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("serve", "--port", "0", "--processes", "2"), ("work",)])
async def test_a_gateway_that_is_told_to_stop_while_it_starts_ends_at_once(
    dsn: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    installation = Installation(data=tmp_path, database_url=dsn)
    async with connected(dsn) as conn, conn.transaction():
        await conn.execute("SELECT pg_advisory_xact_lock($1)", LOCK_KEY)
        async with installation.run(*command) as gateway:
            await until(lambda: bool(gateway.events("migration.awaited")))

            assert await gateway.stop() == 0


async def test_a_provider_that_hangs_does_not_keep_the_workers(dsn: str, tmp_path: Path, pbx: Provider) -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    asked = asyncio.Event()
    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/control"
    installation = Installation(data=tmp_path, database_url=dsn, control_url=url)
    async with server, connected(dsn) as conn:
        await a_rate(conn)
        await an_account(conn, *CALLERS)
        async with installation.serve() as gateway:
            for number in range(200):
                await pbx.start(gateway.url, f"a{number}", caller=CALLERS[0], connection="pbx")
            await conn.execute("UPDATE live_call SET must_end_at = now(), cut_due_at = now()")
            await asyncio.wait_for(asked.wait(), 10)

            begin = asyncio.get_running_loop().time()
            assert await gateway.stop() == 0
            assert asyncio.get_running_loop().time() - begin < WITHIN_S


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("work",)])
async def test_r32_a_mail_under_way_has_its_slow_answer_waited_for_and_is_not_sent_twice(
    dsn: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    async with smtp_server() as smtp, connected(dsn) as conn:
        smtp.held = asyncio.Event()
        await mails(conn, 2)
        async with with_mails(tmp_path, dsn, smtp).run(*command) as gateway:
            await asyncio.wait_for(smtp.reached_data.wait(), 20)
            begin = asyncio.get_running_loop().time()
            asyncio.get_running_loop().call_later(5, smtp.held.set)
            assert await gateway.stop() == 0

        assert asyncio.get_running_loop().time() - begin < WITHIN_S
        rows = await conn.fetch("SELECT state, tries, message_id FROM mail ORDER BY state")
        assert [(row["state"], row["tries"]) for row in rows] == [("queued", 0), ("sent", 1)]
        assert smtp.ids == {rows[1]["message_id"]: 1}


async def test_r32_an_answer_that_does_not_come_keeps_no_process_for_longer_than_a_stop_may_take(
    dsn: str, tmp_path: Path
) -> None:
    async with smtp_server() as smtp, connected(dsn) as conn:
        smtp.held = asyncio.Event()
        await mails(conn, 1)
        async with with_mails(tmp_path, dsn, smtp).serve() as gateway:
            await asyncio.wait_for(smtp.reached_data.wait(), 20)
            begin = asyncio.get_running_loop().time()
            assert await gateway.stop() == 0
            assert asyncio.get_running_loop().time() - begin < WITHIN_S

        smtp.held.set()
        assert [tuple(row) for row in await conn.fetch("SELECT state, tries FROM mail")] == [("queued", 1)]


def with_mails(data: Path, dsn: str, smtp: FakeSmtp) -> Installation:
    environment = {"GATEWAY_SMTP_URL": smtp.url(options=PLAIN), "GATEWAY_MAIL_FROM": SENDER}
    return Installation(data=data, database_url=dsn, environment=environment)


async def mails(conn: PgConnection, count: int) -> None:
    account = await world.account(conn)
    notices = [
        Notice(account_id=account, kind=NoticeKind.LOW_BALANCE, key=str(number), facts=SPENT) for number in range(count)
    ]
    assert await outbox.queue(conn, notices, now=SystemClock().now()) == count


async def test_workers_stop_promptly(installation: Installation) -> None:
    async with installation.run("work") as worker:
        await until(lambda: bool(worker.events("server.started")))

        begin = asyncio.get_running_loop().time()
        assert await worker.stop() == 0
        assert asyncio.get_running_loop().time() - begin < 2
