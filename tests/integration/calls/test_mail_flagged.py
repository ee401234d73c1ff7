"""The operator gets one mail a day with what was flagged the day before."""

from dataclasses import replace
from datetime import timedelta

from gateway.usecases.calls.shown.mail_flagged import mail_flagged_calls
from tests.support import calls, world
from tests.support.world import NOON


async def flagged(pool, *flags: str, days_ago: int) -> None:
    async with pool.acquire() as conn:
        await conn.execute(
            "UPDATE call SET flags = $1, flagged_at = $2", list(flags), NOON - timedelta(days=days_ago, hours=1)
        )


async def mails(pool) -> list[tuple[str, str]]:
    async with pool.acquire() as conn:
        return [
            (row["recipient"], row["key"]) for row in await conn.fetch("SELECT recipient, key FROM mail ORDER BY id")
        ]


async def world_with_a_call(pool) -> None:
    async with pool.acquire() as conn:
        await world.number(conn, await world.account(conn), "+15550100001")
        await world.rate(conn, "44")
        await calls.start(conn, "a1")


def told(gateway, *, operator: str | None = "op@gw.example"):
    context = gateway.process.context
    return replace(context, settings=replace(context.settings, operator_email=operator))


async def test_flagged_calls_of_yesterday_are_mailed_once(gateway, pool):
    await world_with_a_call(pool)
    await flagged(pool, "clock", "end_differs", days_ago=1)

    await mail_flagged_calls(told(gateway))
    await mail_flagged_calls(told(gateway))

    assert await mails(pool) == [("op@gw.example", "calls_flagged:2026-03-10")]
    async with pool.acquire() as conn:
        assert "clock: 1, end_differs: 1" in await conn.fetchval("SELECT facts::text FROM mail")


async def test_a_day_without_flags_has_no_mail_nor_has_a_gateway_without_an_operator(gateway, pool):
    await world_with_a_call(pool)
    await mail_flagged_calls(told(gateway))
    await flagged(pool, "clock", days_ago=0)
    await mail_flagged_calls(told(gateway))
    await flagged(pool, "clock", days_ago=1)
    await mail_flagged_calls(told(gateway, operator=None))

    assert await mails(pool) == []


async def test_a_call_that_is_flagged_long_after_it_was_made_is_mailed_then(gateway, pool):
    """Its end comes a second time, with other figures, three days later."""
    await world_with_a_call(pool)
    await gateway.start("b1")
    gateway.clock.advance(61)
    await gateway.end("b1", seconds=60)
    gateway.clock.advance(3 * 24 * 3600)
    await gateway.end("b1", seconds=50)
    gateway.clock.advance(24 * 3600)

    await mail_flagged_calls(told(gateway))

    assert await mails(pool) == [("op@gw.example", "calls_flagged:2026-03-14")]
    async with pool.acquire() as conn:
        assert "end_differs: 1" in await conn.fetchval("SELECT facts::text FROM mail")


async def test_a_refused_call_that_talks_all_the_same_is_mailed_to_the_operator(gateway, pool):
    """A provider that does not obey."""
    async with pool.acquire() as conn:
        await world.number(conn, await world.account(conn, balance="0"), "+15550100001")
        await world.rate(conn, "44")
    assert (await gateway.start("a1"))["action"] == "reject"
    await gateway.end("a1", seconds=600)
    gateway.clock.advance(24 * 3600)

    await mail_flagged_calls(told(gateway))

    async with pool.acquire() as conn:
        assert "refused: 1" in await conn.fetchval("SELECT facts::text FROM mail")
