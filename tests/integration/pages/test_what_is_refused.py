"""Every form: not from elsewhere, not with a session that is over, not by who may not, not of another's account."""

import re

import pytest

from gateway.domain.access.actions import GRANTS, Reach
from gateway.domain.access.roles import Role
from gateway.usecases.access.sessions import end_session, list_sessions
from gateway.web.api.route import Method
from gateway.web.api.routes import ROUTES
from gateway.web.pages.page import OWN, Deed
from gateway.web.pages.routes import DEEDS, PAGES
from tests.integration.pages.conftest import SignIn
from tests.support.actors import CLERK
from tests.support.browser import Browser
from tests.support.running import Gateway
from tests.support.sides import Side, side

FORGED = (
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {},
)


def filled(path: str, own: Side) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: own.places.get(name[1], "1"), path)


async def audit_rows(gateway: Gateway) -> int:
    count: int = await gateway.process.context.pool.fetchval("SELECT count(*) FROM audit")
    return count


async def test_a_form_of_somebody_elses_page_does_nothing(gateway: Gateway, sign_in: SignIn) -> None:
    own = await side(gateway, 1)
    browser = await sign_in(Role.OPERATOR)
    before = await audit_rows(gateway)

    for deed in DEEDS:
        for headers in FORGED:
            answer = await browser.post(filled(deed.path, own), {"key": "k"}, headers=headers)
            assert answer.status == 403, (deed.path, headers)

    assert await audit_rows(gateway) == before


async def test_a_session_that_is_over_does_nothing(gateway: Gateway, sign_in: SignIn) -> None:
    own = await side(gateway, 1)
    revoked = await sign_in(Role.OPERATOR)
    async with gateway.process.context.pool.acquire() as conn:
        for session in await list_sessions(conn, person_id=None, now=gateway.clock.now()):
            await end_session(conn, actor=CLERK, session_id=session.id, now=gateway.clock.now())
    stolen = Browser(gateway)
    stolen.cookies["gateway"] = "x" * 43
    before = await audit_rows(gateway)

    for browser in (revoked, stolen, Browser(gateway)):
        for path in [*(each.path for each in DEEDS), *(each.path for each in PAGES)]:
            ask = browser.post if path in {each.path for each in DEEDS} else browser.get
            answer = await ask(filled(path, own))
            assert (answer.status, answer.headers["Location"]) == (303, "/sign-in"), path

    assert await audit_rows(gateway) == before


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.ADMINISTRATOR, Role.READER])
async def test_who_may_not_is_told_so(gateway: Gateway, sign_in: SignIn, role: Role) -> None:
    own = await side(gateway, 1)
    browser = await sign_in(role, own.account_id if role.is_of_account else None)
    before = await audit_rows(gateway)

    for deed in (each for each in DEEDS if not _may(each, role)):
        if role.is_of_account and not deed.path.startswith(OWN):
            continue
        answer = await browser.post(filled(deed.path, own), {"key": deed.path})
        assert answer.status == 403, deed.path

    assert await audit_rows(gateway) == before


async def test_what_is_anothers_is_not_there(gateway: Gateway, sign_in: SignIn) -> None:
    """By the address, and by an id in it below one's own account."""
    own, other = await side(gateway, 1), await side(gateway, 2)
    browser = await sign_in(Role.ADMINISTRATOR, own.account_id)
    before = await audit_rows(gateway)
    mine = {"account_id": str(own.account_id)}
    mixed = Side(account_id=own.account_id, number=other.number, places=other.places | mine)

    for each in [*PAGES, *DEEDS]:
        if not each.path.startswith(OWN):
            continue
        names = set(re.findall(r"\{(\w+)\}", each.path)) - {"account_id", "month"}
        for about in [other, *([mixed] if names else [])]:
            path = filled(each.path, about)
            is_deed = isinstance(each, Deed)
            answer = await (browser.post(path, {"key": path, "sure": "yes"}) if is_deed else browser.get(path))
            assert answer.status == 404 or (about is mixed and answer.status == 403), path

    assert await audit_rows(gateway) == before


def _may(deed: Deed, role: Role) -> bool:
    reach = GRANTS[deed.action].of(role)
    return reach is Reach.ALL if not deed.path.startswith(OWN) else reach is not Reach.NONE


async def test_an_address_of_a_file_changes_nothing(gateway: Gateway, sign_in: SignIn) -> None:
    """Whoever follows a link from elsewhere is signed in: a GET does nothing, whatever route it names."""
    own = await side(gateway, 1)
    browser = await sign_in(Role.OPERATOR)
    before = await audit_rows(gateway)

    for route in (each for each in ROUTES if each.method is not Method.GET or not each.is_file):
        for below in ("", f"/a/{own.account_id}"):
            answer = await browser.get(f"{below}/csv/{route.name}")
            assert answer.status == 404, route.name

    assert await audit_rows(gateway) == before
