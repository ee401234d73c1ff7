"""A call is decided and priced before it is made, for who may see its line."""

from decimal import Decimal

from gateway.domain.access.roles import Role
from tests.support import world
from tests.support.api import api_client
from tests.support.running import Gateway

LINE = "+15550100001"


async def test_a_call_is_priced_before_it_is_made(gateway: Gateway, account: int) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        await world.number(conn, account, LINE)
        await world.rate(conn, "44")
        other = await world.account(conn)
    reader = await api_client(gateway, Role.READER, account)
    stranger, operator = await api_client(gateway, Role.READER, other), await api_client(gateway)
    wanted = {"line": LINE, "callee": "+442079460000", "seconds": [60, 61]}

    quoted = await reader.post("/quotes", wanted)

    assert (quoted.status, quoted.data["refused"], quoted.data["currency"]) == (200, None, "USD")
    assert [each["price"] for each in quoted.data["prices"]] == ["0.027000", "0.054000"]
    assert (await operator.post("/quotes", wanted)).data == quoted.data
    assert (await stranger.post("/quotes", wanted)).data["detail"] == f"there is no line {LINE}"
    assert (await reader.post("/quotes", wanted | {"connection": "nowhere"})).status == 404
    assert (await reader.post("/quotes", wanted | {"seconds": [3601]})).status == 422


async def test_a_refusal_says_in_the_language_asked_for_why_it_is_and_all_that_it_would_need(
    gateway: Gateway, account: int
) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        await world.number(conn, account, LINE)
        await world.rate(conn, "44", "1000")
    reader = await api_client(gateway, Role.READER, account)
    available = Decimal((await reader.post("/quotes", {"line": LINE, "callee": "+1"})).data["available"])

    quoted = (await reader.post("/quotes?language=de", {"line": LINE, "callee": "011 44 20 7946 0000"})).data

    [need] = quoted["would_need"]
    missing = str(1000 - available)
    assert (need["code"], need["figures"]) == ("would_need.money", {"missing": {"amount": missing, "currency": "USD"}})
    assert need["text"] == f"Mit {missing} USD mehr wäre der Anruf verbunden worden."
    assert quoted["why"]["text"] == "das Guthaben des Kontos reicht für diesen Anruf nicht"
    assert quoted["read_how"]["text"] == "mit der Auslandskennziffer von US gelesen"
