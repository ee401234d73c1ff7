"""Accounts are blocked, let call again and closed, and it is told how long their money lasts."""

from gateway.domain.access.roles import Role
from tests.support import world
from tests.support.api import api_client
from tests.support.running import Gateway


async def test_an_account_is_blocked_and_let_call_again(gateway: Gateway, account: int) -> None:
    operator, support = await api_client(gateway), await api_client(gateway, Role.SUPPORT)

    blocked = await support.post(f"/accounts/{account}/block", {"reason": "fraud", "cut": True})
    refused = await support.post(f"/accounts/{account}/unblock")
    unblocked = await operator.post(f"/accounts/{account}/unblock")
    again = await operator.post(f"/accounts/{account}/unblock")

    assert (blocked.status, blocked.data["account"]["state"], blocked.data["cut"]) == (200, "blocked", 0)
    assert blocked.data["account"]["blocked_reason"] == "fraud"
    assert refused.status == 403
    assert (unblocked.status, unblocked.data["state"]) == (200, "open")
    assert (again.status, again.data["code"]) == (409, "conflict")


async def test_closing_is_told_before_it_is_done(gateway: Gateway, account: int) -> None:
    operator = await api_client(gateway)
    async with gateway.process.context.pool.acquire() as conn:
        await world.number(conn, account, "+15550100001")

    plan = await operator.post(f"/accounts/{account}/close", {"dry_run": True})
    undecided = await operator.post(f"/accounts/{account}/close", {})
    closed = await operator.post(f"/accounts/{account}/close", {"money": "pay_out"})

    assert (plan.status, plan.data["dry_run"], plan.data["account"]["state"]) == (200, True, "open")
    assert (plan.data["balance"], plan.data["lines"]) == ("100.000000", ["+15550100001"])
    assert (undecided.status, undecided.data["code"]) == (409, "conflict")
    assert (closed.status, closed.data["account"]["state"]) == (200, "closed")
    assert (closed.data["balance"], closed.data["account"]["balance"]) == ("100.000000", "0.000000")


async def test_it_is_told_how_long_the_money_lasts(gateway: Gateway, account: int) -> None:
    reader = await api_client(gateway, Role.READER, account)

    answer = await reader.get(f"/accounts/{account}/forecast", days=30)
    endless = await reader.get(f"/accounts/{account}/forecast", days=10_000)

    assert (answer.status, answer.data["balance"], answer.data["money_gone_on"]) == (200, "100.000000", None)
    assert (endless.status, endless.data["field"]) == (422, "/query/days")


async def test_anothers_account_is_not_there(gateway: Gateway, account: int) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        other = await world.account(conn)
    administrator, operator = await api_client(gateway, Role.ADMINISTRATOR, account), await api_client(gateway)

    assert (await administrator.get(f"/accounts/{other}/forecast")).status == 404
    assert (await administrator.post(f"/accounts/{account}/block", {"reason": "x"})).status == 403
    assert (await operator.post("/accounts/999999/block", {"reason": "x"})).status == 404
    assert (await operator.post("/accounts/999999/close", {"dry_run": True})).status == 404
    assert (await operator.get("/accounts/999999/forecast")).status == 404
