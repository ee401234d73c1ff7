"""One-time passwords as a second factor: set up with the first of them, each good once, lost and taken away."""

import html
import re
from pathlib import Path

import pyotp
import pytest

from gateway.domain.errors import Conflict
from gateway.usecases.access.factor_seal import factor_seal
from gateway.usecases.access.factors import forget_factors
from gateway.usecases.access.one_time_passwords import step_of
from gateway.usecases.access.people import PersonView
from tests.support.actors import CLERK
from tests.support.browser import Browser
from tests.support.running import Gateway
from tests.support.world import NOON

HALF_AN_HOUR = 30 * 60


async def set_up(gateway: Gateway, browser: Browser) -> pyotp.TOTP:
    """What an authenticator has, once its first password has confirmed it."""
    assert (await browser.post("/second-factor/password/set-up")).status == 303
    page = await (await browser.get("/second-factor")).text()
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found is not None, page
    authenticator = pyotp.TOTP(found[1].replace(" ", ""))
    answer = await show(gateway, browser, authenticator, next="/calls")
    assert answer == (303, "/calls")
    return authenticator


async def show(gateway: Gateway, browser: Browser, authenticator: pyotp.TOTP, **form: str) -> tuple[int, str | None]:
    code = authenticator.at(gateway.clock.now())
    answer = await browser.post("/second-factor/password", {"code": f" {code[:3]} {code[3:]} "} | form)
    return answer.status, answer.headers.get("Location")


async def proven_until(gateway: Gateway) -> object:
    return await gateway.process.context.pool.fetchval("SELECT proven_until FROM session ORDER BY id DESC LIMIT 1")


async def test_they_are_set_up_by_a_code_and_its_first_password(
    gateway: Gateway, anna: PersonView, signed_in: Browser
) -> None:
    await signed_in.post("/second-factor/password/set-up")
    page = await (await signed_in.get("/second-factor?next=/calls")).text()
    await set_up(gateway, signed_in)

    assert "<svg" in page
    assert "style=" not in page
    assert 'name="next" value="/calls"' in page
    assert await proven_until(gateway) is not None
    kept = await gateway.process.context.pool.fetchval("SELECT secret FROM totp")
    assert kept.startswith("gAAAA")
    notes = await gateway.process.context.pool.fetch("SELECT note, object FROM audit ORDER BY id DESC LIMIT 1")
    assert [tuple(row) for row in notes] == [("one-time password registered", f"person:{anna.id}")]


async def test_each_is_good_once(gateway: Gateway, anna: PersonView, signed_in: Browser) -> None:
    authenticator = await set_up(gateway, signed_in)

    assert (await show(gateway, signed_in, authenticator))[0] == 422
    gateway.clock.advance(30)
    assert (await show(gateway, signed_in, authenticator)) == (303, "/second-factor")
    assert (await show(gateway, signed_in, authenticator))[0] == 422


async def test_a_wrong_one_proves_nothing_and_tries_are_limited(
    gateway: Gateway, anna: PersonView, signed_in: Browser
) -> None:
    authenticator = await set_up(gateway, signed_in)
    gateway.clock.advance(HALF_AN_HOUR + 60)
    code = authenticator.at(gateway.clock.now())
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    before = await proven_until(gateway)

    answers = [await signed_in.post("/second-factor/password", {"code": each}) for each in [wrong, "", "x"] * 2]

    assert [each.status for each in answers] == [422] * 5 + [429]
    assert (await show(gateway, signed_in, authenticator))[0] == 429
    assert await proven_until(gateway) == before


async def test_where_one_goes_on_is_a_page_of_ours(gateway: Gateway, anna: PersonView, signed_in: Browser) -> None:
    authenticator = await set_up(gateway, signed_in)

    for wanted in ("//evil.example", "https://evil.example/", "/\\evil.example", "calls"):
        gateway.clock.advance(60)
        assert await show(gateway, signed_in, authenticator, next=wanted) == (303, "/second-factor")


async def test_they_are_taken_away_by_whoever_has_just_shown_one(
    gateway: Gateway, anna: PersonView, signed_in: Browser
) -> None:
    authenticator = await set_up(gateway, signed_in)
    gateway.clock.advance(HALF_AN_HOUR)

    late = await signed_in.post("/second-factor/password/remove")
    await show(gateway, signed_in, authenticator)
    second = await signed_in.post("/second-factor/password/set-up")
    removed = await signed_in.post("/second-factor/password/remove")
    again = await signed_in.post("/second-factor/password/remove")

    assert [each.status for each in (late, second, removed, again)] == [409, 409, 303, 409]
    assert (await show(gateway, signed_in, authenticator))[0] == 422


async def test_whoever_signed_in_long_ago_signs_in_again_before_they_set_them_up(
    gateway: Gateway, anna: PersonView, signed_in: Browser
) -> None:
    gateway.clock.advance(HALF_AN_HOUR)

    page = await (await signed_in.get("/second-factor")).text()
    refused = await signed_in.post("/second-factor/password/set-up")

    assert 'action="/sign-in"' in page
    assert refused.status == 409


async def test_why_somebody_was_led_here_is_said_in_their_language(
    gateway: Gateway, anna: PersonView, signed_in: Browser
) -> None:
    page = html.unescape(await (await signed_in.get("/second-factor?why=register_second_factor&next=/money")).text())

    assert "Dafür brauchen Sie einen zweiten Faktor" in page
    assert (await signed_in.get("/second-factor?why=other")).status == 200


async def test_another_operator_takes_lost_factors_away(gateway: Gateway, anna: PersonView, signed_in: Browser) -> None:
    await set_up(gateway, signed_in)
    async with gateway.process.context.pool.acquire() as conn:
        now = gateway.clock.now()
        taken = await forget_factors(conn, actor=CLERK, person_id=anna.id, now=now)

        assert (taken.passkeys, taken.has_totp) == (0, True)
        with pytest.raises(Conflict):
            await forget_factors(conn, actor=CLERK, person_id=anna.id, now=now)
    assert (await signed_in.get("/second-factor")).headers["Location"] == "/sign-in"


async def test_what_was_sealed_by_another_key_is_told(gateway: Gateway, anna: PersonView, signed_in: Browser) -> None:
    authenticator = await set_up(gateway, signed_in)
    (gateway.process.context.settings.data / "keys/factors").unlink()
    gateway.clock.advance(60)

    assert (await show(gateway, signed_in, authenticator))[0] == 422
    assert "GATEWAY_ENCRYPTION_KEYS" in await (await signed_in.get("/second-factor")).text()


def test_the_key_is_drawn_once_and_nobody_else_reads_it(gateway: Gateway, tmp_path: Path) -> None:
    settings = gateway.process.context.settings

    kept = factor_seal(settings).close("a secret")

    assert factor_seal(settings).open(kept) == "a secret"
    assert (settings.data / "keys/factors").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("off", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(off: int, is_good: bool) -> None:
    secret = pyotp.random_base32()
    here = int(NOON.timestamp()) // 30

    found = step_of(pyotp.HOTP(secret).at(here + off), secret=secret, after=0, now=NOON)

    assert found == (here + off if is_good else None)
