"""People and members: who invites whom, who leaves, and that the last operator stays."""

import asyncio

import pytest

from gateway.domain.access.roles import Role
from tests.support.api import ApiClient, api_client
from tests.support.running import Gateway

ANNA = {"email": "anna@example.com", "name": "Anna"}


async def test_an_administrator_invites_to_the_own_account(gateway: Gateway, account: int, other_account: int) -> None:
    administrator = await api_client(gateway, Role.ADMINISTRATOR, account)

    invited = await administrator.post(f"/accounts/{account}/members", ANNA | {"role": "reader"})
    again = await administrator.post(f"/accounts/{account}/members", ANNA | {"role": "reader"})
    elsewhere = await administrator.post(f"/accounts/{other_account}/members", ANNA | {"role": "reader"})
    mightier = await administrator.post(f"/accounts/{account}/members", ANNA | {"role": "operator"})
    listed = await administrator.get(f"/accounts/{account}/members")

    assert (invited.status, again.status, elsewhere.status, mightier.status) == (201, 409, 404, 422)
    assert [(each["email"], each["role"]) for each in listed.data["data"]] == [("anna@example.com", "reader")]


async def test_a_reader_neither_sees_nor_invites(gateway: Gateway, account: int) -> None:
    reader = await api_client(gateway, Role.READER, account)

    assert (await reader.get(f"/accounts/{account}/members")).status == 403
    assert (await reader.post(f"/accounts/{account}/members", ANNA | {"role": "reader"})).status == 403
    for path in ("/people",):
        assert (await reader.get(path)).status == 403


async def test_one_person_has_several_memberships(gateway: Gateway, account: int, other_account: int) -> None:
    operator = await api_client(gateway)

    for account_id in (account, other_account):
        wanted = ANNA | {"email": "ANNA@example.com", "role": "administrator", "account_id": account_id}
        assert (await operator.post("/people", wanted)).status == 201
    [anna] = (await operator.get("/people")).data["data"]

    assert [each["account_id"] for each in anna["memberships"]] == [account, other_account]


async def test_a_membership_is_taken_away_and_the_person_stays(gateway: Gateway, account: int) -> None:
    operator = await api_client(gateway)
    member = (await operator.post(f"/accounts/{account}/members", ANNA | {"role": "reader"})).data

    removed = await operator.ask("DELETE", f"/accounts/{account}/members/{member['id']}")

    assert removed.status == 204
    assert (await operator.get("/people")).data["data"][0]["memberships"] == []
    assert (await operator.ask("DELETE", f"/accounts/{account}/members/{member['id']}")).status == 404


async def test_a_foreign_membership_is_not_there(gateway: Gateway, account: int, other_account: int) -> None:
    operator = await api_client(gateway)
    member = (await operator.post(f"/accounts/{other_account}/members", ANNA | {"role": "reader"})).data
    administrator = await api_client(gateway, Role.ADMINISTRATOR, account)

    assert (await administrator.ask("DELETE", f"/accounts/{account}/members/{member['id']}")).status == 404
    assert (await administrator.ask("DELETE", f"/accounts/{other_account}/members/{member['id']}")).status == 404


async def test_the_last_operator_can_be_neither_taken_away_nor_disabled(gateway: Gateway) -> None:
    operator = await api_client(gateway)
    anna = await _operator(operator, "anna@example.com")
    boris = await _operator(operator, "boris@example.com")

    first = await _remove(operator, anna)
    last = await _remove(operator, boris)
    disabled = await operator.ask("PATCH", f"/people/{boris['person_id']}", {"is_disabled": True})

    assert (first, last, disabled.status) == (204, 409, 409)


async def test_two_operators_cannot_take_each_other_away(gateway: Gateway) -> None:
    operator = await api_client(gateway)
    both = [await _operator(operator, f"{name}@example.com") for name in ("anna", "boris")]

    statuses = await asyncio.gather(*(_remove(operator, each) for each in both))

    assert sorted(statuses) == [204, 409]


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"name": "Anna B", "language": "pt", "time_zone": "Europe/Berlin"}, 200),
        ({"language": "xx"}, 409),
        ({"time_zone": "Mars"}, 409),
        ({"email": "else@example.com"}, 422),
    ],
)
async def test_a_person_is_changed_but_for_the_address(
    gateway: Gateway, wanted: dict[str, object], status: int
) -> None:
    operator = await api_client(gateway)
    anna = await _operator(operator, "anna@example.com")

    changed = await operator.ask("PATCH", f"/people/{anna['person_id']}", wanted)

    assert changed.status == status
    if status == 200:
        assert (changed.data["name"], changed.data["language"]) == ("Anna B", "pt-BR")


