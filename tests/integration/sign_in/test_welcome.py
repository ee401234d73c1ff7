"""The first operator of an empty database."""

from gateway.usecases.access.links import make_first_link
from gateway.usecases.access.people import PersonView
from tests.support.browser import Browser, secret_of
from tests.support.running import Gateway

BORIS = {"name": "Boris", "email": "boris@example.com"}


async def first_secret(gateway: Gateway) -> str:
    async with gateway.process.context.pool.acquire() as conn:
        link = await make_first_link(conn, base_url="http://127.0.0.1", now=gateway.clock.now())
    assert link is not None
    return secret_of(link.url)


async def test_whoever_opens_the_link_becomes_the_operator(gateway: Gateway, browser: Browser) -> None:
    secret = await first_secret(gateway)

    shown = await browser.get(f"/welcome?secret={secret}")
    welcomed = await browser.post("/welcome", BORIS | {"secret": secret})
    again = await Browser(gateway).post("/welcome", BORIS | {"secret": secret})

    assert (shown.status, welcomed.status, again.status) == (200, 303, 403)
    assert browser.cookies


async def test_a_wrong_address_may_be_corrected(gateway: Gateway, browser: Browser) -> None:
    secret = await first_secret(gateway)

    refused = await browser.post("/welcome", BORIS | {"secret": secret, "email": "boris"})
    welcomed = await browser.post("/welcome", BORIS | {"secret": secret})

    assert (refused.status, welcomed.status) == (422, 303)


async def test_the_second_of_two_links_is_too_late(gateway: Gateway, browser: Browser) -> None:
    first, second = await first_secret(gateway), await first_secret(gateway)

    welcomed = await browser.post("/welcome", BORIS | {"secret": first})
    late = await Browser(gateway).post("/welcome", {"secret": second, "email": "eve@example.com"})

    assert (welcomed.status, late.status) == (303, 422)


async def test_where_there_is_an_operator_there_is_no_such_link(gateway: Gateway, anna: PersonView) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        assert await make_first_link(conn, base_url="http://127.0.0.1", now=gateway.clock.now()) is None
