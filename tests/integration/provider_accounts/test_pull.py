"""Voximplant's account callbacks by HTTP, and the truth that they have pulled: balances, lost numbers, payments."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gateway.domain.access.roles import Role
from gateway.domain.connection import Connection
from gateway.postgres.types import Pool
from gateway.providers.voximplant.callbacks import callbacks_url
from gateway.usecases.provider_accounts import pull
from gateway.usecases.provider_accounts.pull import AccountPuller, pullers
from tests.providers.voximplant.fake_platform import (
    FakePlatform,
    callback,
    detached,
    fake_platform,
    platform_connection,
)
from tests.support import world
from tests.support.api import api_client
from tests.support.running import Gateway, gateway_on

D = Decimal
SECRET = "shared-secret"
LINE, DIGITS = "+493023125101", "493023125101"


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    async with fake_platform() as fake:
        yield fake


@pytest.fixture
async def account(pool: Pool) -> int:
    async with pool.acquire() as conn:
        return await world.account(conn, balance="10")


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path, platform: FakePlatform, account: int) -> AsyncIterator[Gateway]:
    connection = platform_connection(platform, secret=SECRET, account=str(account))
    async with gateway_on(dsn, tmp_path, connections={"vox": connection}) as running:
        yield running


def puller_of(gateway: Gateway) -> AccountPuller:
    [found] = pullers(gateway.process.context)
    return found


async def poke(gateway: Gateway, body: bytes, *, status: int = 200) -> None:
    """Post as the platform does, to the address that the kit shows."""
    url = urlsplit(callbacks_url("/hooks/vox", gateway.process.context.settings.connections["vox"]))
    response = await gateway.client.post(f"{url.path}?{url.query}", data=body)
    assert response.status == status


async def state_of(pool: Pool, name: str) -> str:
    state: str = await pool.fetchval("SELECT state FROM line WHERE name = $1 ORDER BY id DESC LIMIT 1", name)
    return state


async def mails(pool: Pool) -> list[tuple[str, str | None]]:
    rows = await pool.fetch("SELECT kind, facts ->> 'why' AS why FROM mail ORDER BY id")
    return [(row["kind"], row["why"]) for row in rows]


async def rented(pool: Pool, account: int, name: str = LINE) -> None:
    async with pool.acquire() as conn:
        await world.rented(conn, account, name, date(2026, 4, 1))


# When it is asked.


async def test_an_account_is_asked_about_every_ten_minutes(gateway: Gateway, platform: FakePlatform) -> None:
    puller = puller_of(gateway)
    for seconds, times in ((0, 1), (599, 1), (1, 2)):
        gateway.clock.advance(seconds)
        assert not await puller.once()
        assert platform.asked.count("GetAccountInfo") == times

    metrics = gateway.process.context.metrics.render().decode()
    assert 'gateway_provider_balance{connection="vox",currency="USD"} 12.5' in metrics
    support = await api_client(gateway, Role.SUPPORT)
    [left] = (await support.get("/provider-balances")).data["data"]
    assert (left["connection"], left["balance"], left["currency"], left["is_frozen"]) == (
        "vox",
        "12.500000",
        "USD",
        False,
    )


async def test_a_callback_has_it_asked_at_once_but_not_without_end(gateway: Gateway, platform: FakePlatform) -> None:
    puller = puller_of(gateway)
    await puller.once()
    gateway.clock.advance(60)
    platform.is_frozen = True
    await poke(gateway, callback("account_is_frozen"))
    await puller.once()
    assert platform.asked.count("GetAccountInfo") == 2

    for number in range(5):
        await poke(gateway, callback("min_balance", number, is_min_credit=False, is_repeated=True))
        await puller.once()
    assert platform.asked.count("GetAccountInfo") == 2
    gateway.clock.advance(10)
    await puller.once()
    await puller.once()
    assert platform.asked.count("GetAccountInfo") == 3, "and once for all of them"


async def test_r33_a_callback_without_proof_has_nothing_asked(gateway: Gateway, platform: FakePlatform) -> None:
    puller = puller_of(gateway)
    await puller.once()
    gateway.clock.advance(60)

    response = await gateway.client.post("/hooks/vox", data=callback("min_balance"))
    await puller.once()

    assert (response.status, await response.read()) == (403, b"")
    assert platform.asked.count("GetAccountInfo") == 1


async def test_what_cannot_be_asked_keeps_nothing_else_and_is_tried_after_a_minute(
    gateway: Gateway, platform: FakePlatform, pool: Pool, account: int
) -> None:
    puller = puller_of(gateway)
    await puller.once()
    platform.paid(1, "5", "2026-03-11 12:05:00")
    platform.errors.extend([("GetAccountInfo", 340), ("GetPhoneNumbers", 100)])
    gateway.clock.advance(600)
    await puller.once()
    assert await balance(pool, account) == D(15)

    gateway.clock.advance(59)
    await puller.once()
    assert platform.asked.count("GetAccountInfo") == 2
    gateway.clock.advance(1)
    await puller.once()
    assert platform.asked.count("GetAccountInfo") == 3


async def test_a_connection_without_a_service_account_is_not_asked_about(dsn: str, tmp_path: Path) -> None:
    plain = Connection(name="vox", kind="voximplant", secrets=(SECRET,))
    async with gateway_on(dsn, tmp_path, connections={"vox": plain}) as gateway:
        assert pullers(gateway.process.context) == ()
        await poke(gateway, callback("min_balance"))


# R29: lost numbers.


async def test_r29_a_number_that_the_platform_took_away_is_disconnected_and_its_administrator_told(
    gateway: Gateway, platform: FakePlatform, pool: Pool, account: int
) -> None:
    await rented(pool, account)
    puller = puller_of(gateway)
    platform.numbers = [DIGITS, "493023125102"]
    await puller.once()

    platform.numbers.remove(DIGITS)
    gateway.clock.advance(60)
    await poke(gateway, detached(DIGITS))
    await puller.once()

    assert await state_of(pool, LINE) == "disconnected"
    assert await mails(pool) == [("line_disconnected", "lost")]
    gateway.clock.advance(60)
    await poke(gateway, detached(DIGITS))
    await puller.once()
    assert await mails(pool) == [("line_disconnected", "lost")]


async def test_r29_a_callback_that_comes_long_after_the_loss_still_counts(
    gateway: Gateway, platform: FakePlatform, pool: Pool, account: int
) -> None:
    await rented(pool, account)
    puller = puller_of(gateway)
    platform.numbers = [DIGITS]
    await puller.once()
    platform.numbers = []
    for _ in range(3):
        gateway.clock.advance(3600)
        await puller.once()
    assert await state_of(pool, LINE) == "active", "a number may also have been moved to another provider"

    gateway.clock.advance(10)
    await poke(gateway, detached(DIGITS))
    await puller.once()
    assert await state_of(pool, LINE) == "disconnected"


@pytest.mark.parametrize("where", ["numbers", "hidden"])
async def test_r29_a_callback_does_not_lose_a_number_that_is_still_there(
    gateway: Gateway, platform: FakePlatform, pool: Pool, account: int, where: str
) -> None:
    """Also where only the list is short."""
    await rented(pool, account)
    puller = puller_of(gateway)
    platform.numbers = [DIGITS]
    await puller.once()
    platform.numbers = []
    setattr(platform, where, [DIGITS])

    gateway.clock.advance(60)
    await poke(gateway, detached(DIGITS))
    await puller.once()

    assert await state_of(pool, LINE) == "active"
    assert await pool.fetchval("SELECT suspects FROM provider_account") == []


async def test_r29_the_platform_cannot_lose_what_it_never_had(
    gateway: Gateway, platform: FakePlatform, pool: Pool, account: int
) -> None:
    """A number of another provider's, named by somebody who had a good hash."""
    await rented(pool, account)
    puller = puller_of(gateway)
    await puller.once()

    gateway.clock.advance(60)
    await poke(gateway, detached(DIGITS))
    await puller.once()

    assert await state_of(pool, LINE) == "active"


