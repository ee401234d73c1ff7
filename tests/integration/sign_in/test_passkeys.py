"""Passkeys as a second factor: registered, shown, taken away; and what is signed otherwise proves nothing."""

from typing import Any

import pytest

from gateway.usecases.access.people import PersonView
from tests.support.authenticator import Authenticator
from tests.support.browser import Browser
from tests.support.passkeys import begun, register
from tests.support.running import Gateway

HALF_AN_HOUR = 30 * 60


async def prove(browser: Browser, credential: dict[str, Any], next_path: str = "") -> tuple[int, dict[str, str]]:
    answer = await browser.post_json("/second-factor/proof", {"credential": credential, "next": next_path})
    return answer.status, await answer.json()


async def session(gateway: Gateway) -> dict[str, Any]:
    return dict(await gateway.process.context.pool.fetchrow("SELECT * FROM session ORDER BY id DESC LIMIT 1"))


async def notes(gateway: Gateway) -> list[str]:
    rows = await gateway.process.context.pool.fetch("SELECT note FROM audit WHERE action LIKE 'me.%' ORDER BY id")
    return [row["note"] for row in rows]


async def test_a_passkey_is_registered_which_proves_the_session(
    gateway: Gateway, anna: PersonView, signed_in: Browser, authenticator: Authenticator
) -> None:
    await register(signed_in, authenticator, "Annas Telefon")

    page = await (await signed_in.get("/second-factor")).text()
    assert "Annas Telefon" in page
    assert (await session(gateway))["proven_until"] is not None
    assert (await notes(gateway))[-1] == "passkey registered"


async def test_a_passkey_is_shown_once_it_has_been_half_an_hour(
    gateway: Gateway, anna: PersonView, signed_in: Browser, authenticator: Authenticator
) -> None:
    await register(signed_in, authenticator)
    gateway.clock.advance(HALF_AN_HOUR)
    before = (await session(gateway))["proven_until"]
    assert 'data-does="show"' not in await (await signed_in.get("/second-factor", Host="127.0.0.1")).text()
    assert 'data-does="show"' in await (await signed_in.get("/second-factor", Host="localhost")).text()

    status, said = await prove(signed_in, authenticator.show(await begun(signed_in, "proof")), "/money?kind=refund")

    assert (status, said) == (200, {"next": "/money?kind=refund"})
    assert (await session(gateway))["proven_until"] > before
    assert (await notes(gateway))[-1] == "passkey phone shown"


async def test_what_was_signed_counts_once_and_for_five_minutes(
    gateway: Gateway, anna: PersonView, signed_in: Browser, authenticator: Authenticator
) -> None:
    await register(signed_in, authenticator)
    signed = authenticator.show(await begun(signed_in, "proof"))
    late = authenticator.show(await begun(signed_in, "proof"))

    assert (await prove(signed_in, signed))[0] == 200
    assert (await prove(signed_in, signed))[0] == 409
    gateway.clock.advance(5 * 60)
    assert (await prove(signed_in, late))[0] == 409


@pytest.mark.parametrize("origin", ["http://evil.example", "https://127.0.0.1"])
async def test_a_passkey_of_another_site_is_not_taken(
    gateway: Gateway, anna: PersonView, signed_in: Browser, origin: str
) -> None:
    credential = Authenticator(origin).register(await begun(signed_in))

    answer = await signed_in.post_json("/second-factor/passkey", {"credential": credential})

    assert answer.status == 409
    assert "nicht angenommen" in (await answer.json())["message"]
    assert await gateway.process.context.pool.fetchval("SELECT count(*) FROM passkey") == 0


async def test_a_passkey_of_somebody_else_proves_nothing(
    gateway: Gateway, anna: PersonView, signed_in: Browser, authenticator: Authenticator
) -> None:
    await register(signed_in, authenticator)
    stranger = Authenticator(str(gateway.client.make_url("/")).rstrip("/"))

    forged = stranger.show(await begun(signed_in, "proof"))
    stranger.key_id = bytes(32)
    unknown = stranger.show(await begun(signed_in, "proof"))

    assert [(await prove(signed_in, each))[0] for each in (forged, unknown, {})] == [409] * 3


async def test_tries_are_limited_as_those_to_sign_in_are(
    gateway: Gateway, anna: PersonView, signed_in: Browser, authenticator: Authenticator
) -> None:
    gateway.clock.advance(60)

    statuses = [(await prove(signed_in, {}))[0] for _ in range(6)]

    assert statuses == [409] * 5 + [429]


async def test_factors_are_changed_by_whoever_has_just_shown_one(
    gateway: Gateway, anna: PersonView, signed_in: Browser, authenticator: Authenticator
) -> None:
    await register(signed_in, authenticator)
    [row] = await gateway.process.context.pool.fetch("SELECT encode(id, 'base64') AS id FROM passkey")
    key = row["id"].replace("+", "-").replace("/", "_").rstrip("=")
    gateway.clock.advance(HALF_AN_HOUR)

    late = await signed_in.post("/second-factor/passkey/remove", {"passkey": key})
    begin = await signed_in.post_json("/second-factor/passkey/begin", {})
    await prove(signed_in, authenticator.show(await begun(signed_in, "proof")))
    unknown = await signed_in.post("/second-factor/passkey/remove", {"passkey": "AAAA"})
    removed = await signed_in.post("/second-factor/passkey/remove", {"passkey": key, "next": "/calls"})

    assert (late.status, begin.status, unknown.status) == (409, 409, 409)
    assert (removed.status, removed.headers["Location"]) == (303, "/second-factor?next=%2Fcalls")
    assert (await notes(gateway))[-1] == "a passkey taken away"
    assert (await signed_in.post_json("/second-factor/proof/begin", {})).status == 409


async def test_one_passkey_is_one_persons(
    gateway: Gateway, anna: PersonView, signed_in: Browser, authenticator: Authenticator
) -> None:
    await register(signed_in, authenticator)

    again = authenticator.register(await begun(signed_in))

    assert (await signed_in.post_json("/second-factor/passkey", {"credential": again})).status == 409


async def test_whoever_has_not_signed_in_is_given_nothing_to_sign(gateway: Gateway) -> None:
    stranger = Browser(gateway)

    for what in ("passkey/begin", "passkey", "proof/begin", "proof"):
        assert (await stranger.post_json(f"/second-factor/{what}", {})).status == 401
    for what in ("password", "password/set-up", "password/remove", "passkey/remove"):
        assert (await stranger.post(f"/second-factor/{what}")).headers["Location"] == "/sign-in"
