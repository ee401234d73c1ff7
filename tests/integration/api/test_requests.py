"""What every request of the API has: who asks is known, what is wrong is named, and every answer has its headers."""

import pytest

from gateway.domain.access.roles import Role
from gateway.web.api.openapi import build_document
from gateway.web.api.route import Route
from gateway.web.api.routes import ROUTES
from tests.support.api import ApiClient, api_client
from tests.support.running import Gateway


async def test_who_asks_is_told_what_they_may(gateway: Gateway) -> None:
    operator = await api_client(gateway)

    answer = await operator.get("/me")

    assert answer.status == 200
    assert (answer.data["role"], answer.data["account_id"]) == ("operator", None)
    assert answer.data["actions"]["money.top_up"] == "all"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-Id"]


async def test_without_a_token_nothing_is_told(gateway: Gateway) -> None:
    for token in (None, "gw_o_nobody-has-this", "secret", "gw_" + "x" * 5000):
        answer = await ApiClient(gateway, token).get("/me")
        assert (answer.status, answer.data["code"]) == (401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.headers["Content-Type"].startswith("application/problem+json")


async def test_a_parameter_that_is_mistyped_is_named(gateway: Gateway) -> None:
    operator = await api_client(gateway)

    answer = await operator.get("/audit", acount_id=7)

    assert (answer.status, answer.data["code"], answer.data["field"]) == (422, "invalid", "/query/acount_id")


async def test_lists_go_on_where_they_ended_and_come_as_csv(gateway: Gateway) -> None:
    operator = await api_client(gateway)
    for _ in range(4):
        await api_client(gateway)

    first = await operator.get("/audit", limit=3)
    second = await operator.get("/audit", limit=3, after=first.data["next"])
    whole = await operator.ask("GET", "/audit", headers={"Accept": "text/csv"}, limit=2)

    assert [len(first.data["data"]), len(second.data["data"]), second.data["next"]] == [3, 2, None]
    lines = whole.raw.decode().splitlines()
    assert lines[0].startswith("id,at,actor_kind,actor_id")
    assert len(lines) == 6


async def test_a_reader_may_not_and_what_is_anothers_is_not_there(gateway: Gateway, account: int) -> None:
    reader = await api_client(gateway, Role.READER, account)
    administrator = await api_client(gateway, Role.ADMINISTRATOR, account)

    assert (await reader.get("/audit")).status == 403
    assert (await administrator.get("/audit")).status == 200
    assert (await administrator.get("/audit", account_id=account + 1)).status == 404


async def test_an_address_that_is_not_there_is_a_problem_too(gateway: Gateway) -> None:
    operator = await api_client(gateway)

    assert (await operator.get("/nothing")).data["code"] == "not_found"
    wrong = await operator.post("/me")
    assert (wrong.status, wrong.data["code"], wrong.headers["Allow"]) == (405, "method_not_allowed", "GET, PATCH")


async def test_an_account_is_opened_once_for_a_key(gateway: Gateway) -> None:
    operator = await api_client(gateway)
    wanted = {"name": "Acme", "currency": "USD", "email": "a@b.example"}

    first = await operator.post("/accounts", wanted, key="one")
    again = await operator.post("/accounts", wanted, key="one")
    other = await operator.post("/accounts", wanted | {"name": "Other"}, key="one")

    assert (first.status, again.status, other.status) == (201, 201, 409)
    assert again.raw == first.raw
    assert again.headers["Idempotency-Replayed"] == "true"
    assert other.data["code"] == "idempotency_conflict"
    assert len((await operator.get("/accounts", q="acm")).data["data"]) == 1


async def test_a_change_of_what_was_changed_meanwhile_is_refused(gateway: Gateway, account: int) -> None:
    operator = await api_client(gateway)
    before = (await operator.get(f"/accounts/{account}")).data

    changed = await operator.ask(
        "PATCH", f"/accounts/{account}", {"language": "de"}, headers={"If-Match": before["version"]}
    )
    late = await operator.ask(
        "PATCH", f"/accounts/{account}", {"language": "fr"}, headers={"If-Match": before["version"]}
    )

    assert (changed.status, changed.data["language"]) == (200, "de")
    assert (late.status, late.data["code"]) == (412, "changed")


@pytest.mark.parametrize("path", ["/calls", "/entries", "/audit", "/accounts/{account}/entries"])
@pytest.mark.parametrize("instant", ["0.5", "1767225600", "2026-03-11", "true", "null"])
async def test_what_is_no_instant_of_rfc_3339_is_refused_as_one(
    gateway: Gateway, account: int, path: str, instant: str
) -> None:
    operator = await api_client(gateway)

    answer = await operator.get(path.format(account=account), to=instant)

    assert (answer.status, answer.data["code"], answer.data["field"]) == (422, "invalid", "/query/to")


async def test_what_an_address_has_itself_is_no_value_of_a_name_in_another(gateway: Gateway) -> None:
    """`versions` is no kind of a rate, and `live` no call."""
    operator = await api_client(gateway)

    undo = await operator.ask("PUT", "/rates/versions/1/undo", {"per_minute": "0.05"}, key="one")
    live = await operator.ask("POST", "/calls/live")
    one = await operator.ask("POST", "/rates/outbound/USD/44", {"per_minute": "0.05"})

    assert [(each.status, each.headers["Allow"]) for each in (undo, live, one)] == [
        (405, "POST"),
        (405, "GET"),
        (405, "PUT"),
    ]


@pytest.mark.parametrize("route", [each for each in ROUTES if "call" in each.query.__struct_fields__])
async def test_a_call_that_a_query_names_and_is_not_there_is_in_the_document(gateway: Gateway, route: Route) -> None:
    operator = await api_client(gateway)

    answer = await operator.get(route.path, call="0")

    assert answer.status == 404
    assert "404" in build_document([route])["paths"][route.path]["get"]["responses"]
