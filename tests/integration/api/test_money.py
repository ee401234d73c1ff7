"""What moved the money of an account is listed, and moved: top-ups, refunds, adjustments."""

from datetime import timedelta

import pytest

from gateway.domain.access.roles import Role
from tests.support import world
from tests.support.api import ApiClient, api_client
from tests.support.running import Gateway


@pytest.fixture
async def operator(gateway: Gateway) -> ApiClient:
    return await api_client(gateway)


async def test_money_is_added_given_back_and_corrected(operator: ApiClient, account: int) -> None:
    topped = await operator.post(f"/accounts/{account}/top-ups", {"amount": "5", "external_id": "p-1"})
    again = await operator.post(f"/accounts/{account}/top-ups", {"amount": "5", "external_id": "p-1"})
    other = await operator.post(f"/accounts/{account}/top-ups", {"amount": "6", "external_id": "p-1"})
    refunded = await operator.post(f"/accounts/{account}/refunds", {"amount": "0.5", "note": "a bad line"})
    adjusted = await operator.post(f"/accounts/{account}/adjustments", {"amount": "-2", "note": "counted twice"})
    without_why = await operator.post(f"/accounts/{account}/adjustments", {"amount": "-2"})

    assert (topped.status, topped.data["kind"], topped.data["currency"]) == (201, "top_up", "USD")
    assert topped.data["balance_after"] == "105.000000"
    assert again.data == topped.data
    assert (other.status, other.data["code"]) == (409, "conflict")
    assert (refunded.data["amount"], refunded.data["note"]) == ("0.500000", "a bad line")
    assert (adjusted.data["amount"], adjusted.data["balance_after"]) == ("-2.000000", "103.500000")
    assert (without_why.status, without_why.data["code"]) == (422, "invalid")


async def test_nothing_is_no_top_up(operator: ApiClient, account: int) -> None:
    answer = await operator.post(f"/accounts/{account}/top-ups", {"amount": "0", "external_id": "p-1"})

    assert (answer.status, answer.data["code"]) == (409, "refused")


async def test_support_gives_back_a_little(gateway: Gateway, operator: ApiClient, account: int) -> None:
    support = await api_client(gateway, Role.SUPPORT)

    little = await support.post(f"/accounts/{account}/refunds", {"amount": "20"})
    much = await support.post(f"/accounts/{account}/refunds", {"amount": "20.000001"})
    more = await operator.post(f"/accounts/{account}/refunds", {"amount": "20.000001"})

    assert (little.status, more.status) == (201, 201)
    assert (much.status, much.data["code"]) == (403, "forbidden")
    assert "20" in much.data["detail"]


async def test_no_more_is_given_back_of_a_call_than_it_cost(operator: ApiClient, account: int) -> None:
    answer = await operator.post(f"/accounts/{account}/refunds", {"amount": "1", "call_id": 7})

    assert (answer.status, answer.data["code"]) == (404, "not_found")


async def test_entries_come_newest_first_by_parts(gateway: Gateway, operator: ApiClient, account: int) -> None:
    for amount in ("1", "2", "3"):
        await operator.post(f"/accounts/{account}/adjustments", {"amount": amount, "note": "more"})
    gateway.clock.advance(60)
    await operator.post(f"/accounts/{account}/top-ups", {"amount": "4", "external_id": "p-1"})

    first = await operator.get(f"/accounts/{account}/entries", limit=2, summary="true")
    second = await operator.get(f"/accounts/{account}/entries", limit=5, after=first.data["next"], summary="true")

    amounts = [each["amount"] for each in first.data["data"] + second.data["data"]]
    assert amounts == ["4.000000", "3.000000", "2.000000", "1.000000", "100.000000"]
    assert second.data["next"] is None
    assert (first.data["summary"]["opening_balance"], first.data["summary"]["closing_balance"]) == (
        "0.000000",
        "110.000000",
    )
    assert [(each["kind"], each["amount"]) for each in first.data["summary"]["kinds"]] == [
        ("adjustment", "106.000000"),
        ("top_up", "4.000000"),
    ]
    assert second.data["summary"] is None


async def test_entries_are_found_by_kind_and_time(gateway: Gateway, operator: ApiClient, account: int) -> None:
    gateway.clock.advance(60)
    await operator.post(f"/accounts/{account}/top-ups", {"amount": "4", "external_id": "p-1"})
    later = (world.NOON + timedelta(seconds=60)).isoformat()
    path = f"/accounts/{account}/entries"

    by_kind = await operator.get(path, kind="top_up")
    since = await operator.get(path, from_=later, summary="true")
    until = await operator.get(path, to=later, summary="true")
    of_call = await operator.get(path, call_id=1)

    assert [each["amount"] for each in by_kind.data["data"]] == ["4.000000"]
    assert [each["amount"] for each in since.data["data"]] == ["4.000000"]
    assert since.data["summary"]["opening_balance"] == "100.000000"
    assert [each["amount"] for each in until.data["data"]] == ["100.000000"]
    assert until.data["summary"]["closing_balance"] == "100.000000"
    assert of_call.data["data"] == []
    assert (await operator.get(path, kind="gift")).status == 422


async def test_a_cursor_that_was_made_up_is_refused(operator: ApiClient, account: int) -> None:
    for after in (
        "x",
        "WyJsaXN0X2VudHJpZXMiLCJ4Il0",
        "WyJsaXN0X2VudHJpZXMiLDFd",
        "WyJsaXN0X2VudHJpZXMiLCIyMDI2LTAxLTAxIDEiXQ",
    ):
        answer = await operator.get(f"/accounts/{account}/entries", after=after)
        assert (answer.status, answer.data["field"]) == (409, "/query/after")


async def test_anothers_money_is_not_there(gateway: Gateway, account: int) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        other = await world.account(conn)
    reader = await api_client(gateway, Role.READER, account)

    assert (await reader.get(f"/accounts/{account}/entries")).status == 200
    assert (await reader.get(f"/accounts/{other}/entries")).status == 404
    assert (await reader.post(f"/accounts/{account}/top-ups", {"amount": "1", "external_id": "x"})).status == 403
