"""Pages of numbers and connectors: what happens to them next; rented, given up, kept, lost."""

from datetime import timedelta

import pytest

from gateway.domain.access.roles import Role
from tests.integration.pages.conftest import SignIn
from tests.integration.pages.test_calls import FORM, text_of
from tests.support import world
from tests.support.browser import Browser
from tests.support.running import Gateway
from tests.support.world import NOON

NUMBER = "+12125550101"


@pytest.fixture
async def account(gateway: Gateway) -> int:
    """An account with ten dollars in whose currency numbers of its country can be rented."""
    async with gateway.process.context.pool.acquire() as conn:
        account = await world.account(conn, balance="10")
        await world.rate(conn, "", "4", kind="rent", fee="1", country="US", category="geographic")
        return account


@pytest.fixture
async def administrator(sign_in: SignIn, account: int) -> Browser:
    return await sign_in(Role.ADMINISTRATOR, account)


async def test_a_number_is_rented_at_the_price_that_was_seen(
    gateway: Gateway, administrator: Browser, account: int
) -> None:
    place = f"/a/{account}/numbers/rent"

    prices = await text_of(administrator, f"{place}?country=United+States")
    price = await text_of(administrator, f"{place}?number=1+212+555+0101")
    form = FORM | {"number": NUMBER, "category": "geographic"}
    twice = [await administrator.post(place, form) for _ in range(2)]
    shown = await text_of(administrator, f"/a/{account}/numbers/{NUMBER}?done=rented")
    taken = await text_of(administrator, f"{place}?number={NUMBER.replace('+', '%2B')}")

    assert "$5.00" in prices
    assert "$5.00 now, then $4.00 on day 11 of each month." in price
    assert "Rent it for $5.00 now" in price
    assert {each.headers["Location"] for each in twice} == {f"/a/{account}/numbers/%2B12125550101?done=rented"}
    assert "paid until" in shown
    assert "Apr 11, 2026" in shown
    assert "is somebody&#39;s already" in taken
    async with gateway.process.context.pool.acquire() as conn:
        assert (await world.money(conn, account))[0] == 5


async def test_what_is_missing_for_a_number_is_said_before_the_click(
    gateway: Gateway, administrator: Browser, account: int
) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        await world.adjust(conn, account, "-7.5")
    place = f"/a/{account}/numbers/rent"

    price = await text_of(administrator, f"{place}?number=12125550101")
    refused = await administrator.post(place, FORM | {"number": NUMBER})

    assert "✕ $2.50 is missing for this." in price
    assert "Rent it for" not in price
    assert refused.status == 409
    assert "The money is not enough" in await refused.text()


async def test_a_number_is_given_up_and_kept_after_all(gateway: Gateway, administrator: Browser, account: int) -> None:
    await administrator.post(f"/a/{account}/numbers/rent", {"key": "rent", "number": NUMBER})
    place = f"/a/{account}/numbers/{NUMBER}"

    unsure = await administrator.post(f"{place}/give-up", FORM)
    given_up = await administrator.post(f"{place}/give-up", FORM | {"sure": "yes"})
    shown = await text_of(administrator, place)
    kept = await administrator.post(f"{place}/keep", FORM | {"key": "two"})
    lost = await administrator.post(f"{place}/lost", FORM | {"sure": "yes"})

    assert (unsure.status, given_up.status, kept.status, lost.status) == (422, 303, 303, 403)
    assert "given up, ends" in shown
    assert "Keep it after all" in shown
    assert "given up, ends" not in await text_of(administrator, place)


