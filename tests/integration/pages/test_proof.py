"""Who moves money or does what is dangerous by a page proves first that it is they."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.domain.access.actions import Action
from gateway.domain.access.roles import Role
from gateway.web.api.in_process import InProcessApi
from gateway.web.api.routes import ROUTES
from gateway.web.browser.visiting import Visiting
from gateway.web.pages.page import OWN, Deed
from gateway.web.pages.routes import PAGES
from gateway.web.pages.serving import PageServer
from gateway.web.pages.visit import PageVisit
from tests.integration.pages.conftest import SignIn
from tests.support.running import Gateway, gateway_on
from tests.support.sides import Side, side

HALF_AN_HOUR = 30 * 60


async def top_up(visit: PageVisit) -> str:
    body = {"amount": "1", "external_id": visit.form["key"]}
    await visit.do("top_up", path={"account_id": visit.path["account_id"]}, body=body)
    return "/done"


async def create_token(visit: PageVisit) -> str:
    await visit.do("create_token", body={"role": "reader", "account_id": visit.account_id})
    return "/done"


DEEDS = (
    Deed(path=f"{OWN}/test-top-up", page=OWN, action=Action.MONEY_TOP_UP, do=top_up),
    Deed(path=f"{OWN}/test-token", page=OWN, action=Action.TOKENS_CHANGE, do=create_token),
)


@pytest.fixture(params=[True])
async def gateway(dsn: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Gateway]:
    """One that asks operators for a second factor, with two deeds of a test."""
    async with gateway_on(dsn, tmp_path, operator_second_factor=request.param) as running:
        process = running.process
        api = InProcessApi(process.context, process.api, ROUTES)
        application = web.Application()
        pages = PageServer(process.context, api, PAGES, DEEDS)
        application.router.add_routes(pages.routes(Visiting(process.context, process.api)))
        async with TestClient(TestServer(application)) as client:
            hooks, running.client = running.client, client
            yield running
            running.client = hooks


async def own_side(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Side:
    """Its call needs no webhook here."""

    async def started(*_arguments: object, **_more: object) -> None:
        return None

    monkeypatch.setattr(gateway, "start", started)
    return await side(gateway, 1)


async def prove(gateway: Gateway, *, until_s: int) -> None:
    """As if a factor had been shown by everybody who has one."""
    pool = gateway.process.context.pool
    await pool.execute("INSERT INTO totp SELECT id, 'x', $1 FROM person", gateway.clock.now())
    await pool.execute(
        "UPDATE session SET proven_until = $1::timestamptz + make_interval(secs => $2)",
        gateway.clock.now(),
        float(until_s),
    )


async def test_an_operator_without_a_factor_is_led_to_register_one(
    gateway: Gateway, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = await own_side(gateway, monkeypatch)
    browser = await sign_in(Role.OPERATOR)

    for deed in ("test-top-up", "test-token"):
        answer = await browser.post(f"/a/{own.account_id}/{deed}", {"key": "once"})
        place = f"/second-factor?why=register_second_factor&next=%2Fa%2F{own.account_id}"
        assert (answer.status, answer.headers.get("Location")) == (303, place), await answer.text()

    assert await gateway.process.context.pool.fetchval("SELECT count(*) FROM idempotency") == 0


async def test_money_needs_it_once_and_what_is_dangerous_lately(
    gateway: Gateway, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = await own_side(gateway, monkeypatch)
    browser = await sign_in(Role.OPERATOR)
    await prove(gateway, until_s=-1)

    money = await browser.post(f"/a/{own.account_id}/test-top-up", {"key": "one"})
    danger = await browser.post(f"/a/{own.account_id}/test-token", {"key": "two"})

    assert money.headers["Location"] == "/done"
    assert danger.headers["Location"].startswith("/second-factor?why=show_second_factor")


async def test_an_administrator_who_signed_in_long_ago_signs_in_again(
    gateway: Gateway, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = await own_side(gateway, monkeypatch)
    browser = await sign_in(Role.ADMINISTRATOR, own.account_id)

    at_once = await browser.post(f"/a/{own.account_id}/test-token", {"key": "one"})
    gateway.clock.advance(HALF_AN_HOUR)
    late = await browser.post(f"/a/{own.account_id}/test-token", {"key": "two"})

    assert at_once.headers["Location"] == "/done"
    assert late.headers["Location"].startswith("/second-factor?why=sign_in_again")


@pytest.mark.parametrize("gateway", [False], indirect=True)
async def test_where_it_is_not_asked_for_operators_need_none(
    gateway: Gateway, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = await own_side(gateway, monkeypatch)
    browser = await sign_in(Role.OPERATOR)

    answers = [
        await browser.post(f"/a/{own.account_id}/{each}", {"key": each}) for each in ("test-top-up", "test-token")
    ]

    assert [each.headers.get("Location") for each in answers] == ["/done", "/done"]
