"""Numbers and SIP connectors."""

import pytest

from gateway.domain.errors import Conflict, InvalidInput, NotFound
from gateway.usecases.lines.manage import add_connector, add_number, list_lines
from tests.support import world
from tests.support.actors import CLERK
from tests.support.world import NOON


async def test_a_numbers_country_and_category_follow_from_the_number(pool):
    async with pool.acquire() as conn:
        account = await world.account(conn)
        numbers = ("+442079460000", "+447400123456", "+18005550199", "+80012345678")

        added = [await add_number(conn, actor=CLERK, account_id=account, number=number, now=NOON) for number in numbers]

        assert [(line.name, line.kind, line.state, line.country, line.category) for line in added] == [
            ("+442079460000", "number", "active", "GB", "geographic"),
            ("+447400123456", "number", "active", "GB", "mobile"),
            ("+18005550199", "number", "active", "US", "toll_free"),
            ("+80012345678", "number", "active", "001", "toll_free"),
        ]
        assert await list_lines(conn, account_id=account) == added


async def test_a_category_and_a_state_can_be_given(pool):
    async with pool.acquire() as conn:
        account = await world.account(conn)

        line = await add_number(
            conn,
            actor=CLERK,
            account_id=account,
            number="+442079460000",
            category="national",
            state="suspended",
            now=NOON,
        )

    assert (line.category, line.state) == ("national", "suspended")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"number": "442079460000"}, "number: '442079460000'"),
        ({"number": "+4420"}, "number:"),
        ({"number": "+999123456789"}, "number:"),
        ({"category": "fax"}, "category: 'fax'"),
        ({"state": "disconnected"}, "state: 'disconnected'"),
    ],
)
async def test_a_number_is_not_added_with_a_wrong_argument(pool, wrong, said):
    async with pool.acquire() as conn:
        account = await world.account(conn)

        with pytest.raises(InvalidInput, match=f"^{said}".replace("+", "\\+")):
            await add_number(
                conn, actor=CLERK, **{"account_id": account, "number": "+442079460000", "now": NOON, **wrong}
            )

        assert await list_lines(conn, account_id=account) == []


async def test_a_number_in_use_is_a_conflict_for_everybody(pool):
    async with pool.acquire() as conn:
        one, other = await world.account(conn), await world.account(conn)
        await add_number(conn, actor=CLERK, account_id=one, number="+442079460000", state="suspended", now=NOON)

        with pytest.raises(Conflict, match=r"\+442079460000 is in use"):
            await add_number(conn, actor=CLERK, account_id=other, number="+442079460000", now=NOON)


async def test_a_disconnected_number_can_be_rented_again(pool):
    async with pool.acquire() as conn:
        one, other = await world.account(conn), await world.account(conn)
        await world.number(conn, one, "+442079460000", state="disconnected")

        line = await add_number(conn, actor=CLERK, account_id=other, number="+442079460000", now=NOON)

    assert (line.account_id, line.state) == (other, "active")


async def test_a_connector_is_a_line_by_its_name(pool):
    async with pool.acquire() as conn:
        account = await world.account(conn)

        line = await add_connector(conn, actor=CLERK, account_id=account, name="Office PBX", now=NOON)

        assert (line.kind, line.name, line.state, line.country, line.category) == (
            "connector",
            "Office PBX",
            "active",
            "",
            "",
        )
        with pytest.raises(Conflict, match="Office PBX is in use"):
            await add_connector(conn, actor=CLERK, account_id=account, name="Office PBX", now=NOON)


@pytest.mark.parametrize("name", ["", "+1555", " pbx", "x" * 129, "a\tb"])
async def test_a_connector_is_not_added_with_a_wrong_name(pool, name):
    async with pool.acquire() as conn:
        account = await world.account(conn)

        with pytest.raises(InvalidInput, match=r"^name:"):
            await add_connector(conn, actor=CLERK, account_id=account, name=name, now=NOON)


async def test_a_line_needs_an_account(pool):
    async with pool.acquire() as conn:
        with pytest.raises(NotFound, match="account 7"):
            await add_number(conn, actor=CLERK, account_id=7, number="+442079460000", now=NOON)
        with pytest.raises(NotFound, match="account 7"):
            await add_connector(conn, actor=CLERK, account_id=7, name="pbx", now=NOON)
        with pytest.raises(NotFound, match="account 7"):
            await list_lines(conn, account_id=7)
