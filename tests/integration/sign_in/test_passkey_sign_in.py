"""Sign in by a passkey alone: it is both factors; and what is signed by another, elsewhere or later signs nobody in."""

from typing import Any

import pytest

from gateway.domain.access.roles import Role
from gateway.domain.access.second_factor import PROVEN_FOR
from gateway.usecases.access.members import Invitation, invite
from gateway.usecases.access.people import PersonChange, PersonView, change_person
from tests.support.actors import CLERK
from tests.support.authenticator import Authenticator, text
from tests.support.browser import Browser
from tests.support.passkeys import begun, register
from tests.support.running import Gateway

LANGUAGES = {
    "en": "Sign in with a passkey",
    "de": "Mit einem Passkey anmelden",
    "es": "Iniciar sesión con una llave de acceso",
    "fr": "Se connecter avec une clé d&#39;accès",
    "pt-BR": "Entrar com uma chave de acesso",
    "ru": "ключом доступа",
}


@pytest.fixture
async def stranger(gateway: Gateway, anna: PersonView, signed_in: Browser, authenticator: Authenticator) -> Browser:
    """A browser that knows nobody, where a passkey of hers is; a minute later, so that all tries are left."""
    await register(signed_in, authenticator)
    gateway.clock.advance(61)
    return Browser(gateway)


async def to_sign(browser: Browser) -> dict[str, Any]:
    return await begun(browser, place="/sign-in")


async def sign_in(browser: Browser, credential: object) -> int:
    return (await browser.post_json("/sign-in/passkey", {"credential": credential})).status


async def sessions(gateway: Gateway) -> list[dict[str, Any]]:
    rows = await gateway.process.context.pool.fetch("SELECT person_id, proven_until FROM session ORDER BY id")
    return [dict(row) for row in rows]


async def test_a_passkey_signs_in_whose_it_is_without_a_mail(
    gateway: Gateway, anna: PersonView, stranger: Browser, authenticator: Authenticator
) -> None:
    options = await to_sign(stranger)
    answer = await stranger.post_json("/sign-in/passkey", {"credential": authenticator.show(options, is_verified=True)})

    assert (options["userVerification"], options["allowCredentials"]) == ("required", [])
    assert (answer.status, await answer.json()) == (200, {"next": "/"})
    assert "HttpOnly" in stranger.set_cookie
    assert "anna@example.com" in await (await stranger.get("/second-factor")).text()
    assert await gateway.process.context.pool.fetchval("SELECT count(*) FROM mail WHERE kind = 'sign_in'") == 0
    assert (await gateway.process.context.pool.fetchval("SELECT note FROM audit ORDER BY id DESC LIMIT 1")) == (
        "signed in by passkey phone"
    )


async def test_it_counts_as_the_second_factor_too(
    gateway: Gateway, anna: PersonView, stranger: Browser, authenticator: Authenticator
) -> None:
    assert await sign_in(stranger, authenticator.show(await to_sign(stranger), is_verified=True)) == 200

    began = (await sessions(gateway))[-1]
    assert (began["person_id"], began["proven_until"]) == (anna.id, gateway.clock.now() + PROVEN_FOR)
    assert (await stranger.post_json("/second-factor/passkey/begin", {})).status == 200


async def test_who_holds_it_must_have_shown_the_device_that_it_is_they(
    gateway: Gateway, stranger: Browser, authenticator: Authenticator
) -> None:
    assert await sign_in(stranger, authenticator.show(await to_sign(stranger))) == 403
    assert stranger.cookies == {}


async def test_a_new_passkey_is_to_say_whose_it_is(signed_in: Browser) -> None:
    assert (await begun(signed_in))["authenticatorSelection"]["residentKey"] == "preferred"


async def test_a_passkey_that_says_it_is_somebody_elses_signs_nobody_in(
    gateway: Gateway, anna: PersonView, stranger: Browser, authenticator: Authenticator
) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        other = Invitation(email="boris@example.com", role=Role.OPERATOR, account_id=None)
        boris = await invite(conn, actor=CLERK, invitation=other, now=gateway.clock.now())

    for whose in (text(str(boris.person_id).encode()), ""):
        authenticator.whose = whose
        assert await sign_in(stranger, authenticator.show(await to_sign(stranger), is_verified=True)) == 403
    assert len(await sessions(gateway)) == 1