async def test_r29_a_lost_number_that_is_nobodys_here_is_left_alone(
    gateway: Gateway, platform: FakePlatform, pool: Pool
) -> None:
    puller = puller_of(gateway)
    platform.numbers = [DIGITS]
    await puller.once()
    platform.numbers = []
    gateway.clock.advance(60)
    await poke(gateway, detached(DIGITS))
    await puller.once()

    assert await pool.fetchval("SELECT count(*) FROM line") == 0


async def test_long_lists_of_numbers_are_read_to_their_end(
    gateway: Gateway, platform: FakePlatform, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.providers.voximplant.account.PAGE", 2)
    platform.numbers = [f"49302312510{digit}" for digit in range(5)]
    await puller_of(gateway).once()
    assert await pool.fetchval("SELECT count(*) FROM provider_line") == 5

    monkeypatch.setattr(pull, "PAGES_MAX", 2)
    gateway.clock.advance(600)
    await puller_of(gateway).once()
    assert 'gateway_account_pulls_total{connection="vox",result="failed"} 1.0' in (
        gateway.process.context.metrics.render().decode()
    )


# R3: payments.


async def balance(pool: Pool, account: int) -> Decimal:
    async with pool.acquire() as conn:
        return (await world.money(conn, account))[0]


async def test_r3_a_payment_is_a_top_up_once(
    gateway: Gateway, platform: FakePlatform, pool: Pool, account: int
) -> None:
    puller = puller_of(gateway)
    platform.paid(54, "3", "2026-03-11 11:59:59")
    await puller.once()
    platform.paid(55, "20.5", "2026-03-11 12:00:30")
    platform.paid(56, "-0.03", "2026-03-11 12:00:31", transaction_type="resource_charge")

    for number in range(4):
        gateway.clock.advance(60)
        await poke(gateway, callback("card_payment", number, transaction_id=55, amount=999))
        await puller.once()

    assert await balance(pool, account) == D("30.5"), "not what the callback says, nor what was paid before we came"
    entry = await pool.fetchrow("SELECT kind, external_id, amount::numeric FROM ledger_entry ORDER BY id DESC LIMIT 1")
    assert tuple(entry) == ("top_up", "voximplant:vox:55", D("20.5"))


async def test_r25_a_payment_revives_a_suspended_number(
    gateway: Gateway, platform: FakePlatform, pool: Pool, account: int
) -> None:
    puller = puller_of(gateway)
    await puller.once()
    async with pool.acquire() as conn:
        await world.adjust(conn, account, "-9")
        await world.rented(conn, account, LINE, date(2026, 3, 11), calendar_due_at=world.NOON)
    await gateway.run_due()
    assert await state_of(pool, LINE) == "suspended"

    platform.paid(55, "5", "2026-03-11 12:00:30")
    gateway.clock.advance(60)
    await poke(gateway, callback("robokassa_payment", transaction_id=55, amount=5))
    await puller.once()

    assert await state_of(pool, LINE) == "active"
    assert await balance(pool, account) == D(2)


async def test_r24_a_payment_counts_from_when_it_is_booked_however_long_the_platform_took_to_tell_of_it(
    gateway: Gateway, platform: FakePlatform, pool: Pool, account: int
) -> None:
    puller = puller_of(gateway)
    await puller.once()
    async with pool.acquire() as conn:
        await world.adjust(conn, account, "-9")
        await world.rented(conn, account, LINE, date(2026, 3, 11), calendar_due_at=world.NOON)
    await gateway.run_due()
    reserved_until = await pool.fetchval("SELECT reserved_until FROM line WHERE name = $1", LINE)
    platform.paid(55, "5", "2026-05-10 21:59:00")
    platform.when_asked = lambda method: gateway.clock.advance(9 if method == "GetTransactionHistory" else 0)
    gateway.clock.at = reserved_until - timedelta(seconds=5)

    await puller.once()

    assert await state_of(pool, LINE) == "disconnected"
    assert await balance(pool, account) == D(6)


async def test_r3_a_payment_that_was_listed_late_or_during_an_outage_is_booked(
    gateway: Gateway, platform: FakePlatform, pool: Pool, account: int
) -> None:
    puller = puller_of(gateway)
    await puller.once()
    gateway.clock.advance(5 * 86_400)
    platform.paid(55, "5", "2026-03-12 09:00:00")
    await puller.once()
    assert await balance(pool, account) == D(15)
    gateway.clock.advance(600)
    platform.paid(56, "2", "2026-03-14 13:00:00")
    await puller.once()
    assert await balance(pool, account) == D(17)


async def test_a_payment_in_another_currency_is_not_booked(
    gateway: Gateway, platform: FakePlatform, pool: Pool, account: int
) -> None:
    puller = puller_of(gateway)
    await puller.once()
    platform.paid(55, "500", "2026-03-11 12:00:30", currency="RUR")
    platform.paid(56, "5", "2026-03-11 12:00:31")
    gateway.clock.advance(600)
    await puller.once()

    assert await balance(pool, account) == D(15)
    metrics = gateway.process.context.metrics.render().decode()
    assert 'gateway_payments_total{connection="vox",result="refused"} 1.0' in metrics


async def test_a_payment_for_an_account_that_is_not_there_is_told_and_nothing_else(
    dsn: str, tmp_path: Path, platform: FakePlatform
) -> None:
    connection = platform_connection(platform, secret=SECRET, account="4711")
    async with gateway_on(dsn, tmp_path, connections={"vox": connection}) as gateway:
        puller = puller_of(gateway)
        await puller.once()
        platform.paid(55, "5", "2026-03-11 12:00:30")
        gateway.clock.advance(600)
        await puller.once()

        assert 'result="refused"} 1.0' in gateway.process.context.metrics.render().decode()


async def test_payments_into_an_account_of_nobody_are_not_asked_for(
    dsn: str, tmp_path: Path, platform: FakePlatform
) -> None:
    connection = platform_connection(platform, secret=SECRET)
    async with gateway_on(dsn, tmp_path, connections={"vox": connection}) as gateway:
        await puller_of(gateway).once()

    assert platform.asked == ["GetAccountInfo", "GetPhoneNumbers"]
