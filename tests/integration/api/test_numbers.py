"""Numbers and connectors are rented, imported, given up, kept, lost and moved, and their lives are told."""

import pytest

from gateway.domain.access.roles import Role
from tests.support import world
from tests.support.api import ApiClient, api_client
from tests.support.running import Gateway

NUMBER = "+12125550101"


@pytest.fixture
async def operator(gateway: Gateway) -> ApiClient:
    return await api_client(gateway)


@pytest.fixture
async def administrator(gateway: Gateway, account: int) -> ApiClient:
    """Of an account in whose currency numbers of its country can be rented."""
    async with gateway.process.context.pool.acquire() as conn:
        await world.rate(conn, "", "4", kind="rent", fee="1", country="US", category="geographic")
    return await api_client(gateway, Role.ADMINISTRATOR, account)


async def test_a_number_is_rented_given_up_and_kept(administrator: ApiClient, account: int) -> None:
    offers = await administrator.get("/numbers/offers", country="US")
    rented = await administrator.post("/numbers", {"number": NUMBER})
    shown = await administrator.get(f"/numbers/{NUMBER}")
    given_up = await administrator.post(f"/numbers/{NUMBER}/give-up")
    kept = await administrator.post(f"/numbers/{NUMBER}/undo")
    not_given_up = await administrator.post(f"/numbers/{NUMBER}/undo")

    assert [(each["category"], each["month"]) for each in offers.data["prices"]] == [("geographic", "4.000000")]
    assert (rented.status, rented.data["account_id"], rented.data["rent"]) == (201, account, "4.000000")
    assert (rented.data["currency"], rented.data["next"]["what"]) == ("USD", "charged")
    assert shown.data == rented.data
    assert rented.data["next"]["on"] == rented.data["due_on"]
    assert (given_up.data["next"]["what"], given_up.data["next"]["at"]) == ("ended", given_up.data["ends_at"])
    assert kept.data == rented.data
    assert (not_given_up.status, not_given_up.data["code"]) == (409, "conflict")


async def test_without_money_it_is_said_how_much_is_missing(
    operator: ApiClient, administrator: ApiClient, account: int
) -> None:
    await operator.post(f"/accounts/{account}/adjustments", {"amount": "-98", "note": "nearly all"})

    answer = await administrator.post("/numbers", {"number": NUMBER})

    assert (answer.status, answer.data["code"], answer.data["would_need"]) == (409, "no_money", "3.000000")


async def test_an_operator_says_for_whom(operator: ApiClient, administrator: ApiClient, account: int) -> None:
    nobodys = await operator.post("/numbers", {"number": NUMBER})
    rented = await operator.post("/numbers", {"number": NUMBER, "account_id": account})
    anothers = await administrator.post("/numbers", {"number": NUMBER, "account_id": account + 1})

    assert (nobodys.status, nobodys.data["field"]) == (409, "/account_id")
    assert (rented.status, anothers.status) == (201, 404)


async def test_numbers_are_put_in_moved_and_lost(gateway: Gateway, operator: ApiClient, account: int) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        other = await world.account(conn)

    added = await operator.post("/numbers/import", {"account_id": account, "number": NUMBER, "state": "suspended"})
    taken = await operator.post("/numbers/import", {"account_id": account, "number": NUMBER})
    both = await operator.post(
        "/numbers/import",
        {"account_id": account, "number": "+12125550102", "state": "suspended", "due_on": "2026-04-01"},
    )
    moved = await operator.post(f"/numbers/{NUMBER}/move", {"account_id": other})
    lost = await operator.post(f"/numbers/{NUMBER}/lost")

    assert (added.status, added.data["state"], added.data["next"]["what"]) == (201, "suspended", "waits")
    assert (taken.status, both.status, both.data["code"]) == (409, 409, "refused")
    assert (moved.status, moved.data["account_id"]) == (200, other)
    assert (lost.data["state"], lost.data["next"]["what"]) == ("disconnected", "over")


async def test_a_number_is_taken_over_with_its_due_day(
    operator: ApiClient, administrator: ApiClient, account: int
) -> None:
    assert administrator.token
    added = await operator.post("/numbers/import", {"account_id": account, "number": NUMBER, "due_on": "2026-04-01"})

    assert (added.status, added.data["due_on"], added.data["rent"]) == (201, "2026-04-01", "4.000000")