async def test_whoever_is_disabled_is_invited_nowhere_until_enabled(gateway: Gateway, account: int) -> None:
    operator = await api_client(gateway)
    member = (await operator.post(f"/accounts/{account}/members", ANNA | {"role": "reader"})).data
    path = f"/people/{member['person_id']}"

    disabled = await operator.ask("PATCH", path, {"is_disabled": True})
    refused = await operator.post("/people", ANNA | {"role": "support"})
    enabled = await operator.ask("PATCH", path, {"is_disabled": False})

    assert disabled.data["disabled_at"] is not None
    assert refused.status == 409
    assert enabled.data["disabled_at"] is None
    assert (await operator.ask("PATCH", "/people/999999", {})).status == 404


async def test_an_invitation_is_one_row_of_the_audit(gateway: Gateway, account: int) -> None:
    operator = await api_client(gateway)
    before = len((await operator.get("/audit")).data["data"])

    await operator.post(f"/accounts/{account}/members", ANNA | {"role": "reader"})

    rows = (await operator.get("/audit")).data["data"]
    assert len(rows) == before + 1
    assert (rows[0]["action"], rows[0]["account_id"]) == ("members.change", account)


async def test_the_audit_names_the_token_of_a_program_to_those_whose_it_is(gateway: Gateway, account: int) -> None:
    operator, administrator = await api_client(gateway), await api_client(gateway, Role.ADMINISTRATOR, account)
    for client in (operator, administrator):
        await client.ask("PATCH", f"/accounts/{account}", {"language": "de" if client is operator else "fr"})

    by_operator = (await operator.get("/audit", action="accounts.change")).data["data"]
    own = (await administrator.get("/audit", action="accounts.change")).data["data"]

    assert [each["actor_name"] for each in by_operator] == ["test", "test"]
    assert [each["actor_name"] for each in own] == ["test", None]
    assert [each["actor_id"] for each in own] == [each["actor_id"] for each in by_operator]


async def _operator(operator: ApiClient, email: str) -> dict[str, int]:
    member: dict[str, int] = (await operator.post("/people", {"email": email, "role": "operator"})).data
    return member


async def _remove(operator: ApiClient, member: dict[str, int]) -> int:
    answer = await operator.ask("DELETE", f"/people/{member['person_id']}/memberships/{member['id']}")
    return answer.status


async def test_second_factors_that_were_lost_are_taken_away(gateway: Gateway, account: int) -> None:
    operator, support = await api_client(gateway), await api_client(gateway, Role.SUPPORT)
    await operator.post("/people", ANNA | {"role": "operator"})
    pool = gateway.process.context.pool
    await pool.execute("INSERT INTO passkey SELECT 'k', id, 'p', 0, 'phone', $1 FROM person", gateway.clock.now())
    [anna] = (await operator.get("/people")).data["data"]

    refused = await support.ask("DELETE", f"/people/{anna['id']}/factors")
    taken = await operator.ask("DELETE", f"/people/{anna['id']}/factors")
    again = await operator.ask("DELETE", f"/people/{anna['id']}/factors")
    nobody = await operator.ask("DELETE", "/people/999/factors")

    assert anna["factors"] == {"passkeys": 1, "has_totp": False}
    assert [each.status for each in (refused, taken, again, nobody)] == [403, 204, 409, 404]
    [left] = (await operator.get("/people")).data["data"]
    assert left["factors"] == {"passkeys": 0, "has_totp": False}
    notes = await pool.fetch(
        "SELECT note FROM audit WHERE object = $1 AND action = 'people.change'", f"person:{anna['id']}"
    )
    assert [row["note"] for row in notes] == ["second factors taken away"]
