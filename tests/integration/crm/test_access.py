"""Access to a CRM by an application: tokens are fetched once for all processes, and kept unreadable."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.domain.connection import Connection
from gateway.postgres.types import Pool
from gateway.usecases.crm.register import registrars
from tests.providers.bitrix24.portal import (
    FakePortal,
    portal_connection,
    registrar_of,
    states,
    talk,
    told,
    turn,
)
from tests.support.running import Gateway, gateway_on

OLD_KEY, NEW_KEY = "o" * 32, "n" * 32


@pytest.fixture
async def application(dsn: str, tmp_path: Path, portal: FakePortal, account: int) -> AsyncIterator[Gateway]:
    portal.access = "of another hour"
    async with gateway_on(dsn, tmp_path, connections={"b24": oauth(portal, account)}) as running:
        yield running


def oauth(portal: FakePortal, account: int, refresh: str = "first") -> Connection:
    tokens = {"client_id": "local.1", "client_secret": "s", "refresh_token": refresh}
    return portal_connection(portal, account, oauth_url=f"{portal.url}/oauth/token/", **tokens)


async def test_an_application_fetches_its_tokens_and_keeps_them(
    application: Gateway, portal: FakePortal, pool: Pool
) -> None:
    registrar = await registrar_of(application)
    await talk(application)
    await turn(registrar)
    assert (portal.refreshed, await states(pool)) == (1, ["finished"])

    application.clock.advance(3_500)
    await talk(application, "b")
    await turn(registrar)
    assert portal.refreshed == 1
    application.clock.advance(50)
    await talk(application, "c")
    await turn(registrar)
    assert (portal.refreshed, len(portal.finished)) == (2, 3), "by the refresh token that came with the first"


async def test_a_token_that_is_over_before_its_time_is_replaced(
    application: Gateway, portal: FakePortal, pool: Pool
) -> None:
    registrar = await registrar_of(application)
    portal.access = "of another application"
    await talk(application)
    await turn(registrar)
    assert await told(pool) == [("queued", 0, "401 expired_token x")]

    application.clock.advance(60)
    await turn(registrar)
    assert (portal.refreshed, await states(pool)) == (2, ["finished"])


async def test_a_refresh_token_that_is_refused_is_tried_every_two_minutes(
    application: Gateway, portal: FakePortal, pool: Pool
) -> None:
    portal.refresh = "taken back"
    registrar = await registrar_of(application)
    await talk(application)
    await turn(registrar)
    await turn(registrar)
    assert (portal.refreshed, portal.asked) == (1, [])

    portal.refresh = "first"
    application.clock.advance(120)
    await turn(registrar)
    assert (portal.refreshed, await states(pool)) == (2, ["finished"])


async def test_a_refresh_token_that_somebody_configured_anew_counts(
    dsn: str, tmp_path: Path, application: Gateway, portal: FakePortal, account: int
) -> None:
    await registrar_of(application)
    portal.refresh = "installed again"
    async with gateway_on(
        dsn, tmp_path / "two", connections={"b24": oauth(portal, account, "installed again")}
    ) as gateway:
        registrar = await registrar_of(gateway)
        await talk(gateway)
        await turn(registrar)

    assert (portal.refreshed, len(portal.finished)) == (2, 1)


async def test_only_one_process_fetches_a_token(
    dsn: str, tmp_path: Path, application: Gateway, portal: FakePortal, account: int
) -> None:
    async with gateway_on(
        dsn, tmp_path / "two", clock=application.clock, connections={"b24": oauth(portal, account)}
    ) as other:
        both = [*registrars(application.process.context), *registrars(other.process.context)]
        await asyncio.gather(*(turn(each) for each in both))

    assert portal.refreshed == 1


async def kept(pool: Pool) -> dict[str, str]:
    return dict(await pool.fetchrow("SELECT token_seed, access_token, refresh_token FROM crm_portal"))


async def test_no_token_can_be_read_in_the_database(application: Gateway, portal: FakePortal, pool: Pool) -> None:
    registrar = await registrar_of(application)
    await talk(application)
    await turn(registrar)

    text = " ".join((await kept(pool)).values())
    assert portal.refreshed == 1
    assert [secret for secret in ("first", portal.access, portal.refresh) if secret in text] == []


@pytest.mark.parametrize(
    ("keys", "refreshed"),
    [((OLD_KEY,), 1), ((NEW_KEY, OLD_KEY), 1), ((NEW_KEY,), 2)],
    ids=["the same key", "a new key before it", "another key alone"],
)
async def test_tokens_are_read_by_any_of_the_keys(
    dsn: str, tmp_path: Path, portal: FakePortal, account: int, *, keys: tuple[str, ...], refreshed: int
) -> None:
    """With no key that opens them, they are fetched anew, by the token of the settings."""
    connections = {"b24": oauth(portal, account)}
    for number, ours in enumerate(((OLD_KEY,), keys)):
        async with gateway_on(dsn, tmp_path / str(number), connections=connections, encryption_keys=ours) as gateway:
            registrar = await registrar_of(gateway)
            await talk(gateway, str(number))
            await turn(registrar)
        portal.refresh = "first"

    assert (portal.refreshed, len(portal.finished)) == (refreshed, 2)


async def test_tokens_that_were_kept_before_any_was_sealed_are_used_and_replaced_by_sealed_ones(
    application: Gateway, portal: FakePortal, pool: Pool
) -> None:
    registrar = await registrar_of(application)
    await talk(application)
    await turn(registrar)
    access, refresh = portal.access, portal.refresh
    await pool.execute("UPDATE crm_portal SET access_token = $1, refresh_token = $2", access, refresh)

    await talk(application, "b")
    await turn(registrar)
    assert (portal.refreshed, len(portal.finished)) == (1, 2)

    application.clock.advance(3_600)
    await talk(application, "c")
    await turn(registrar)
    assert (portal.refreshed, len(portal.finished)) == (2, 3), "by the refresh token that was kept"
    assert {access, refresh} & set((await kept(pool)).values()) == set()
