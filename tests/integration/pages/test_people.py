"""People, their sessions and tokens: invited, taken away, ended, shown once."""

import re

import pytest

from gateway.domain.access.roles import Role
from tests.integration.pages.conftest import SignIn
from tests.support import world
from tests.support.api import ApiClient, api_client
from tests.support.browser import Browser
from tests.support.running import Gateway

ANNA = {"email": "anna@example.com", "name": "Anna", "role": "reader"}
SURE = {"sure": "yes"}


@pytest.fixture
async def account(gateway: Gateway) -> int:
    async with gateway.process.context.pool.acquire() as conn:
        return await world.account(conn)


async def count(gateway: Gateway, what: str) -> int:
    number: int = await gateway.process.context.pool.fetchval(f"SELECT count(*) FROM {what}")  # noqa: S608 - ours
    return number


async def test_a_member_is_invited_once_and_taken_away_with_a_tick(
    gateway: Gateway, sign_in: SignIn, account: int
) -> None:
    administrator = await sign_in(Role.ADMINISTRATOR, account)
    path = f"/a/{account}/people"

    invited, twice = [await administrator.post(f"{path}/invite", ANNA | {"key": "k1"}) for _ in range(2)]
    again = await administrator.post(f"{path}/invite", ANNA | {"key": "k2"})
    mightier = await administrator.post(f"{path}/invite", ANNA | {"role": "operator", "key": "k3"})
    member = await gateway.process.context.pool.fetchval("SELECT max(id) FROM membership")
    unsure = await administrator.post(f"{path}/{member}/remove")
    removed = await administrator.post(f"{path}/{member}/remove", SURE)

    assert [each.status for each in (invited, twice, again, mightier)] == [303, 303, 409, 422]
    assert 'value="anna@example.com"' in await again.text()
    assert (unsure.status, removed.status) == (422, 303)
    assert "Tick the box first" in await unsure.text()
    assert "✓ Taken away." in await (await administrator.get(removed.headers["Location"])).text()
    assert await count(gateway, "membership WHERE role = 'reader'") == 0


async def test_a_reader_invites_nobody_and_another_accounts_people_are_not_there(
    gateway: Gateway, sign_in: SignIn, account: int
) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        other = await world.account(conn)
    reader, administrator = await sign_in(Role.READER, account), await sign_in(Role.ADMINISTRATOR, account)

    assert (await reader.get(f"/a/{account}/people")).status == 403
    assert (await reader.post(f"/a/{account}/people/invite", ANNA)).status == 403
    assert (await administrator.post(f"/a/{other}/people/invite", ANNA)).status == 404
    assert await count(gateway, "person WHERE email = 'anna@example.com'") == 0


