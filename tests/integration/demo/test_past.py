"""The demo's world as it stands when somebody opens it first."""

from datetime import timedelta

import pytest

from gateway.demo.building import build_world
from gateway.demo.calls import SIGNED
from gateway.demo.world import FRANCE_SUSPENDED
from gateway.domain.calls.refusals import Refusal
from gateway.domain.connection import Connection
from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.accounts.check_ledger import check_ledger
from tests.support.world import FakeClock

CONNECTION = Connection(name=SIGNED, kind="native", secrets=("c2VjcmV0",), control_url="http://127.0.0.1:9/demo")


@pytest.fixture
async def conn(dsn: str, pool: Pool) -> PgConnection:
    async with pool.acquire() as conn:
        await build_world(dsn, FakeClock(), CONNECTION)
        yield conn


async def test_a_call_was_refused_by_every_code(conn: PgConnection) -> None:
    found = await conn.fetch("SELECT provider_call_id, reason FROM call WHERE state = 'refused'")

    assert {row["reason"] for row in found} | {"call_ended"} >= {each.value for each in Refusal}
    for row in found:
        told = row["provider_call_id"].removeprefix("past-")
        assert told in (row["reason"], "plain") or told not in set(Refusal), row


async def test_three_accounts_called_six_countries_for_thirty_days(conn: PgConnection) -> None:
    row = await conn.fetchrow(
        """
        SELECT count(DISTINCT call.account_id) AS accounts, count(DISTINCT rate.country) AS countries,
            count(DISTINCT call.started_at::date) AS days, count(*) AS calls
        FROM call
        LEFT JOIN rate ON rate.id = call.rate_id AND rate.country <> ''
        WHERE call.state = 'ended'
        """
    )

    assert (row["accounts"], row["countries"]) >= (3, 6)
    assert row["days"] >= 30
    assert row["calls"] > 400


async def test_the_books_agree_and_nothing_is_up(conn: PgConnection) -> None:
    checked = await check_ledger(conn)

    assert checked.ok, checked.differences
    assert await conn.fetchval("SELECT count(*) FROM live_call") == 0


async def test_a_number_is_on_day_58_of_its_reserve(conn: PgConnection) -> None:
    row = await conn.fetchrow("SELECT state, due_on, reserved_until FROM line WHERE name = '+442079460158'")

    assert row["state"] == "suspended"
    assert FakeClock().now().date() - row["due_on"] == timedelta(days=58)
    assert row["reserved_until"] > FakeClock().now()


async def test_a_number_is_suspended_whose_rent_nobody_paid(conn: PgConnection) -> None:
    row = await conn.fetchrow("SELECT state, due_on, rent FROM line WHERE name = $1", FRANCE_SUSPENDED)

    assert (row["state"], row["rent"]) == ("suspended", 45)
    assert FakeClock().now().date() - row["due_on"] == timedelta(days=9)


async def test_a_mail_bounced_a_balance_is_low_and_a_price_changes_next_month(conn: PgConnection) -> None:
    mails = {row["state"]: row["count"] for row in await conn.fetch("SELECT state, count(*) FROM mail GROUP BY state")}
    low = await conn.fetchval("SELECT balance FROM account WHERE name LIKE 'Clara%'")

    assert mails["refused"] >= 1
    assert mails.get("queued", 0) == 0
    assert 0 < low < 3
    assert await conn.fetchval("SELECT count(*) FROM rate WHERE valid_from > $1", FakeClock().now()) == 1


async def test_the_stories_begin_with_the_same_money(conn: PgConnection) -> None:
    assert await conn.fetchval("SELECT balance FROM account WHERE name LIKE 'Anna%'") == 1


async def test_what_is_there_is_not_lived_through_again(conn: PgConnection, dsn: str) -> None:
    calls = await conn.fetchval("SELECT count(*) FROM call")

    await build_world(dsn, FakeClock(), CONNECTION)

    assert await conn.fetchval("SELECT count(*) FROM call") == calls
