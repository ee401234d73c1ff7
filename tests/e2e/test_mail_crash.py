"""kill -9 in the middle of the outbox loses no mail and sends none twice, but where the answer was lost (R32, R38)."""

import os
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.domain.mail.notices import Notice, NoticeKind
from gateway.postgres.mail import outbox
from tests.support import world
from tests.support.mail.smtp import FakeSmtp, smtp_server
from tests.support.processes import Installation, connected, until

# By hand: GATEWAY_TEST_MAILS=10000
MAILS = int(os.environ.get("GATEWAY_TEST_MAILS", "2000"))
# At a tenth of the pace that is asked for.
PATIENCE_S = 60 + MAILS / 20
FACTS = {"balance": "3.5", "minimum": "4", "spent": "20", "window_days": 10, "days_ahead": 2}


def installation(data: Path, dsn: str, server: FakeSmtp) -> Installation:
    environment = {"GATEWAY_SMTP_URL": server.url(options="?tls=none"), "GATEWAY_MAIL_FROM": "gw@gw.example"}
    return Installation(data=data, database_url=dsn, environment=environment)


@pytest.mark.slow
async def test_r32_kill_9_in_the_middle_of_the_outbox_loses_no_mail_and_doubles_none(dsn: str, tmp_path: Path) -> None:
    async with smtp_server() as server, connected(dsn) as conn:
        account = await world.account(conn)
        notices = [
            Notice(account_id=account, kind=NoticeKind.LOW_BALANCE, key=f"mail-{number}", facts=FACTS)
            for number in range(MAILS)
        ]
        assert await outbox.queue(conn, notices, now=SystemClock().now()) == MAILS

        async with installation(tmp_path / "first", dsn, server).serve() as first:
            await until(lambda: len(server.received) > MAILS / 3, PATIENCE_S)
            await first.kill()
        in_hand = await conn.fetch("SELECT message_id FROM mail WHERE state = 'queued' AND message_id IS NOT NULL")
        # Nobody waits five minutes here for the claim of the dead to be over.
        await conn.execute("UPDATE mail SET due_at = queued_at WHERE state = 'queued'")
        async with installation(tmp_path / "second", dsn, server).run("work") as second:
            await until(
                lambda: conn.fetchval("SELECT NOT EXISTS (SELECT FROM mail WHERE state = 'queued')"), PATIENCE_S
            )
            assert await second.stop() == 0

        ids = {row["message_id"] for row in await conn.fetch("SELECT message_id FROM mail WHERE state = 'sent'")}
        twice = {message_id for message_id, times in server.ids.items() if times > 1}
        assert len(ids) == MAILS
        assert server.ids.keys() == ids
        # One was under way or claimed; if it was taken before the kill, its answer was lost.
        assert len(in_hand) == 1
        assert twice <= {row["message_id"] for row in in_hand}
        assert all(server.ids[message_id] == 2 for message_id in twice)
