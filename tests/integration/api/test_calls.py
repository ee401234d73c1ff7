"""Calls by the API: lists of them, one explained, one cut; what is another's is not there."""

from datetime import timedelta

import pytest

from gateway.domain.access.roles import Role
from tests.support import world
from tests.support.api import ApiClient, api_client
from tests.support.running import Gateway

LINE = "+15550100001"


@pytest.fixture
async def operator(gateway: Gateway) -> ApiClient:
    return await api_client(gateway)


@pytest.fixture
async def account(gateway: Gateway) -> int:
    """An account with one dollar, a number and a rate."""
    async with gateway.process.context.pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, LINE)
        await world.rate(conn, "44", "0.0270")
        return account


async def test_a_call_is_listed_live_then_over_and_shown_with_what_it_moved(
    gateway: Gateway, operator: ApiClient, account: int
) -> None:
    await gateway.start("a1")
    [live] = (await operator.get("/calls/live", account_id=account)).data["data"]
    await gateway.answer("a1")
    gateway.clock.advance(60)
    await gateway.end("a1")

    [call] = (await operator.get("/calls", number="15550100001", country="GB")).data["data"]
    shown = (await operator.get("/calls/pbx:a1", include="explanation,entries")).data
    plain = (await operator.get(f"/calls/{call['id']}")).data

    assert (live["id"], live["hold"], live["can_be_cut"]) == (call["id"], "0.135000", True)
    assert (await operator.get("/calls/live")).data["data"] == []
    assert (call["charge"], call["currency"], call["billed_s"], call["state"]) == ("0.027000", "USD", 60, "ended")
    assert "explanation" not in call
    assert (shown["id"], shown["refunded"], shown["counterfactual"]) == (call["id"], "0.000000", None)
    assert [(entry["kind"], entry["amount"]) for entry in shown["entries"]] == [("call", "-0.027000")]
    assert shown["explanation"][0]["text"].startswith("Connected by R14")
    assert (plain["explanation"], plain["entries"], plain["ledger_entry"]["amount"]) == (None, None, "-0.027000")


async def test_a_refused_call_says_what_would_have_had_it_connected(
    gateway: Gateway, operator: ApiClient, account: int
) -> None:
    await gateway.start("a1", "+33140000000")

    [call] = (await operator.get("/calls", reason="no_rate", state="refused", account_id=account)).data["data"]
    shown = (await operator.get(f"/calls/{call['id']}")).data

    assert shown["counterfactual"] == {
        "code": "would_need.no_rate",
        "figures": {},
        "text": "Allowed if a rate had covered the callee at its start.",
    }


async def test_a_live_call_is_cut_once_for_a_key_and_one_that_is_over_is_refused(
    gateway: Gateway, operator: ApiClient, account: int
) -> None:
    await gateway.start("a1")
    await gateway.answer("a1")
    reader = await api_client(gateway, Role.READER, account)
    administrator = await api_client(gateway, Role.ADMINISTRATOR, account)

    refused = await reader.post("/calls/pbx:a1/cut")
    cut = await administrator.post("/calls/pbx:a1/cut")
    await gateway.cut()
    await gateway.end("a1")
    late = await operator.post("/calls/pbx:a1/cut")

    assert (refused.status, refused.data["code"]) == (403, "forbidden")
    assert (cut.status, cut.data["cut_reason"]) == (202, "operator")
    assert gateway.provider.hang_ups() == [("a1", "operator")]
    assert (late.status, late.data["code"]) == (409, "conflict")


async def test_anothers_call_is_not_there_and_neither_is_what_its_provider_charges(
    gateway: Gateway, operator: ApiClient, account: int
) -> None:
    await gateway.start("a1")
    await gateway.end("a1", cost="0.01", cost_currency="USD")
    async with gateway.process.context.pool.acquire() as conn:
        other = await world.account(conn)
    owner, stranger = await api_client(gateway, Role.READER, account), await api_client(gateway, Role.READER, other)

    seen = (await owner.get("/calls/pbx:a1", include="explanation")).data
    by_operator = (await operator.get("/calls/pbx:a1", include="explanation")).data

    assert (seen["cost"], any("own cost" in sentence["text"] for sentence in seen["explanation"])) == (None, False)
    assert by_operator["cost"] is not None
    assert any("own cost" in sentence["text"] for sentence in by_operator["explanation"])
    assert (await stranger.get("/calls/pbx:a1")).status == 404
    assert (await stranger.get("/calls")).data["data"] == []
    assert (await stranger.get("/calls", account_id=account)).status == 404
    for nothing in ("999", "pbx:other", "x" * 300):
        missing = await operator.get(f"/calls/{nothing}")
        assert (missing.status, missing.data["code"]) == (404, "not_found")


