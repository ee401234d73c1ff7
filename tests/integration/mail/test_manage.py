"""`gateway mail`: what was sent and what was not, and what an account gets (R31, R32)."""

from pathlib import Path

import pytest

from gateway.domain.mail.notices import SWITCHABLE, Notice, NoticeKind
from gateway.postgres.mail import outbox
from gateway.postgres.types import Pool
from tests.support import world
from tests.support.command_line import Gateway, undone
from tests.support.world import NOON

RENT_DUE = {
    "line": "+4930123456",
    "line_kind": "number",
    "due_on": "2026-07-01",
    "rent": "4",
    "available": "1",
    "missing": "3",
    "held": "0",
}


@pytest.fixture
def command(dsn: str, tmp_path: Path):
    with undone():
        yield Gateway({"GATEWAY_DATABASE_URL": dsn, "GATEWAY_DATA": str(tmp_path), "HOME": str(tmp_path)})


@pytest.fixture
async def account(pool: Pool) -> int:
    async with pool.acquire() as conn:
        return await world.account(conn, currency="EUR")


async def queue(pool: Pool, account: int, *keys: str, kind: NoticeKind = NoticeKind.RENT_DUE) -> int:
    async with pool.acquire() as conn:
        notices = [Notice(account_id=account, kind=kind, key=key, facts=RENT_DUE) for key in keys]
        return await outbox.queue(conn, notices, now=NOON)


async def refuse(pool: Pool, key: str, state: str = "refused") -> int:
    async with pool.acquire() as conn:
        return await conn.fetchval(
            """
            UPDATE mail
            SET state = $2, due_at = NULL, tries = 3, last_reply = '550 nobody', message_id = '<1@gw.example>',
                sent_at = CASE $2 WHEN 'sent' THEN queued_at END
            WHERE key = $1
            RETURNING id
            """,
            key,
            state,
        )


async def test_r32_mails_are_listed_newest_first_by_account_and_state(command, pool: Pool, account: int) -> None:
    await queue(pool, account, "one", "two")
    async with pool.acquire() as conn:
        other = await world.account(conn)
    await queue(pool, other, "three")
    await refuse(pool, "two")

    everything = await command.json("mail", "list")
    ours = await command.json("mail", "list", "--account", str(account))
    refused = await command.json("mail", "list", "--account", str(account), "--state", "refused")
    page = await command.json("mail", "list", "--state", "queued", "--before", str(everything[0]["id"]), "--limit", "1")

    assert [mail["key"] for mail in everything] == ["three", "two", "one"]
    assert [mail["key"] for mail in ours] == ["two", "one"]
    assert [(mail["key"], mail["last_reply"]) for mail in refused] == [("two", "550 nobody")]
    assert [mail["key"] for mail in page] == ["one"]


async def test_r32_a_mail_is_shown_as_it_would_be_sent(command, pool: Pool, account: int) -> None:
    await queue(pool, account, "one")
    [mail] = await command.json("mail", "list")
    command.environ |= {
        "GATEWAY_MAIL_FROM": "Gateway <gw@gw.example>",
        "GATEWAY_MAIL_REPLY_TO": "billing@gw.example",
        "GATEWAY_TOP_UP_URL": "https://pay.example/{account_id}",
    }

    shown = await command.json("mail", "show", str(mail["id"]))
    printed = await command.run("mail", "show", str(mail["id"]))

    assert shown["headers"]["From"] == "Gateway <gw@gw.example>"
    assert shown["headers"]["Reply-To"] == "billing@gw.example"
    assert f"How to top up:\nhttps://pay.example/{account}\n" in shown["text"]
    assert shown["headers"]["Subject"] == "Payment of €4.00 due on July 1, 2026: +4930123456"
    assert "€3.00 is missing" in shown["text"].replace("\n", " ")
    assert (shown["state"], shown["tries"], shown["last_reply"]) == ("queued", 0, None)
    assert shown["text"] in printed.stdout
    assert "headers Subject" in printed.stdout


async def test_r32_a_mail_that_cannot_be_written_is_shown_all_the_same(command, pool: Pool, account: int) -> None:
    await queue(pool, account, "one", kind=NoticeKind.LOW_BALANCE)
    [mail] = await command.json("mail", "list")

    shown = await command.json("mail", "show", str(mail["id"]))

    assert "cannot be written" in shown["text"]


@pytest.mark.parametrize("state", ["refused", "given_up", "sent"])
async def test_r32_a_mail_that_is_over_can_be_sent_again_with_its_message_id(
    command, pool: Pool, account: int, state: str
) -> None:
    await queue(pool, account, "one")
    mail_id = str(await refuse(pool, "one", state))

    again = await command.json("mail", "send-again", mail_id)
    twice = await command.refused("mail", "send-again", mail_id)

    assert (again["state"], again["message_id"], again["tries"]) == ("queued", "<1@gw.example>", 0)
    assert again["queued_at"] > again["created_at"]
    assert "is in the queue: its next try is at" in twice


async def test_r31_kinds_of_mail_are_switched_off_and_on_for_an_account(command, pool: Pool, account: int) -> None:
    off = await command.json("mail", "settings", str(account), "--off", "rent_due", "--off", "low_balance")
    kept = await queue(pool, account, "one")
    on = await command.json("mail", "settings", str(account), "--on", "rent_due")
    queued = await queue(pool, account, "two")

    assert (off["off"], on["off"]) == (["low_balance", "rent_due"], ["low_balance"])
    assert set(off["on"]) | set(off["off"]) == {kind.value for kind in SWITCHABLE}
    assert (kept, queued) == (0, 1)
    assert await command.json("mail", "settings", str(account)) == on


async def test_r31_a_kind_that_is_none_is_refused_with_the_kinds_there_are(command, account: int) -> None:
    said = await command.refused("mail", "settings", str(account), "--off", "spam")
    operators = await command.refused("mail", "settings", str(account), "--off", "call_uncut")
    both = await command.refused("mail", "settings", str(account), "--off", "rent_due", "--on", "rent_due")

    assert "'spam' is no kind of mail; there are low_balance, line_suspended," in said
    assert "call_uncut" not in operators.partition(";")[2]
    assert "both off and on" in both


async def test_what_is_not_there_is_said(command) -> None:
    assert "there is no mail 7" in await command.refused("mail", "show", "7")
    assert "there is no mail 7" in await command.refused("mail", "send-again", "7")
    assert "there is no account 7" in await command.refused("mail", "settings", "7")
    assert "there is no account 7" in await command.refused("mail", "list", "--account", "7")
    assert "limit: must be from 1" in await command.refused("mail", "list", "--limit", "0")


async def test_r18_a_mail_to_the_operator_is_queued_once(pool: Pool) -> None:
    async with pool.acquire() as conn:
        queued = [
            await outbox.queue_operator(
                conn, recipient="op@gw.example", kind=NoticeKind.CALL_UNCUT, key="call_uncut:1", facts={}, now=NOON
            )
            for _ in range(2)
        ]

    assert queued == [True, False]
