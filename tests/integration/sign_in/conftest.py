"""A person, and a browser."""

import pytest

from gateway.domain.access.roles import Role
from gateway.usecases.access.links import make_link
from gateway.usecases.access.members import Invitation, invite
from gateway.usecases.access.people import PersonView, find_person
from tests.support.actors import CLERK
from tests.support.authenticator import Authenticator
from tests.support.browser import Browser, secret_of
from tests.support.running import Gateway

ANNA = "anna@example.com"


@pytest.fixture
async def anna(gateway: Gateway) -> PersonView:
    """An operator."""
    async with gateway.process.context.pool.acquire() as conn:
        invitation = Invitation(email=ANNA, role=Role.OPERATOR, account_id=None, name="Anna", language="de")
        await invite(conn, actor=CLERK, invitation=invitation, now=gateway.clock.now())
        return await find_person(conn, email=ANNA)


@pytest.fixture
def browser(gateway: Gateway) -> Browser:
    return Browser(gateway)


@pytest.fixture
async def secret(gateway: Gateway, anna: PersonView) -> str:
    """Of a link that signs her in."""
    async with gateway.process.context.pool.acquire() as conn:
        link = await make_link(conn, actor=CLERK, person=anna, base_url="http://127.0.0.1", now=gateway.clock.now())
    return secret_of(link.url)


@pytest.fixture
async def signed_in(browser: Browser, secret: str) -> Browser:
    """Her browser."""
    assert (await browser.post("/sign-in/link", {"secret": secret})).status == 303
    return browser


@pytest.fixture
def authenticator(gateway: Gateway) -> Authenticator:
    """Hers, of this gateway's address."""
    return Authenticator(str(gateway.client.make_url("/")).rstrip("/"))
