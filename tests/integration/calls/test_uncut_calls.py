"""What cannot be cut is told to the operator, once for each call (R18)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.postgres.calls import live_calls
from gateway.postgres.mail import outbox
from gateway.postgres.mail.outbox import MailRow
from gateway.usecases.calls.cut import CLAIMS
from tests.support import world
from tests.support.running import Gateway, gateway_on


@asynccontextmanager
async def one_call(dsn: str, data: Path, *, operator_email: str | None = "op@gw.example") -> AsyncIterator[Gateway]:
    """A call that has been up for an hour and 59 seconds."""
    async with gateway_on(dsn, data, operator_email=operator_email) as gateway:
        async with gateway.process.context.pool.acquire() as conn:
            await world.number(conn, await world.account(conn), "+15550100001")
            await world.rate(conn, "44")
        await gateway.start("1")
        await gateway.answer("1")
        gateway.clock.advance(3600 + 59)
        yield gateway


async def mails(gateway: Gateway) -> list[MailRow]:
    async with gateway.process.context.pool.acquire() as conn:
        return await outbox.page(conn, account_id=None, state=None, before=None, limit=10)


async def test_r18_a_call_that_cannot_be_cut_is_mailed_to_the_operator_once(dsn: str, tmp_path: Path) -> None:
    async with one_call(dsn, tmp_path) as gateway:
        gateway.provider.hang_up_status = 500
        await gateway.cut()
        early = await mails(gateway)

        for _ in range(4):
            gateway.clock.advance(300)
            await gateway.cut()

        [mail] = await mails(gateway)
        assert early == []
        assert (mail.account_id, mail.kind, mail.recipient, mail.language) == (
            None,
            "call_uncut",
            "op@gw.example",
            "en",
        )
        assert mail.key == f"call_uncut:{mail.facts['call_id']}"
        assert mail.facts["connection"] == "pbx"
        assert mail.facts["attempts"] == 3


async def test_r18_a_provider_that_takes_the_request_and_does_not_obey_is_told_too(dsn: str, tmp_path: Path) -> None:
    async with one_call(dsn, tmp_path) as gateway:
        for _ in range(3):
            await gateway.cut()
            gateway.clock.advance(300)

        assert [mail.kind for mail in await mails(gateway)] == ["call_uncut"]


async def test_r18_a_process_that_dies_after_its_claim_is_followed_within_two_seconds(dsn: str, tmp_path: Path) -> None:
    async with one_call(dsn, tmp_path) as gateway:
        gateway.clock.advance(1)
        async with gateway.process.context.pool.acquire() as conn:
            claimed = await live_calls.claim_cuts(conn, now=gateway.clock.now(), delays=CLAIMS, limit=1)

        gateway.clock.advance(1.5)
        await gateway.cut()

        assert len(claimed) == len(gateway.provider.hang_ups()) == 1


async def test_r18_calls_that_fell_due_while_nobody_was_alive_are_cut_without_a_mail(dsn: str, tmp_path: Path) -> None:
    async with one_call(dsn, tmp_path) as gateway:
        gateway.clock.advance(3600)

        await gateway.cut()

        assert len(gateway.provider.hang_ups()) == 1
        assert await mails(gateway) == []


async def test_r18_without_an_operators_address_nothing_is_mailed(dsn: str, tmp_path: Path) -> None:
    async with one_call(dsn, tmp_path, operator_email=None) as gateway:
        gateway.provider.hang_up_status = 500
        for _ in range(3):
            await gateway.cut()
            gateway.clock.advance(300)

        assert await mails(gateway) == []
