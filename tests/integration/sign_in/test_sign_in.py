"""Sign in by a link, once; and what is tried by those who are not let in."""

import pytest

from gateway.domain.access.roles import Role
from gateway.domain.errors import NotFound
from gateway.postgres.mail import outbox
from gateway.usecases.access.members import Invitation, invite
from gateway.usecases.access.people import PersonChange, PersonView, change_person
from gateway.usecases.access.sessions import UserAgent, actor_of_session, end_session, list_sessions, open_session
from tests.support.actors import CLERK
from tests.support.browser import Browser, secret_of
from tests.support.running import Gateway

ANNA = "anna@example.com"


async def mails(gateway: Gateway) -> list[dict[str, str]]:
    rows = await gateway.process.context.pool.fetch("SELECT recipient, language, facts FROM mail ORDER BY id")
    return [dict(row) for row in rows]


async def is_signed_in(gateway: Gateway, browser: Browser) -> bool:
    async with gateway.process.context.pool.acquire() as conn:
        secret = browser.cookies.get("gateway", "")
        return await open_session(conn, secret=secret, now=gateway.clock.now()) is not None


async def test_a_link_comes_by_mail_and_signs_in_once(gateway: Gateway, anna: PersonView, browser: Browser) -> None:
    asked = await browser.post("/sign-in", {"email": ANNA.upper()})
    [mail] = await mails(gateway)
    secret = secret_of(mail["facts"]["link"])
    shown = await browser.get(f"/sign-in/link?secret={secret}")
    used = await browser.post("/sign-in/link", {"secret": secret})
    again = await Browser(gateway).post("/sign-in/link", {"secret": secret})

    assert (asked.status, asked.headers["Location"]) == (303, "/sign-in/sent")
    assert (mail["recipient"], mail["language"]) == (ANNA, "de")
    assert (shown.status, shown.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert (used.status, again.status) == (303, 403)
    assert await is_signed_in(gateway, browser)


async def test_the_cookie_is_for_this_site_alone_and_no_script(signed_in: Browser) -> None:
    assert signed_in.set_cookie.startswith("gateway=")
    for word in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert word in signed_in.set_cookie


async def test_whether_somebody_has_an_address_is_not_told(gateway: Gateway, anna: PersonView) -> None:
    known = await Browser(gateway).post("/sign-in", {"email": ANNA})
    unknown = await Browser(gateway).post("/sign-in", {"email": "nobody@example.com"})

    assert known.status == unknown.status
    assert await known.read() == await unknown.read()
    assert dict(known.headers) | {"Date": ""} == dict(unknown.headers) | {"Date": ""}
    assert len(await mails(gateway)) == 1


async def test_a_link_that_has_expired_signs_nobody_in(gateway: Gateway, secret: str, browser: Browser) -> None:
    gateway.clock.advance(15 * 60)

    assert (await browser.post("/sign-in/link", {"secret": secret})).status == 403
    assert browser.cookies == {}


async def test_whoever_is_disabled_is_out_at_once_and_stays_out(
    gateway: Gateway, anna: PersonView, signed_in: Browser
) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        other = Invitation(email="boris@example.com", role=Role.OPERATOR, account_id=None)
        await invite(conn, actor=CLERK, invitation=other, now=gateway.clock.now())
        off = PersonChange(is_disabled=True)
        await change_person(conn, actor=CLERK, person_id=anna.id, change=off, now=gateway.clock.now())

    assert not await is_signed_in(gateway, signed_in)
    await signed_in.post("/sign-in", {"email": ANNA})
    assert await mails(gateway) == []


async def test_a_session_that_was_revoked_is_over(gateway: Gateway, signed_in: Browser) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        [session] = await list_sessions(conn, person_id=None, now=gateway.clock.now())
        await end_session(conn, actor=CLERK, session_id=session.id, now=gateway.clock.now())

        assert await list_sessions(conn, person_id=None, now=gateway.clock.now()) == []
    assert not await is_signed_in(gateway, signed_in)


async def test_a_session_expires_and_its_use_is_noted_once_a_minute(gateway: Gateway, signed_in: Browser) -> None:
    async def seen_at() -> object:
        return await gateway.process.context.pool.fetchval("SELECT seen_at FROM session")

    began = await seen_at()
    gateway.clock.advance(59)
    await is_signed_in(gateway, signed_in)
    assert await seen_at() == began
    gateway.clock.advance(2)
    await is_signed_in(gateway, signed_in)
    assert await seen_at() == gateway.clock.now()
    gateway.clock.advance(7 * 24 * 3600)
    assert not await is_signed_in(gateway, signed_in)


async def test_whoever_has_signed_in_is_told_as_whom(gateway: Gateway, signed_in: Browser) -> None:
    assert ANNA in await (await signed_in.get("/second-factor")).text()
    assert (await Browser(gateway).get("/second-factor")).headers["Location"] == "/sign-in"
    assert (await signed_in.get("/static/pages.css")).status == 200
    assert (await signed_in.get("/static/other.css")).status == 404


async def test_whoever_signs_out_is_out(gateway: Gateway, signed_in: Browser) -> None:
    kept = dict(signed_in.cookies)

    out = await signed_in.post("/sign-out")
    signed_in.cookies = kept

    assert out.status == 303
    assert not await is_signed_in(gateway, signed_in)
    assert (await signed_in.post("/sign-out")).status == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
async def test_a_post_of_another_site_is_refused(gateway: Gateway, secret: str, headers: dict[str, str]) -> None:
    browser = Browser(gateway)

    refused = await browser.post("/sign-in/link", {"secret": secret}, headers=headers)

    assert (refused.status, browser.cookies) == (403, {})


async def test_an_old_browser_says_its_origin(gateway: Gateway, secret: str, browser: Browser) -> None:
    origin = f"http://127.0.0.1:{gateway.client.port}"

    assert (await browser.post("/sign-in/link", {"secret": secret}, headers={"Origin": origin})).status == 303


async def test_over_plain_http_on_another_host_nobody_signs_in(gateway: Gateway, secret: str, browser: Browser) -> None:
    refused = await browser.post(
        "/sign-in/link", {"secret": secret}, headers={"Sec-Fetch-Site": "same-origin", "Host": "gw.example"}
    )

    assert refused.status == 403
    assert browser.cookies == {}


async def test_tries_are_limited_by_network_address_and_by_mail_address(gateway: Gateway, browser: Browser) -> None:
    statuses = [(await browser.post("/sign-in", {"email": f"{at}@example.com"})).status for at in range(6)]
    gateway.clock.advance(61)
    later = await browser.post("/sign-in", {"email": "0@example.com"})

    assert statuses == [303] * 5 + [429]
    assert later.status == 303


async def test_links_are_not_guessed(browser: Browser, anna: PersonView) -> None:
    statuses = [(await browser.post("/sign-in/link", {"secret": f"guess-{at}"})).status for at in range(6)]

    assert statuses == [403] * 5 + [429]


async def test_nobody_is_a_member_where_they_are_none(gateway: Gateway, anna: PersonView, signed_in: Browser) -> None:
    visitor = UserAgent(address="127.0.0.1", agent="test")
    async with gateway.process.context.pool.acquire() as conn:
        session = await open_session(conn, secret=signed_in.cookies["gateway"], now=gateway.clock.now())
    assert session is not None

    actor = actor_of_session(session, anna, visitor, account_id=None)

    assert (actor.name, actor.role) == (f"person:{anna.id}", Role.OPERATOR)
    with pytest.raises(NotFound):
        actor_of_session(session, anna, visitor, account_id=7)


async def test_pages_run_nothing_that_is_not_ours(browser: Browser) -> None:
    for path in ("/sign-in", "/sign-in/sent", "/sign-in/link?secret=x", "/welcome?secret=x"):
        shown = await browser.get(path)
        policy, text = shown.headers["Content-Security-Policy"], await shown.text()
        assert "'unsafe-inline'" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "style=" not in text
        assert "<script>" not in text


async def test_a_link_in_a_mail_is_for_its_reader_alone(gateway: Gateway, anna: PersonView, browser: Browser) -> None:
    await browser.post("/sign-in", {"email": ANNA})
    secret = secret_of((await mails(gateway))[0]["facts"]["link"])
    async with gateway.process.context.pool.acquire() as conn:
        [shown] = await outbox.page(conn, account_id=None, state=None, before=None, limit=10)

    assert secret not in str(shown)


async def test_only_the_demo_has_a_door_without_a_link(gateway: Gateway, anna: PersonView, browser: Browser) -> None:
    assert (await browser.post("/demo/enter", {"person": ANNA})).status == 403
    assert browser.cookies == {}