async def test_an_operator_invites_disables_and_ends_sessions(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    operator, victim = await sign_in(Role.OPERATOR), await sign_in(Role.READER, account)
    person, session = await gateway.process.context.pool.fetchrow(
        "SELECT person_id, id FROM session ORDER BY id DESC LIMIT 1"
    )

    invited = await operator.post("/people/invite", ANNA | {"account": str(account)})
    nowhere = await operator.post("/people/invite", ANNA | {"account": "Acme", "key": "k2"})
    shown = await operator.get(f"/people/{person}")
    ended = await operator.post(f"/people/{person}/sessions/{session}/end", {"key": "k3"})
    disabled = await operator.post(f"/people/{person}/change", SURE | {"disabled": "yes", "key": "k4"})

    assert [each.status for each in (invited, nowhere, shown, ended, disabled)] == [303, 422, 200, 303, 303]
    assert (await victim.get(f"/a/{account}")).headers["Location"] == "/sign-in"
    assert await count(gateway, "person WHERE disabled_at IS NOT NULL") == 1


async def test_support_looks_at_people_and_changes_none(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    support = await sign_in(Role.SUPPORT)
    await sign_in(Role.READER, account)
    person = await gateway.process.context.pool.fetchval("SELECT max(id) FROM person")

    assert '<form method="post" action="/people' not in await (await support.get(f"/people/{person}")).text()
    assert (await support.post(f"/people/{person}/change", SURE | {"disabled": "yes"})).status == 403


async def test_a_token_is_told_once_and_revoked(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    administrator = await sign_in(Role.ADMINISTRATOR, account)
    path, form = f"/a/{account}/tokens", {"role": "reader", "scopes": "read", "days": "30", "name": "CRM", "key": "k1"}

    created = await administrator.post(path, form)
    again = await administrator.post(path, form)
    mightier = await administrator.post(path, form | {"role": "operator", "key": "k2"})
    endless = await administrator.post(path, form | {"days": "0", "key": "k3"})
    [secret] = set(re.findall(r"gw_r_[\w-]{43}", await created.text()))
    listed = await (await administrator.get(path)).text()
    client = ApiClient(gateway, secret)
    before = (await client.get("/me")).status
    token = await gateway.process.context.pool.fetchval("SELECT max(id) FROM token")
    revoked = await administrator.post(f"{path}/{token}/revoke", SURE)

    assert [each.status for each in (created, again, mightier, endless)] == [200, 200, 409, 422]
    assert secret in await again.text()
    assert secret not in listed
    assert (before, revoked.status, (await client.get("/me")).status) == (200, 303, 401)
    assert await count(gateway, "token") == 1


async def test_the_audit_says_who_did_what(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    administrator = await sign_in(Role.ADMINISTRATOR, account)
    await administrator.post(f"/a/{account}/people/invite", ANNA)

    html = await (await administrator.get(f"/a/{account}/audit?action=members.change&from=2026-03-11")).text()
    nothing = await (await administrator.get(f"/a/{account}/audit?action=caps.change")).text()

    assert "anna@example.com" in html
    assert "There are none." in nothing


async def test_the_audit_calls_people_by_their_names_and_the_operators_only_to_the_operators_side(
    gateway: Gateway, sign_in: SignIn, account: int
) -> None:
    """Whoever has no name is called by their address."""
    administrator, operator = await sign_in(Role.ADMINISTRATOR, account), await sign_in(Role.OPERATOR)
    await administrator.post(
        f"/a/{account}/me", {"key": "k", "name": "Ada Admin", "language": "en", "time_zone": "UTC"}
    )
    await administrator.post(f"/a/{account}/people/invite", ANNA)
    await operator.post(f"/a/{account}/caps", {"key": "k", "live_calls": "3"})

    async def read(browser: Browser, path: str) -> str:
        return await (await browser.get(path)).text()

    own, others = await read(administrator, f"/a/{account}/audit"), await read(operator, "/audit")

    named = {
        name: (f"<small>{name}</small>" in own, f"<small>{name}</small>" in others)
        for name in ("Ada Admin", "operator-2@example.com")
    }
    assert named == {"Ada Admin": (True, True), "operator-2@example.com": (False, True)}


async def test_everybody_changes_their_own_name_language_and_zone(
    gateway: Gateway, sign_in: SignIn, account: int
) -> None:
    reader = await sign_in(Role.READER, account)
    form = {"name": "Ralf", "language": "ru", "time_zone": "Asia/Tokyo"}

    changed = await reader.post(f"/a/{account}/me", form)
    wrong = await reader.post(f"/a/{account}/me", form | {"time_zone": "Mars", "key": "k2"})
    shown = await (await reader.get(f"/a/{account}/me")).text()

    assert (changed.status, wrong.status) == (303, 409)
    assert '<html lang="ru">' in shown
    assert 'value="Asia/Tokyo"' in shown


@pytest.mark.parametrize(
    ("back", "to"),
    [
        ("/a/{account}/calls?state=ended", "/a/{account}/calls?state=ended"),
        ("//evil.example/", "/a/{account}/me"),
        ("/\\evil.example/", "/a/{account}/me"),
        ("https://evil.example/", "/a/{account}/me"),
    ],
)
async def test_the_language_is_chosen_from_any_page_which_is_shown_again(
    gateway: Gateway, sign_in: SignIn, account: int, back: str, to: str
) -> None:
    reader = await sign_in(Role.READER, account)

    chosen = await reader.post(f"/a/{account}/me/language", {"language": "fr", "back": back.format(account=account)})

    assert (chosen.status, chosen.headers["Location"]) == (303, to.format(account=account))
    assert '<html lang="fr">' in await (await reader.get(f"/a/{account}/calls")).text()


async def test_a_session_of_ones_own_is_ended_and_none_of_another(
    gateway: Gateway, sign_in: SignIn, account: int
) -> None:
    anna, boris = await sign_in(Role.READER, account), await sign_in(Role.READER, account)
    of_anna, of_boris = [
        row["id"] for row in await gateway.process.context.pool.fetch("SELECT id FROM session ORDER BY id")
    ]

    foreign = await anna.post(f"/a/{account}/me/sessions/{of_boris}/end")
    own = await anna.post(f"/a/{account}/me/sessions/{of_anna}/end")

    assert (foreign.status, own.status) == (404, 303)
    assert (await anna.get(f"/a/{account}/me")).headers["Location"] == "/sign-in"
    assert (await boris.get(f"/a/{account}/me")).status == 200


async def test_a_token_is_nobody(gateway: Gateway, account: int) -> None:
    client = await api_client(gateway, Role.READER, account)

    changed = await client.ask("PATCH", "/me", {"language": "de"})
    sessions = await client.get("/me/sessions")
    shown = await client.get("/me")

    assert (changed.status, changed.data["code"], sessions.status) == (409, "refused", 409)
    assert shown.data["person"] is None


async def test_what_is_not_there_is_said_in_the_readers_language(
    gateway: Gateway, sign_in: SignIn, account: int
) -> None:
    reader = await sign_in(Role.READER, account, language="es")

    answer = await reader.get(f"/a/{account + 1}/calls")

    assert answer.status == 404
    assert "No existe tal página, o no es suya." in await answer.text()


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("ja,pt;q=0.8,en;q=0.7", "pt-BR"),
        ("ru;q=0,fr", "fr"),
        ("xx;q=much", "en"),
        ("", "en"),
    ],
)
async def test_whoever_has_not_signed_in_reads_the_language_that_the_browser_asks_for(
    gateway: Gateway, asked: str, language: str
) -> None:
    answer = await Browser(gateway).get("/sign-in", **{"Accept-Language": asked})

    assert f'<html lang="{language}">' in await answer.text()
