"""Browsers of people with each role."""

from collections.abc import Awaitable, Callable

import pytest

from gateway.domain.access.roles import Role
from gateway.usecases.access.members import Invitation, invite
from gateway.usecases.access.people import show_person
from gateway.usecases.access.sessions import UserAgent, begin_session
from tests.support.actors import CLERK
from tests.support.browser import Browser
from tests.support.running import Gateway

SignIn = Callable[..., Awaitable[Browser]]


@pytest.fixture
def sign_in(gateway: Gateway) -> SignIn:
    """Invites somebody with a role, of an account or of the operator's side, and signs them in."""

    async def signed_in(role: Role, account_id: int | None = None, *, language: str = "en") -> Browser:
        async with gateway.process.context.pool.acquire() as conn, conn.transaction():
            number = 1 + await conn.fetchval("SELECT count(*) FROM person")
            email = f"{role}-{number}@example.com"
            invitation = Invitation(email=email, role=role, account_id=account_id, language=language)
            member = await invite(conn, actor=CLERK, invitation=invitation, now=gateway.clock.now())
            person = await show_person(conn, person_id=member.person_id)
            visitor = UserAgent(address="127.0.0.1", agent="a browser")
            session = await begin_session(
                conn, person_id=person.id, visitor=visitor, by="a test", now=gateway.clock.now()
            )
        browser = Browser(gateway)
        browser.cookies["gateway"] = session.secret
        return browser

    return signed_in