async def test_a_suspended_numbers_life_is_told_with_what_callers_hear(
    gateway: Gateway, administrator: Browser, sign_in: SignIn, account: int
) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        await world.number(conn, account, NUMBER, state="suspended")
        await conn.execute(
            "UPDATE line SET rent = 4, due_on = $2, anchor_day = 1, reserved_until = $3, calendar_due_at = $3"
            " WHERE name = $1",
            NUMBER,
            (NOON - timedelta(days=10)).date(),
            NOON + timedelta(days=50),
        )
        await conn.execute("UPDATE account SET main_number = '+12125550199' WHERE id = $1", account)

    own = await text_of(administrator, f"/a/{account}/numbers")
    operators = await text_of(await sign_in(Role.OPERATOR), "/numbers?state=suspended")

    assert "suspended since" in own
    assert "Mar 1, 2026" in own
    assert "reserved until, then lost" in own
    assert "Apr 30, 2026" in own
    assert "the number is engaged" in own
    assert "+1 212-555-0199, the main number" in own
    assert "✕ suspended" in operators
    assert "Its rent is not paid" in operators


async def test_an_operator_says_that_a_number_is_lost(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    operator = await sign_in(Role.OPERATOR)
    async with gateway.process.context.pool.acquire() as conn:
        await world.number(conn, account, NUMBER)

    done = await operator.post(f"/numbers/{NUMBER}/lost", FORM | {"sure": "yes"})

    assert done.headers["Location"] == "/numbers?done=lost"
    assert "✕ disconnected" in await text_of(operator, "/numbers?state=disconnected")


async def test_a_connector_is_subscribed_to_and_shown(administrator: Browser, account: int) -> None:
    place = f"/a/{account}/connectors/rent"

    unsure = await administrator.post(place, FORM | {"name": "office"})
    poor = await administrator.post(place, FORM | {"name": "office", "sure": "yes"})

    assert unsure.status == 422
    assert poor.status == 409
    assert "There are none" in await text_of(administrator, f"/a/{account}/connectors")


async def test_a_connector_has_its_page(gateway: Gateway, administrator: Browser, account: int) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        await world.connector(conn, account, "office")

    listed = await text_of(administrator, f"/a/{account}/connectors")
    shown = await text_of(administrator, f"/a/{account}/connectors/office")

    assert f'href="/a/{account}/connectors/office"' in listed
    assert "works, without rent" in shown


async def test_anothers_number_is_not_there(gateway: Gateway, administrator: Browser, sign_in: SignIn) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        other = await world.account(conn)
        await world.number(conn, other, NUMBER)
        mine = await world.account(conn)
    operator, stranger = await sign_in(Role.OPERATOR), await sign_in(Role.ADMINISTRATOR, mine)

    for browser in (operator, stranger):
        assert (await browser.get(f"/a/{mine}/numbers/{NUMBER}")).status == 404
        assert (await browser.post(f"/a/{mine}/numbers/{NUMBER}/give-up", FORM | {"sure": "yes"})).status == 404


async def test_a_number_is_given_to_another_account(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        await world.number(conn, account, NUMBER)
        taker = await world.account(conn)
        await conn.execute("UPDATE account SET name = 'Taker' WHERE id = $1", taker)
    operator = await sign_in(Role.OPERATOR)
    place = f"/numbers/{NUMBER}"

    page = await text_of(operator, place)
    form = FORM | {"account": str(taker)}
    unsure = await operator.post(f"{place}/move", form)
    nobody = await operator.post(f"{place}/move", form | {"account": "Taker", "sure": "yes"})
    twice = [await operator.post(f"{place}/move", form | {"sure": "yes", "key": "two"}) for _ in range(2)]
    after = await text_of(operator, twice[0].headers["Location"])

    assert f'<option value="{taker}">Taker</option>' in page
    assert f'<option value="{account}">' not in page
    assert (unsure.status, nobody.status) == (422, 422)
    assert {each.headers["Location"] for each in twice} == {"/numbers/%2B12125550101?done=moved"}
    assert "It is this account&#39;s now." in after
    assert f'<a href="/accounts/{taker}">Taker</a>' in after


async def test_lists_of_all_accounts_call_them_by_their_names(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        await world.number(conn, account, NUMBER)
    await gateway.start("a1", NUMBER, caller="+442079460000", direction="inbound")
    operator = await sign_in(Role.OPERATOR)

    for path in ("/numbers", "/calls", "/calls/live", "/calls/pbx:a1"):
        assert f'href="/accounts/{account}">Acme</a>' in await text_of(operator, path), path
