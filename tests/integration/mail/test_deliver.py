"""Mails go out once, over one connection, whatever the SMTP server does (R32)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.mail.smtp import Mailer
from gateway.mail.smtp_url import read_smtp_url
from gateway.postgres.mail import outbox
from gateway.usecases.mail.deliver import MailDelivery
from tests.support.mail.post import PLAIN, SENDER, Post, open_post
from tests.support.mail.smtp import DROP, FakeSmtp, smtp_server
from tests.support.world import NOON


@pytest.fixture
async def smtp() -> AsyncIterator[FakeSmtp]:
    async with smtp_server() as server:
        yield server


@pytest.fixture
async def post(dsn: str, tmp_path: Path, smtp: FakeSmtp) -> AsyncIterator[Post]:
    async with open_post(dsn, tmp_path, smtp.url(options=PLAIN)) as opened:
        yield opened


async def test_r32_a_mail_is_sent_once_and_says_so(post: Post, smtp: FakeSmtp) -> None:
    await post.queue("one")

    with capture_logs() as logs:
        await post.work()

    mail = await post.mail()
    [message] = smtp.received
    assert (mail.state, mail.tries, mail.sent_at, mail.next_at) == ("sent", 1, NOON, None)
    assert mail.last_reply == "250 OK"
    assert message["Message-ID"] == mail.message_id
    assert message["To"] == "a@b.example"
    assert mail.message_id.endswith("@gw.example>")
    assert [(line["event"], line["mail_id"], line["tries"]) for line in logs] == [("mail.sent", mail.id, 1)]
    assert post.count("sent") == 1


async def test_r32_many_mails_go_over_one_connection_each_once(post: Post, smtp: FakeSmtp) -> None:
    await post.queue(*map(str, range(200)))

    await post.work()

    assert smtp.connections == 1
    assert sorted(smtp.ids) == sorted(mail.message_id for mail in await post.mails())
    assert set(smtp.ids.values()) == {1}


async def test_r32_each_mail_is_marked_sent_before_the_next_is_begun(post: Post, smtp: FakeSmtp) -> None:
    await post.queue("one", "two")
    smtp.held = asyncio.Event()

    working = asyncio.create_task(post.work())
    await smtp.reached_data.wait()
    smtp.reached_data.clear()
    smtp.held.set()
    smtp.held = asyncio.Event()
    await smtp.reached_data.wait()

    assert sorted((mail.state, mail.tries) for mail in await post.mails()) == [("queued", 1), ("sent", 1)]
    smtp.held.set()
    await working


async def test_r32_without_a_server_in_the_settings_mails_wait_and_none_is_given_up(dsn: str, tmp_path: Path) -> None:
    async with open_post(dsn, tmp_path, None) as post:
        await post.queue("one")
        post.clock.advance(30 * 86_400)

        await post.work()

        assert ((await post.mail()).state, (await post.mail()).tries) == ("queued", 0)


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_r32_a_4xx_puts_a_mail_off_with_growing_delay_and_the_same_message_id(
    post: Post, smtp: FakeSmtp, command: str
) -> None:
    await post.queue("one")
    smtp.replies[command] = ["451 4.3.0 try later"] * 8

    delays = []
    for _ in range(8):
        await post.work()
        mail = await post.mail()
        assert (mail.state, mail.last_reply) == ("queued", "451 4.3.0 try later")
        delays.append((mail.next_at - post.clock.now()) / timedelta(minutes=1))
        post.clock.at = mail.next_at
        first_id = mail.message_id
    await post.work()

    for least, delay in zip((1, 2, 4, 8, 16, 32, 60, 60), delays, strict=True):
        assert least <= delay <= 1.25 * least
    mail = await post.mail()
    assert (mail.state, mail.tries, mail.message_id) == ("sent", 9, first_id)
    assert smtp.ids == {first_id: 1}
    assert smtp.connections == 1
    assert post.count("deferred") == 8


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_r32_a_5xx_stops_a_mail_for_good_and_not_the_next(post: Post, smtp: FakeSmtp, command: str) -> None:
    await post.queue("one")
    await post.queue("two")
    smtp.replies[command] = ["550 5.1.1 nobody here"]

    with capture_logs() as logs:
        await post.work()
    post.clock.advance(86_400)
    await post.work()

    second, first = await post.mails()
    assert (first.state, first.tries, first.last_reply) == ("refused", 1, "550 5.1.1 nobody here")
    assert (second.state, smtp.connections, len(smtp.received)) == ("sent", 1, 1)
    assert [(line["event"], line["log_level"]) for line in logs] == [("mail.refused", "error"), ("mail.sent", "info")]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("reply", ["421 4.3.2 closing", "530 5.7.0 authentication required"])
async def test_r32_what_is_about_the_server_is_not_blamed_on_a_mail(
    post: Post, smtp: FakeSmtp, command: str, reply: str
) -> None:
    await post.queue("one")
    # A mail that was not even begun is tried on a second connection at once.
    smtp.replies[command] = [reply] * (2 if command == "MAIL" else 1)

    with capture_logs() as logs:
        await post.work()
    mail = await post.mail()
    post.clock.at = mail.next_at
    await post.work()

    assert (mail.state, mail.tries, mail.last_reply) == ("queued", 0, reply)
    assert [line["event"] for line in logs] == ["mail.server_lost"]
    assert ((await post.mail()).state, (await post.mail()).tries, len(smtp.received)) == ("sent", 1, 1)


async def test_r32_an_answer_lost_after_data_has_the_mail_sent_again_with_the_same_message_id(
    post: Post, smtp: FakeSmtp
) -> None:
    await post.queue("one")
    smtp.replies["DATA"] = [DROP]

    await post.work()
    mail = await post.mail()
    post.clock.at = mail.next_at
    await post.work()

    assert (mail.state, mail.tries) == ("queued", 1)
    assert "not known whether it was taken" in mail.last_reply
    assert (await post.mail()).state == "sent"
    assert smtp.ids == {mail.message_id: 2}


async def test_r32_a_connection_lost_before_the_mail_was_named_is_made_anew(post: Post, smtp: FakeSmtp) -> None:
    await post.queue("one")
    await post.work()
    smtp.hang_up()

    await post.queue("two")
    await post.work()
    smtp.replies["MAIL"] = ["421 4.4.2 you were idle for too long"]
    await post.queue("three")
    await post.work()

    assert [mail.state for mail in await post.mails()] == ["sent"] * 3
    assert (set(smtp.ids.values()), smtp.connections) == ({1}, 3)


async def test_r32_a_connection_lost_at_rcpt_puts_that_mail_off(post: Post, smtp: FakeSmtp) -> None:
    await post.queue("one", "two")
    smtp.replies["RCPT"] = [DROP]

    await post.work()

    assert sorted((mail.state, mail.tries) for mail in await post.mails()) == [("queued", 1), ("sent", 1)]


async def test_r32_a_server_that_is_away_has_nothing_claimed_and_is_found_when_it_is_back(
    dsn: str,
    tmp_path: Path,
) -> None:
    async with smtp_server() as gone:
        port = gone.port
    async with open_post(dsn, tmp_path, f"smtp://127.0.0.1:{port}{PLAIN}") as post:
        await post.queue("one")

        with capture_logs() as logs:
            for _ in range(5):
                await post.work()
                post.clock.advance(60)
        waiting = await post.mail()
        async with smtp_server(port=port) as smtp:
            with capture_logs() as found:
                await post.work()

        assert (waiting.state, waiting.tries, waiting.message_id) == ("queued", 0, None)
        assert [line["event"] for line in logs] == ["mail.server_lost"]
        assert [line["event"] for line in found] == ["mail.server_found", "mail.sent"]
        assert len(smtp.received) == 1


async def test_r32_a_server_that_is_away_is_not_asked_at_every_turn(dsn: str, tmp_path: Path) -> None:
    async with smtp_server() as gone:
        port = gone.port
    async with open_post(dsn, tmp_path, f"smtp://127.0.0.1:{port}{PLAIN}") as post:
        await post.queue("one")
        await post.work()

        async with smtp_server(port=port) as smtp:
            await post.work()
            assert smtp.connections == 0
            post.clock.advance(2)
            await post.work()
            assert smtp.connections == 1


async def test_r32_after_three_days_a_mail_is_given_up(post: Post, smtp: FakeSmtp) -> None:
    await post.queue("one")
    smtp.replies["RCPT"] = ["451 later"] * 200

    with capture_logs() as logs:
        while (mail := await post.mail()).state == "queued":
            post.clock.at = mail.next_at
            await post.work()

    assert timedelta(days=3) <= post.clock.now() - NOON < timedelta(days=3, hours=1.5)
    assert mail.first_tried_at == NOON
    assert (mail.state, mail.last_reply) == ("given_up", "451 later")
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["mail.given_up"]
    assert (post.count("given_up"), mail.tries) == (1, len(smtp.commands) // 2)


async def test_r32_while_the_server_is_away_mails_tried_three_days_ago_are_given_up_but_not_at_once(
    dsn: str, tmp_path: Path, smtp: FakeSmtp
) -> None:
    smtp.replies["RCPT"] = ["451 later"]
    async with open_post(dsn, tmp_path, smtp.url(options=PLAIN)) as before:
        await before.queue("tried")
        await before.work()
        clock = before.clock
    async with smtp_server() as gone:
        port = gone.port
    async with open_post(dsn, tmp_path, f"smtp://127.0.0.1:{port}{PLAIN}", clock=clock) as post:
        await post.queue("not tried")
        clock.advance(3 * 86_400)

        # No process was alive all the time: this one tries for an hour before it gives anything up.
        await post.work()
        states = [mail.state for mail in await post.mails()]
        clock.advance(3600)
        await post.work()

        assert states == ["queued", "queued"]
        waiting, tried = await post.mails()
        assert (waiting.state, tried.state, tried.tries) == ("queued", "given_up", 1)
        assert "no SMTP server at" in tried.last_reply


async def test_r32_a_server_that_is_away_for_three_days_has_what_waited_all_the_time_given_up(
    dsn: str, tmp_path: Path
) -> None:
    async with smtp_server() as gone:
        port = gone.port
    async with open_post(dsn, tmp_path, f"smtp://127.0.0.1:{port}{PLAIN}") as post:
        await post.queue("old")
        await post.work()
        post.clock.advance(3600)
        await post.queue("new")
        post.clock.advance(3 * 86_400 - 3601)
        await post.work()
        states = [mail.state for mail in await post.mails()]
        post.clock.advance(60)
        await post.work()

        assert states == ["queued", "queued"]
        assert [mail.state for mail in await post.mails()] == ["queued", "given_up"]


async def test_r32_a_mail_whose_server_goes_away_in_the_middle_for_three_days_is_given_up(
    post: Post, smtp: FakeSmtp
) -> None:
    await post.queue("one")
    smtp.replies["DATA"] = ["421 4.7.0 go away"] * 2
    await post.work()
    state = (await post.mail()).state
    post.clock.advance(3 * 86_400)

    await post.work()

    assert state == "queued"
    assert ((await post.mail()).state, (await post.mail()).last_reply) == ("given_up", "421 4.7.0 go away")


@pytest.mark.parametrize(
    ("command", "reply"), [("RCPT", "450 4.2.0 greylisted, try again in 5 minutes"), ("MAIL", "421 4.7.0 too many")]
)
async def test_r32_what_waited_for_a_server_in_the_settings_has_its_three_days_from_the_first_try(
    dsn: str, tmp_path: Path, smtp: FakeSmtp, command: str, reply: str
) -> None:
    async with open_post(dsn, tmp_path, None) as without:
        await without.queue("one")
        await without.work()
        clock = without.clock
    clock.advance(30 * 86_400)
    async with open_post(dsn, tmp_path, smtp.url(options=PLAIN), clock=clock) as post:
        smtp.replies[command] = [reply] * 2
        await post.work()
        mail = await post.mail()
        clock.at = mail.next_at
        smtp.replies.clear()
        await post.work()

        assert (mail.state, mail.first_tried_at, mail.last_reply) == ("queued", NOON + timedelta(days=30), reply)
        assert (await post.mail()).state == "sent"


async def test_r32_a_mail_that_is_sent_again_has_three_days_anew(post: Post, smtp: FakeSmtp) -> None:
    await post.queue("one")
    smtp.replies["RCPT"] = ["550 no", "451 later"]
    await post.work()
    post.clock.advance(30 * 86_400)
    async with post.context.pool.acquire() as conn:
        assert await outbox.send_again(conn, mail_id=(await post.mail()).id, now=post.clock.now())
    again = (await post.mail()).first_tried_at

    await post.work()

    assert (again, (await post.mail()).first_tried_at) == (None, post.clock.now())
    assert (await post.mail()).state == "queued"


async def test_r32_a_mail_that_cannot_be_written_waits_and_does_not_keep_the_next(post: Post, smtp: FakeSmtp) -> None:
    async with post.context.pool.acquire() as conn:
        await outbox.queue_operator(
            conn, recipient="op@gw.example", kind="from_a_newer_version", key="new", facts={}, now=NOON
        )
    await post.queue("one")

    with capture_logs() as logs:
        await post.work()

    one, new = await post.mails()
    assert (one.state, new.state, new.tries) == ("sent", "queued", 1)
    assert "could not be written" in new.last_reply
    assert [line["event"] for line in logs] == ["mail.unwritable", "mail.deferred", "mail.sent"]


async def test_r32_a_slow_server_is_waited_for_and_a_silent_one_is_not(post: Post, smtp: FakeSmtp) -> None:
    await post.queue("one")
    smtp.held = asyncio.Event()
    hasty = Mailer(read_smtp_url(smtp.url(options=PLAIN)), sender=SENDER, command_s=0.1)
    silent = MailDelivery(replace(post.context, mailer=hasty))

    await silent.once()
    mail = await post.mail()
    smtp.held.set()
    smtp.held = None
    post.clock.at = mail.next_at
    await post.work()
    await hasty.close()

    assert (mail.state, mail.tries) == ("queued", 1)
    assert "not known whether it was taken" in mail.last_reply
    assert (await post.mail()).state == "sent"
