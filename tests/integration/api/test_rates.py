"""Rates are searched, imported and set; a deck that would end too much is refused with what it would end."""

import pytest

from gateway.domain.access.roles import Role
from tests.support.api import Answer, ApiClient, api_client
from tests.support.running import Gateway

HEAD = "kind,country,category,prefix,per_minute,connection_fee,first_interval_s,increment_s,valid_from,currency\n"
DECK = HEAD + "".join(f"outbound,,,{prefix},0.0270,0,60,60,2026-01-01,USD\n" for prefix in ("44", "4420", "49"))
SHORT = HEAD + "outbound,,,44,0.0300,0,60,60,2026-01-01,USD\n"


@pytest.fixture
async def operator(gateway: Gateway) -> ApiClient:
    return await api_client(gateway)


async def _import(client: ApiClient, deck: str, **query: object) -> Answer:
    return await client.ask("POST", "/rates/imports", data=deck, headers={"Content-Type": "text/csv"}, **query)


async def test_a_deck_is_tried_and_imported(operator: ApiClient) -> None:
    tried = await _import(operator, DECK, dry_run="true")
    before = await operator.get("/rates/versions")
    done = await _import(operator, DECK)
    versions = await operator.get("/rates/versions")
    one = await operator.get(f"/rates/versions/{done.data['version']}")

    assert (tried.status, tried.data["added"], tried.data["version"], len(tried.data["rows"])) == (201, 3, None, 3)
    assert before.data["data"] == []
    assert (done.status, done.data["added"], done.data["rows"]) == (201, 3, None)
    assert versions.data["data"] == [one.data]
    assert one.data["rows"] == 3
    assert (await operator.get("/rates/versions/999")).status == 404


async def test_a_deck_that_ends_too_much_is_refused_with_what_it_would_end(operator: ApiClient) -> None:
    await _import(operator, DECK)

    unsaid = await _import(operator, SHORT)
    too_few = await _import(operator, SHORT, ends_allowed=1)
    allowed = await _import(operator, SHORT, ends_allowed=2)

    for refused in (unsaid, too_few):
        assert (refused.status, refused.data["code"]) == (409, "ends_too_much")
        assert sorted(refused.data["ending"]) == ["outbound USD 4420", "outbound USD 49"]
    assert (allowed.status, allowed.data["removed"]) == (201, 2)


async def test_a_file_that_is_no_deck_is_refused(operator: ApiClient) -> None:
    answer = await _import(operator, "a,b\n1,2\n")

    assert (answer.status, answer.data["code"]) == (409, "refused")


async def test_rates_are_found_by_parts(gateway: Gateway, operator: ApiClient, account: int) -> None:
    await _import(operator, DECK)
    reader = await api_client(gateway, Role.READER, account)

    first = await reader.get("/rates", q="44", limit=1)
    second = await reader.get("/rates", q="44", limit=1, after=first.data["next"])

    assert [each["prefix"] for each in first.data["data"] + second.data["data"]] == ["44", "4420"]
    assert second.data["next"] is None
    assert (await reader.get("/rates", q="Nowhere")).status == 409
    assert (await reader.get("/rates")).status == 422
    assert (await reader.get("/rates/versions")).status == 403


async def test_one_price_is_set(operator: ApiClient) -> None:
    await _import(operator, DECK)

    done = await operator.ask("PUT", "/rates/outbound/USD/4479", {"per_minute": "0.05", "increment_s": 1})
    found = await operator.get("/rates", q="+447911123456")
    rent = await operator.ask("PUT", "/rates/rent/USD/US", {"per_minute": "4", "category": "geographic"})
    odd = await operator.ask("PUT", "/rates/rent/USD/44", {"per_minute": "4"})

    assert (done.status, done.data["added"], done.data["per_minute"]) == (200, 1, "0.05")
    assert [(each["prefix"], each["per_minute"]) for each in found.data["data"]] == [("4479", "0.050000")]
    assert (rent.status, odd.status, odd.data["code"]) == (200, 409, "refused")
    assert (await operator.ask("PUT", "/rates/gift/USD/44", {"per_minute": "4"})).status == 422


async def test_a_deck_is_valid_from_when_somebody_says(operator: ApiClient) -> None:
    tried = await _import(operator, DECK, dry_run="true", valid_from="2026-05-01T00:00:00Z")
    done = await _import(operator, DECK, valid_from="2026-05-01T00:00:00Z")
    found = await operator.get("/rates", q="49", currency="USD")
    later = DECK + "outbound,,,44,0.0400,0,60,60,2026-02-01,USD\n"
    unclear = await _import(operator, later, valid_from="2026-05-01T00:00:00Z")

    assert {row["valid_from"] for row in tried.data["rows"]} == {"2026-05-01T00:00:00Z"}
    assert done.status == 201
    assert [(each["is_future"], each["valid_from"]) for each in found.data["data"]] == [(True, "2026-05-01T00:00:00Z")]
    assert (unclear.status, unclear.data["code"]) == (409, "refused")


async def test_the_newest_import_is_undone(operator: ApiClient) -> None:
    await _import(operator, DECK)
    await _import(operator, SHORT, ends_allowed=2)

    older = await operator.post("/rates/versions/1/undo")
    done = await operator.post("/rates/versions/2/undo")

    assert (older.status, older.data["code"]) == (409, "refused")
    assert (done.status, done.data["version"], done.data["added"]) == (201, 3, 2)
