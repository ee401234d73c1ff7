"""A call whose end never came, closed by hand over the API: after its deadline, once for a key, by operators alone."""

import pytest

from gateway.domain.access.roles import Role
from tests.support import world
from tests.support.api import ApiClient, api_client
from tests.support.running import Gateway

LINE = "+15550100001"
KNOWN = {"seconds": 95, "note": "by the carrier's list"}


@pytest.fixture
async def operator(gateway: Gateway) -> ApiClient:
    return await api_client(gateway)


@pytest.fixture
async def account(gateway: Gateway) -> int:
    async with gateway.process.context.pool.acquire() as conn:
        account = await world.account(conn, balance="10")
        await world.number(conn, account, LINE)
        await world.rate(conn, "44", "0.0270")
        return account


async def past_its_deadline(gateway: Gateway) -> None:
    await gateway.start("a1")
    until = await gateway.process.context.pool.fetchval("SELECT must_end_at FROM live_call")
    gateway.clock.at = until


async def test_a_call_is_charged_what_somebody_knows_of_it_and_its_hold_given_back(
    gateway: Gateway, operator: ApiClient, account: int
) -> None:
    await past_its_deadline(gateway)

    closed = await operator.post("/calls/pbx:a1/close", KNOWN, key="one")
    again = await operator.post("/calls/pbx:a1/close", KNOWN, key="one")
    late = await operator.post("/calls/pbx:a1/close", KNOWN)
    shown = (await operator.get(f"/accounts/{account}")).data
    [entry] = (await operator.get("/calls/pbx:a1", include="entries")).data["entries"]

    assert closed.status == 200
    assert (closed.data["state"], closed.data["reported_s"], closed.data["charge"]) == ("ended", 95, "0.054000")
    assert closed.data["flags"] == ["closed_by_hand"]
    assert (again.raw, again.headers["Idempotency-Replayed"]) == (closed.raw, "true")
    assert (late.status, late.data["code"]) == (409, "conflict")
    assert (shown["balance"], shown["held"], shown["live_calls"]) == ("9.946000", "0.000000", 0)
    assert (entry["amount"], entry["note"]) == ("-0.054000", "by the carrier's list")


async def test_before_its_deadline_it_may_be_talking(gateway: Gateway, operator: ApiClient, account: int) -> None:
    await gateway.start("a1")

    early = await operator.post("/calls/pbx:a1/close", KNOWN)

    assert (early.status, early.data["code"]) == (409, "conflict")
    assert "may be talking until its deadline" in early.data["detail"]
    assert len((await operator.get("/calls/live")).data["data"]) == 1


@pytest.mark.parametrize("body", [{"seconds": -1, "note": "x"}, {"seconds": 60}, {"seconds": 60, "note": "  "}])
async def test_it_is_said_how_long_it_talked_and_why(
    gateway: Gateway, operator: ApiClient, account: int, body: dict[str, object]
) -> None:
    await past_its_deadline(gateway)

    assert (await operator.post("/calls/pbx:a1/close", body)).status == 422


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.ADMINISTRATOR, Role.READER])
async def test_nobody_but_operators_closes_calls(gateway: Gateway, account: int, role: Role) -> None:
    await past_its_deadline(gateway)
    client = await api_client(gateway, role, account if role.is_of_account else None)

    assert (await client.post("/calls/pbx:a1/close", KNOWN)).status == 403
