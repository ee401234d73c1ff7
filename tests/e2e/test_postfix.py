"""A mail goes through Debian's Postfix, by STARTTLS and login, into a mailbox on disk (R32)."""

import os
import tempfile
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.domain.mail.notices import Notice, NoticeKind
from gateway.postgres.mail import outbox
from tests.support import world
from tests.support.mail.postfix import POSTFIX, postfix
from tests.support.processes import Installation, connected, until

FACTS = {"line": "+4930123456", "line_kind": "number", "rent": "4", "due_on": "2026-08-15"}


async def test_r32_a_mail_arrives_through_postfix_by_starttls_and_login(dsn: str, tmp_path: Path) -> None:
    if POSTFIX is None or os.geteuid() != 0:
        assert not os.environ.get("CI"), ".ci/run installs Postfix, and runs as root"
        pytest.skip("needs Debian's postfix, and root to run it")
    with tempfile.TemporaryDirectory(prefix="gateway-postfix-") as directory:
        async with postfix(Path(directory)) as server, connected(dsn) as conn:
            account = await world.account(conn)
            notice = Notice(account_id=account, kind=NoticeKind.LINE_RESTORED, key="one", facts=FACTS)
            assert await outbox.queue(conn, [notice], now=SystemClock().now()) == 1
            environment = {"GATEWAY_SMTP_URL": server.url, "GATEWAY_MAIL_FROM": "Gateway <gw@gw.example>"}
            installation = Installation(data=tmp_path / "data", database_url=dsn, environment=environment)

            async with installation.run("work") as process:
                await until(lambda: len(server.mails()) == 1, 30)
                assert await process.stop() == 0

            [mail] = server.mails()
            row = await conn.fetchrow("SELECT state, message_id, last_reply FROM mail")
            assert row is not None
            assert (row["state"], row["message_id"]) == ("sent", mail["Message-ID"])
            assert row["last_reply"].startswith("250 2.0.0 Ok: queued as ")
            assert mail["Subject"] == "Works again: +4930123456"
            assert mail["Auto-Submitted"] == "auto-generated"
            text = mail.get_body(("plain",))
            assert text is not None
            assert "$4.00 has been paid" in text.get_content()
            assert "sasl_username=gateway" in server.log