async def test_pages_of_calls_go_on_where_they_ended(gateway: Gateway, operator: ApiClient, account: int) -> None:
    for at in range(5):
        gateway.clock.advance(60)
        await gateway.start(f"a{at}", "+33140000000")

    first = (await operator.get("/calls", limit=2)).data
    second = (await operator.get("/calls", limit=2, after=first["next"])).data
    since = (gateway.clock.now() - timedelta(seconds=90)).isoformat()
    late = (await operator.get("/calls", from_=since)).data
    whole = await operator.ask("GET", "/calls", headers={"Accept": "text/csv"}, limit=2, account_id=account)

    ids = [each["id"] for each in (*first["data"], *second["data"])]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 4
    assert [each["id"] for each in late["data"]] == ids[:2]
    assert len(whole.raw.splitlines()) == 6
    assert (await operator.get("/calls", from_=since, to=since)).status == 409


async def test_a_list_says_what_it_adds_up_to_where_that_is_asked_for(
    gateway: Gateway, operator: ApiClient, account: int
) -> None:
    for at, callee in enumerate(("+442079460000", "+33140000000")):
        await gateway.start(f"a{at}", callee)
    await gateway.answer("a0")
    gateway.clock.advance(95)
    await gateway.end("a0")

    every = (await operator.get("/calls", summary="true", limit=1)).data
    british = (await operator.get("/calls", summary="true", country="GB")).data["summary"]
    french = (await operator.get("/calls", summary="true", country="FR", account_id=account)).data["summary"]
    rest = (await operator.get("/calls", summary="true", limit=1, after=every["next"])).data

    assert every["summary"] == {
        "calls": 2,
        "refused": 1,
        "talked": 1,
        "billed_s": 95,
        "charges": {"USD": "0.054000"},
        "stopped_before": None,
    }
    assert (british["calls"], british["charges"]) == (1, {"USD": "0.054000"})
    assert (french["calls"], french["refused"], french["charges"]) == (1, 1, {})
    assert (rest["summary"], (await operator.get("/calls")).data["summary"]) == (None, None)


async def test_a_call_tells_the_steps_of_its_decision_and_how_its_price_is_reckoned(
    gateway: Gateway, operator: ApiClient, account: int
) -> None:
    await gateway.start("a0", "+33140000000")
    await gateway.start("a1")
    await gateway.answer("a1")
    gateway.clock.advance(95)
    await gateway.end("a1")

    refused = (await operator.get("/calls/pbx:a0", language="de")).data
    ended = (await operator.get("/calls/pbx:a1")).data

    [stopped] = [each for each in refused["steps"] if each["outcome"] == "stopped"]
    assert stopped == {"step": "rate", "outcome": "stopped", "text": "gibt es einen Tarif für das Ziel?"}
    assert {each["outcome"] for each in ended["steps"]} == {"passed"}
    assert refused["arithmetic"] is None
    assert (ended["arithmetic"]["increments"], ended["arithmetic"]["price"]) == (1, ended["charge"])


async def test_all_calls_of_an_account_are_cut_but_for_those_of_others(
    gateway: Gateway, operator: ApiClient, account: int
) -> None:
    await gateway.start("a1")
    await gateway.start("a2")
    reader = await api_client(gateway, Role.READER, account)

    forbidden = await reader.post(f"/accounts/{account}/calls/cut")
    cut = await operator.post(f"/accounts/{account}/calls/cut")
    nobody = await operator.post("/accounts/999/calls/cut")
    await gateway.cut()

    assert (forbidden.status, nobody.status) == (403, 404)
    assert (cut.status, cut.data) == (202, {"cut": 2, "uncuttable": 0})
    assert sorted(gateway.provider.hang_ups()) == [("a1", "operator"), ("a2", "operator")]
