"""The head of every page: the pages of the side that somebody is on, and where else they are somebody."""

from gateway.domain.access.roles import Role
from gateway.postgres.types import PgConnection
from tests.integration.pages.conftest import SignIn
from tests.integration.pages.test_calls import text_of
from tests.support import world
from tests.support.running import Gateway


async def named(conn: PgConnection, name: str) -> int:
    account = await world.account(conn)
    await conn.execute("UPDATE account SET name = $1 WHERE id = $2", name, account)
    return account


async def join(gateway: Gateway, account: int, role: Role) -> None:
    """Make the one person who can sign in somebody of an account too."""
    await gateway.process.context.pool.execute(
        "INSERT INTO membership (person_id, account_id, role, created_at)"
        " SELECT person_id, $1, $2, created_at FROM membership",
        account,
        role.value,
    )


async def test_who_is_of_several_accounts_goes_from_one_to_the_other(gateway: Gateway, sign_in: SignIn) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        one, two = await world.account(conn), await named(conn, "Two")
    browser = await sign_in(Role.ADMINISTRATOR, one)
    alone = await text_of(browser, f"/a/{one}")
    await join(gateway, two, Role.READER)

    page = await text_of(browser, f"/a/{two}")

    assert "Where you are" not in alone
    assert f'<a href="/a/{one}">Acme</a>' in page
    assert f'<a href="/a/{two}" aria-current="true">Two</a>' in page


async def test_the_operators_side_is_a_place_too(gateway: Gateway, sign_in: SignIn) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        account = await world.account(conn)
    browser = await sign_in(Role.OPERATOR)
    await join(gateway, account, Role.ADMINISTRATOR)

    page = await text_of(browser, "/")

    assert '<a href="/" aria-current="true">Operator&#39;s pages</a>' in page
    assert f'<a href="/a/{account}">Acme</a>' in page
