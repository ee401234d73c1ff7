"""What an operator mends on the page of a call: an end that never came, and a CRM that is not told any more."""

import pytest

from gateway.domain.access.roles import Role
from tests.integration.pages.conftest import SignIn
from tests.integration.pages.test_calls import call_id_of, text_of
from tests.support import world
from tests.support.running import Gateway
from tests.support.world import NOON

LINE = "+15550100001"
FORM = {"key": "one", "seconds": "95", "note": "by the carrier's list"}


@pytest.fixture
async def account(gateway: Gateway) -> int:
    async with gateway.process.context.pool.acquire() as conn:
        account = await world.account(conn, balance="10")
        await world.number(conn, account, LINE)
        await world.rate(conn, "44", "0.0270")
        return account


@pytest.fixture
async def call(gateway: Gateway, account: int) -> int:
    """One that is up, until its deadline at least, and that a CRM has refused."""
    await gateway.start("a1")
    call = await call_id_of(gateway, "a1")
    async with gateway.process.context.pool.acquire() as conn:
        portal = "INSERT INTO crm_portal (connection, account_id, seen_call_id) VALUES ('b24', $1, 0)"
        await conn.execute(portal, account)
        await conn.execute(
            """
            INSERT INTO crm_call (connection, call_id, state, created_at, tries, last_reply)
            VALUES ('b24', $1, 'given_up', $2, 7, 'no such number')
            """,
            call,
            NOON,
        )
    return call


async def pass_deadline(gateway: Gateway) -> None:
    gateway.clock.at = await gateway.process.context.pool.fetchval("SELECT must_end_at FROM live_call")


async def test_a_call_whose_end_never_came_is_closed_by_who_ticks_that_they_mean_it(
    gateway: Gateway, sign_in: SignIn, call: int
) -> None:
    operator = await sign_in(Role.OPERATOR)
    early = await text_of(operator, f"/calls/{call}")
    await pass_deadline(gateway)
    operator = await sign_in(Role.OPERATOR)

    offered = await text_of(operator, f"/calls/{call}")
    unsure = await operator.post(f"/calls/{call}/close", FORM)
    wrong = await operator.post(f"/calls/{call}/close", FORM | {"key": "two", "sure": "yes", "seconds": "long"})
    twice = [await operator.post(f"/calls/{call}/close", FORM | {"sure": "yes"}) for _ in range(2)]
    text = await text_of(operator, f"/calls/{call}?done=closed")

    assert "Close it by hand" not in early
    assert "Close it by hand" in offered
    assert (unsure.status, "Tick the box first" in await unsure.text()) == (422, True)
    assert (wrong.status, "See what stands in “Seconds”." in await wrong.text()) == (422, True)
    assert [(each.status, each.headers["Location"]) for each in twice] == [(303, f"/calls/{call}?done=closed")] * 2
    assert "The call is closed and charged." in text
    assert "Length charged: 1:35, charge: $0.054." in text
    assert "by the carrier&#39;s list" in text
    assert "Close it by hand" not in text


async def test_why_a_call_is_not_closed_is_said_in_the_language_of_who_asks(
    gateway: Gateway, sign_in: SignIn, call: int
) -> None:
    german = await sign_in(Role.OPERATOR, language="de")

    early = await german.post(f"/calls/{call}/close", FORM | {"sure": "yes"})

    assert early.status == 409
    assert "bis zu seiner Frist" in await early.text()


async def test_a_crm_that_gave_a_call_up_is_told_again_by_a_button(
    gateway: Gateway, sign_in: SignIn, call: int, account: int
) -> None:
    operator, administrator = await sign_in(Role.OPERATOR), await sign_in(Role.ADMINISTRATOR, account)

    before = await text_of(operator, f"/calls/{call}")
    own = await text_of(administrator, f"/a/{account}/calls/{call}")
    forbidden = await administrator.post(f"/a/{account}/calls/{call}/crm/try-again", {"key": "one"})
    done = await operator.post(f"/calls/{call}/crm/try-again", {"key": "one"})
    after = await text_of(operator, f"/calls/{call}?done=told_again")

    assert "it is not told any more" in before
    assert "no such number" in before
    assert "Try again" in before
    assert "it is not told any more" in own
    assert "Try again" not in own
    assert forbidden.status == 403
    assert done.headers["Location"] == f"/calls/{call}?done=told_again"
    assert "The CRM is told again" in after
    assert "it is still to be registered there" in after
    assert "Try again" not in after


async def test_where_a_connector_is_is_said_by_its_name(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        await world.connector(conn, account, "office")
    german, administrator = await sign_in(Role.OPERATOR, language="de"), await sign_in(Role.ADMINISTRATOR, account)
    form = {"key": "one", "country": "Frankreich"}

    forbidden = await administrator.post(f"/a/{account}/connectors/office/country", form)
    done = await german.post("/connectors/office/country", form)
    text = await text_of(german, "/connectors/office?done=placed")
    wrong = await german.post("/connectors/office/country", form | {"key": "two", "country": "Atlantis"})

    assert forbidden.status == 403
    assert done.headers["Location"] == "/connectors/office?done=placed"
    assert "Sein Land ist geändert." in text
    assert "<dd>Frankreich" in text
    assert 'value="FR"' in text
    assert "Atlantis" in await wrong.text()
    assert await gateway.process.context.pool.fetchval("SELECT country FROM line WHERE name = 'office'") == "FR"
