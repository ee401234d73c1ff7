"""Calls that CRMs are not told of any more, over the API: listed to their end, and one told again."""

import csv
import io

import pytest

from gateway.domain.access.roles import Role
from tests.support import world
from tests.support.api import ApiClient, api_client
from tests.support.running import Gateway
from tests.support.world import NOON

LINE, CRMS = "+15550100001", ("b24", "b25")


@pytest.fixture
async def operator(gateway: Gateway) -> ApiClient:
    return await api_client(gateway)


@pytest.fixture
async def calls(gateway: Gateway) -> list[int]:
    """Three calls, newest first, that two CRMs have given up."""
    async with gateway.process.context.pool.acquire() as conn:
        account = await world.account(conn, balance="10")
        await world.number(conn, account, LINE)
        await world.rate(conn, "44", "0.0270")
        for name in ("a", "b", "c"):
            await gateway.start(name)
        for crm in CRMS:
            await conn.execute(
                "INSERT INTO crm_portal (connection, account_id, seen_call_id) VALUES ($1, $2, 0)", crm, account
            )
            await conn.execute(
                """
                INSERT INTO crm_call (connection, call_id, state, created_at, tries, last_reply)
                SELECT $1, id, 'given_up', $2, 7, 'no such number'
                FROM call
                """,
                crm,
                NOON,
            )
        return [row["id"] for row in await conn.fetch("SELECT id FROM call ORDER BY id DESC")]


async def test_a_list_has_each_call_and_crm_once_however_long_its_parts_are(
    operator: ApiClient, calls: list[int]
) -> None:
    whole = (await operator.get("/crm/given-up")).data
    as_csv = await operator.ask("GET", "/crm/given-up", headers={"Accept": "text/csv"})
    walked: list[tuple[int, str]] = []
    after: dict[str, str] = {}
    while True:
        part = (await operator.get("/crm/given-up", limit=1, **after)).data
        assert len(part["data"]) == 1
        walked += [(each["call_id"], each["connection"]) for each in part["data"]]
        if part["next"] is None:
            break
        after = {"after": part["next"]}

    assert walked == [(call, crm) for call in calls for crm in CRMS]
    assert [(each["call_id"], each["connection"]) for each in whole["data"]] == walked
    assert {(each["state"], each["last_reply"], each["next_at"]) for each in whole["data"]} == {
        ("given_up", "no such number", None)
    }
    assert [int(row["call_id"]) for row in csv.DictReader(io.StringIO(as_csv.raw.decode()))] == [
        call for call, _ in walked
    ]


async def test_a_cursor_of_another_list_leads_nowhere(operator: ApiClient, calls: list[int]) -> None:
    of_calls = (await operator.get("/calls", limit=1)).data["next"]

    assert (await operator.get("/crm/given-up", after=of_calls)).status == 409


async def test_a_call_is_told_again_by_all_that_gave_it_up_and_once(operator: ApiClient, calls: list[int]) -> None:
    newest = calls[0]

    told = await operator.post(f"/calls/{newest}/crm/try-again", key="one")
    again = await operator.post(f"/calls/{newest}/crm/try-again", key="one")
    late = await operator.post(f"/calls/{newest}/crm/try-again")
    left = (await operator.get("/crm/given-up")).data["data"]

    assert told.status == 200
    assert [(each["connection"], each["state"], each["tries"]) for each in told.data["crm"]] == [
        (crm, "queued", 0) for crm in CRMS
    ]
    assert (again.raw, again.headers["Idempotency-Replayed"]) == (told.raw, "true")
    assert (late.status, late.data["code"]) == (409, "conflict")
    assert {each["call_id"] for each in left} == set(calls[1:])


async def test_support_looks_and_operators_act(gateway: Gateway, calls: list[int]) -> None:
    support = await api_client(gateway, Role.SUPPORT)

    assert (await support.get("/crm/given-up")).status == 200
    assert (await support.post(f"/calls/{calls[0]}/crm/try-again")).status == 403
