"""What operators look over: entries of all accounts, accounts that stop soon, settings."""

from datetime import timedelta

from gateway.domain.access.roles import Role
from tests.support import world
from tests.support.api import api_client
from tests.support.running import Gateway


async def test_entries_of_all_accounts_are_listed_but_calls(gateway: Gateway, account: int) -> None:
    operator, reader = await api_client(gateway), await api_client(gateway, Role.READER, account)
    async with gateway.process.context.pool.acquire() as conn:
        other = await world.account(conn, balance="7")
    await operator.post(f"/accounts/{account}/refunds", {"amount": "2", "note": "a bad line"})

    everything = (await operator.get("/entries")).data["data"]
    refunds = (await operator.get("/entries?kind=refund")).data["data"]
    first = (await operator.get("/entries?limit=1")).data
    rest = (await operator.get(f"/entries?after={first['next']}")).data["data"]
    own = (await reader.get("/entries")).data["data"]
    calls = await operator.get("/entries?kind=call")

    assert {each["account_id"] for each in everything} == {account, other}
    assert [each["id"] for each in everything] == sorted((each["id"] for each in everything), reverse=True)
    assert [(each["kind"], each["amount"]) for each in refunds] == [("refund", "2.000000")]
    assert [*first["data"], *rest] == everything
    assert {each["account_id"] for each in own} == {account}
    assert calls.status == 422


async def test_an_account_that_stops_soon_is_named_with_what_stops(gateway: Gateway) -> None:
    operator, due_on = await api_client(gateway), gateway.clock.now().date() + timedelta(days=2)
    async with gateway.process.context.pool.acquire() as conn:
        rich, poor = await world.account(conn, balance="100"), await world.account(conn, balance="1")
        for account_id, number in ((rich, "+15550107771"), (poor, "+15550107772")):
            await world.rented(conn, account_id, number, due_on)

    stops = (await operator.get("/stops")).data["data"]
    sooner = (await operator.get("/stops?days=1")).data["data"]

    assert stops == [
        {
            "account_id": poor,
            "name": "Acme",
            "currency": "USD",
            "available": "1.000000",
            "on": str(due_on),
            "money_gone": False,
            "lines": ["+15550107772"],
        }
    ]
    assert sooner == []


async def test_settings_are_for_operators(gateway: Gateway, account: int) -> None:
    operator, support = await api_client(gateway), await api_client(gateway, Role.SUPPORT)

    settings = (await operator.get("/settings")).data["data"]

    assert {"variable": "GATEWAY_SMTP_URL", "origin": "default", "value": None, "is_secret": True}.items() <= next(
        each for each in settings if each["key"] == "smtp_url"
    ).items()
    assert (await support.get("/settings")).status == 403