async def test_lines_are_found_by_what_they_are(gateway: Gateway, operator: ApiClient, account: int) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        other = await world.account(conn)
        await world.number(conn, account, NUMBER)
        await world.number(conn, account, "+442079460000", country="GB", state="suspended")
        await world.number(conn, other, "+12125550103")
        await world.connector(conn, account, "office")
    reader = await api_client(gateway, Role.READER, account)

    async def names(client: ApiClient, path: str = "/numbers", **query: object) -> list[str]:
        return [each["name"] for each in (await client.get(path, **query)).data["data"]]

    assert await names(reader) == [NUMBER, "+442079460000"]
    assert await names(operator, account_id=other) == ["+12125550103"]
    assert await names(operator, country="GB") == await names(operator, state="suspended") == ["+442079460000"]
    assert await names(operator, line=NUMBER) == [NUMBER]
    assert await names(operator, due_before="2030-01-01") == []
    assert await names(reader, "/connectors") == ["office"]
    assert (await reader.get("/numbers", account_id=other)).status == 404
    assert (await reader.get("/numbers/+12125550103")).status == 404
    assert (await reader.get("/numbers/+12125550199")).status == 404
    assert (await operator.get("/numbers/office")).status == 422
    assert (await operator.get(f"/connectors/{NUMBER}")).status == 404


async def test_a_connector_is_rented_and_given_up(gateway: Gateway, operator: ApiClient, account: int) -> None:
    administrator = await api_client(gateway, Role.ADMINISTRATOR, account)

    rented = await administrator.post("/connectors", {"name": "office"})
    given_up = await administrator.post("/connectors/office/give-up")
    added = await operator.post("/connectors/import", {"account_id": account, "name": "branch", "country": "US"})

    assert (rented.status, rented.data["kind"], rented.data["rent"]) == (201, "connector", "49.000000")
    assert given_up.data["next"]["what"] == "ended"
    assert (added.status, added.data["country"], added.data["next"]["what"]) == (201, "US", "nothing")
    assert (await administrator.get("/connectors/branch")).data == added.data


async def test_what_callers_hear_and_by_which_number_calls_go_out_is_told(
    gateway: Gateway, administrator: ApiClient, account: int
) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        await world.number(conn, account, NUMBER)
        await world.number(conn, account, "+12125550102", state="suspended")
        await world.connector(conn, account, "office", state="suspended")

    numbers = (await administrator.get("/numbers")).data["data"]
    [connector] = (await administrator.get("/connectors")).data["data"]
    offers = (await administrator.get("/numbers/offers", country="US")).data["prices"]

    told = [(each["callers_hear"], each["goes_out_by"], each["suspended_since"]) for each in (*numbers, connector)]
    assert told == [("ringing", "itself", None), ("busy", "main_number", None), ("ringing", "nothing", None)]
    assert [(each["at_once"], each["missing"]) for each in offers] == [("5.000000", "0.000000")]


async def test_where_a_connector_is_can_be_changed_by_operators(
    gateway: Gateway, operator: ApiClient, account: int
) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        await world.connector(conn, account, "office")
    administrator = await api_client(gateway, Role.ADMINISTRATOR, account)
    before = (await operator.get("/connectors/office")).data
    change = {"country": "DE"}

    forbidden = await administrator.ask("PATCH", "/connectors/office", change)
    changed = await operator.ask("PATCH", "/connectors/office", change, headers={"If-Match": before["version"]})
    late = await operator.ask("PATCH", "/connectors/office", {"country": "FR"}, headers={"If-Match": before["version"]})
    same = await operator.ask("PATCH", "/connectors/office", {})
    emptied = await operator.ask("PATCH", "/connectors/office", {"country": ""})
    unknown = await operator.ask("PATCH", f"/connectors/{NUMBER}", change)
    nowhere = await operator.ask("PATCH", "/connectors/office", {"country": "Atlantis"})

    assert forbidden.status == 403
    assert (before["country"], changed.status, changed.data["country"]) == ("", 200, "DE")
    assert changed.data["version"] != before["version"]
    assert (late.status, late.data["code"]) == (412, "changed")
    assert same.data == changed.data
    assert (emptied.data["country"], emptied.data["version"]) == ("", before["version"])
    assert (unknown.status, nowhere.status) == (404, 422)
