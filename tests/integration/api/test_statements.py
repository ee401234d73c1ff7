"""A month of an account: what it had before and after, by kind, by number, by country; all that was booked is in it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from gateway.domain.access.roles import Role
from gateway.usecases.calls.roll_up import roll_up
from tests.support import calls, world
from tests.support.api import api_client
from tests.support.running import Gateway

D = Decimal


async def test_opening_and_entries_are_closing_month_after_month(gateway: Gateway, account: int) -> None:
    """100 from before; in April a call, a top-up and a refund; in May a top-up."""
    operator = await api_client(gateway)
    async with gateway.process.context.pool.acquire() as conn:
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44")
        # 31 March in New York, and April in Berlin already.
        gateway.clock.at = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
        await gateway.start("c1")
        await gateway.answer("c1")
        gateway.clock.advance(120)
        await gateway.end("c1", seconds=120)
    await operator.post(f"/accounts/{account}/top-ups", {"amount": "5", "external_id": "april"})
    await operator.post(f"/accounts/{account}/refunds", {"amount": "0.5", "note": "noise"})
    gateway.clock.at = datetime(2026, 5, 2, tzinfo=UTC)
    await operator.post(f"/accounts/{account}/top-ups", {"amount": "7", "external_id": "may"})
    await roll_up(gateway.process.context)

    march, april, may, june = [
        (await operator.get(f"/accounts/{account}/statements/2026-{month}")).data for month in ("03", "04", "05", "06")
    ]

    for each in (march, april, may, june):
        assert D(each["opening_balance"]) + D(each["amount"]) == D(each["closing_balance"])
        assert D(each["amount"]) == sum((D(kind["amount"]) for kind in each["kinds"]), D())
    assert march["closing_balance"] == april["opening_balance"] == "100.000000"
    assert [(each["kind"], each["amount"]) for each in april["kinds"]] == [
        ("call", "-0.054000"),
        ("refund", "0.500000"),
        ("top_up", "5.000000"),
    ]
    assert april["closing_balance"] == may["opening_balance"] == "105.446000"
    assert (may["amount"], june["opening_balance"], june["entries"]) == ("7.000000", "112.446000", 0)
    assert [(each["line"], each["calls"], each["spend"]) for each in april["lines"]] == [
        ("+15550100001", 1, "0.054000")
    ]
    assert [(each["country"], each["talked_s"]) for each in april["countries"]] == [("GB", 120)]
    assert (march["is_over"], june["is_over"]) == (True, False)
    assert (april["since"], april["until"]) == ("2026-03-31T22:00:00Z", "2026-04-30T22:00:00Z")


async def test_rents_are_of_the_number_that_they_were_paid_for(gateway: Gateway, account: int) -> None:
    operator = await api_client(gateway)
    async with gateway.process.context.pool.acquire() as conn:
        await world.rate(conn, "", "4", kind="rent", country="US", category="geographic")
    rented = await operator.post("/numbers", {"number": "+12125550199", "account_id": account})

    month = (await operator.get(f"/accounts/{account}/statements/2026-03")).data

    assert rented.status == 201, rented.raw
    assert [(each["line"], each["rents"], each["calls"]) for each in month["lines"]] == [
        ("+12125550199", "4.000000", 0)
    ]


async def test_months_since_the_account_was_opened_come_by_parts(gateway: Gateway, account: int) -> None:
    reader = await api_client(gateway, Role.READER, account)
    gateway.clock.at = world.NOON + timedelta(days=70)

    first = await reader.get(f"/accounts/{account}/statements", limit=2)
    second = await reader.get(f"/accounts/{account}/statements", limit=2, after=first.data["next"])

    assert [each["month"] for each in first.data["data"]] == ["2026-05", "2026-04"]
    assert [each["is_over"] for each in first.data["data"]] == [False, True]
    assert [each["month"] for each in second.data["data"]] == ["2026-03"]
    assert second.data["next"] is None


async def test_a_month_that_is_none_and_an_account_that_is_anothers(gateway: Gateway, account: int) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        other = await world.account(conn)
    reader = await api_client(gateway, Role.READER, account)

    assert (await reader.get(f"/accounts/{account}/statements/2026-13")).status == 422
    assert (await reader.get(f"/accounts/{account}/statements/2026-3")).status == 422
    assert (await reader.get(f"/accounts/{other}/statements/2026-03")).status == 404
    made_up = await reader.get(f"/accounts/{account}/statements", after="WyJsaXN0X3N0YXRlbWVudHMiLDFd")
    assert (made_up.status, made_up.data["field"]) == (409, "/query/after")


async def test_a_call_counts_in_the_month_in_which_it_began(gateway: Gateway, account: int) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44")
        await calls.start(conn, "c1")
        await calls.end(conn, "c1", 60)
    await roll_up(gateway.process.context)
    reader = await api_client(gateway, Role.READER, account)

    month = (await reader.get(f"/accounts/{account}/statements/2026-03")).data

    assert [(each["line"], each["calls"], each["answered"]) for each in month["lines"]] == [("+15550100001", 1, 1)]
