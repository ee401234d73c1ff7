"""Accounts are blocked, let call again and closed, and it is told how long their money lasts."""

from datetime import timedelta

from gateway.domain.access.roles import Role
from gateway.usecases.lines.run_due import run_all_due
from tests.support import world
from tests.support.api import api_client
from tests.support.running import Gateway
from tests.support.world import NOON


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


async def test_what_is_missing_is_exactly_what_revives(gateway: Gateway, account: int) -> None:
    """Two numbers that could not be paid, 4.00 each: one needs 4 less what there is, both 8 less that."""
    operator = await api_client(gateway)
    numbers = ["+12125550198", "+12125550199"]
    async with gateway.process.context.pool.acquire() as conn:
        await world.rate(conn, "", "4", kind="rent", country="US", category="geographic")
        for each in numbers:
            await operator.post("/numbers", {"number": each, "account_id": account})
        await world.adjust(conn, account, "-91.5")
        gateway.clock.at = NOON + timedelta(days=32)
        await run_all_due(conn, now=gateway.clock.now())

    told = (await operator.get(f"/accounts/{account}/forecast")).data
    await operator.post(f"/accounts/{account}/top-ups", {"amount": "7.499999", "external_id": "nearly"})
    nearly = (await operator.get(f"/accounts/{account}/forecast")).data
    await operator.post(f"/accounts/{account}/top-ups", {"amount": "0.000001", "external_id": "rest"})
    states = (await operator.get("/numbers", account_id=account)).data["data"]

    assert [(each["line"], each["missing"]) for each in told["suspended"]] == [
        (numbers[0], "3.500000"),
        (numbers[1], "7.500000"),
    ]
    assert told["missing"] == "7.500000"
    assert [(each["line"], each["missing"]) for each in nearly["suspended"]] == [(numbers[1], "0.000001")]
    assert {each["state"] for each in states} == {"active"}


async def test_anothers_account_is_not_there(gateway: Gateway, account: int) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        other = await world.account(conn)
    administrator, operator = await api_client(gateway, Role.ADMINISTRATOR, account), await api_client(gateway)

    assert (await administrator.get(f"/accounts/{other}/forecast")).status == 404
    assert (await administrator.post(f"/accounts/{account}/block", {"reason": "x"})).status == 403
    assert (await operator.post("/accounts/999999/block", {"reason": "x"})).status == 404
    assert (await operator.post("/accounts/999999/close", {"dry_run": True})).status == 404
    assert (await operator.get("/accounts/999999/forecast")).status == 404