async def test_a_passkey_that_is_unknown_forged_or_of_another_site_signs_nobody_in(
    gateway: Gateway, stranger: Browser, authenticator: Authenticator
) -> None:
    forged = Authenticator(str(gateway.client.make_url("/")).rstrip("/"))
    unknown = Authenticator(str(gateway.client.make_url("/")).rstrip("/"))
    elsewhere = Authenticator("http://evil.example", "evil.example")
    unknown.key_id, elsewhere.key_id = bytes(32), authenticator.key_id

    for each in (forged, unknown, elsewhere):
        each.whose = authenticator.whose
        assert await sign_in(stranger, each.show(await to_sign(stranger), is_verified=True)) == 403
        gateway.clock.advance(61)
    assert stranger.cookies == {}


async def test_what_was_signed_to_sign_in_counts_once_for_five_minutes_and_not_in_a_session(
    gateway: Gateway, signed_in: Browser, stranger: Browser, authenticator: Authenticator
) -> None:
    once = authenticator.show(await to_sign(stranger), is_verified=True)
    late = authenticator.show(await to_sign(stranger), is_verified=True)
    of_a_session = authenticator.show(await begun(signed_in, "proof"), is_verified=True)

    assert [await sign_in(Browser(gateway), each) for each in (once, once, of_a_session)] == [200, 403, 403]
    gateway.clock.advance(5 * 60)
    assert await sign_in(stranger, late) == 403
    proof = authenticator.show(await to_sign(stranger), is_verified=True)
    assert (await signed_in.post_json("/second-factor/proof", {"credential": proof})).status == 409


async def test_whoever_is_disabled_is_not_let_in_by_their_passkey(
    gateway: Gateway, anna: PersonView, stranger: Browser, authenticator: Authenticator
) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        other = Invitation(email="boris@example.com", role=Role.OPERATOR, account_id=None)
        await invite(conn, actor=CLERK, invitation=other, now=gateway.clock.now())
        off = PersonChange(is_disabled=True)
        await change_person(conn, actor=CLERK, person_id=anna.id, change=off, now=gateway.clock.now())

    assert await sign_in(stranger, authenticator.show(await to_sign(stranger), is_verified=True)) == 403


async def test_tries_are_limited_as_those_by_a_link_are(gateway: Gateway, stranger: Browser) -> None:
    statuses = [await sign_in(stranger, {}) for _ in range(6)]
    begin = await stranger.post_json("/sign-in/passkey/begin", {})
    by_link = await stranger.post("/sign-in", {"email": "anna@example.com"})

    assert statuses == [403] * 5 + [429]
    assert (begin.status, by_link.status) == (429, 429)
    assert "too many tries" in (await begin.json())["message"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"credential": 1}', b'{"credential": ' + b"[" * 30_000])
async def test_what_no_browser_sends_signs_nobody_in(gateway: Gateway, body: bytes) -> None:
    own = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "de"}

    answer = await gateway.client.post("/sign-in/passkey", data=body, headers=own)

    assert answer.status == 403
    assert "nicht angenommen" in (await answer.json())["message"]


@pytest.mark.parametrize(
    "said", ["W1tb", text(b"[" * 30_000), text(b'{"challenge": 1}'), text(b'{"challenge": "\xc3\xa9"}'), 7]
)
async def test_a_challenge_that_cannot_be_read_signs_nobody_in(gateway: Gateway, said: object) -> None:
    assert await sign_in(Browser(gateway), {"response": {"clientDataJSON": said}}) == 403


@pytest.mark.parametrize(("language", "words"), LANGUAGES.items())
async def test_the_page_offers_it_in_every_language_where_the_address_has_a_name(
    gateway: Gateway, language: str, words: str
) -> None:
    browser = Browser(gateway)
    by_name = await browser.get("/sign-in", Host="localhost", **{"Accept-Language": language})
    by_digits = await browser.get("/sign-in", **{"Accept-Language": language})

    assert words in await by_name.text()
    assert "passkeys.js" in await by_name.text()
    assert "passkey" not in await by_digits.text()
