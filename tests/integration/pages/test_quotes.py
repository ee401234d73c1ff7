"""The page that says whether a call would be connected, as the decision would say it."""

from gateway.domain.access.roles import Role
from tests.integration.pages.conftest import SignIn
from tests.integration.pages.test_calls import LINE, text_of
from tests.support import world
from tests.support.running import Gateway

CALL = "line=%2B15550100001&callee=%2B442079460000"


async def test_a_call_is_tried_with_its_price_and_what_it_would_need(gateway: Gateway, sign_in: SignIn) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        account = await world.account(conn, balance="10")
        await world.number(conn, account, LINE)
        other = await world.account(conn)
        await world.rate(conn, "44", "0.0270")
    reader, operator = await sign_in(Role.READER, account), await sign_in(Role.OPERATOR, language="de")
    stranger = await sign_in(Role.READER, other)

    allowed = await text_of(reader, f"/a/{account}/quotes?{CALL}")
    refused = await text_of(operator, "/quotes?line=%2B15550100001&callee=%2B33140000000")
    unknown = await text_of(stranger, f"/a/{other}/quotes?{CALL}")

    assert "It would be connected, show +1 555-010-0001, and could last 1:00:00." in allowed
    assert "<dt>Minutes: 60</dt><dd>$1.62</dd>" in allowed
    assert "Er würde abgewiesen: kein Tarif gilt für das Ziel." in refused
    assert "Möglich, wenn" in refused
    assert 'role="alert"' in unknown
    assert await gateway.process.context.pool.fetchval("SELECT count(*) FROM call") == 0
