"""From the page of a call: who placed it, or where it went, is blocked from the next call on."""

import pytest

from gateway.domain.access.roles import Role
from gateway.usecases.accounts.set_caps import show_caps
from tests.integration.pages.conftest import SignIn
from tests.integration.pages.test_calls import LINE, account, talk, text_of  # noqa: F401 - a fixture
from tests.support.running import Gateway

LONDON, CUBA = "+442079460000", "+5371234567"


@pytest.mark.parametrize("side", ["operator", "administrator"])
async def test_a_destination_is_blocked_from_a_call(
    gateway: Gateway,
    sign_in: SignIn,
    account: int,  # noqa: F811
    side: str,
) -> None:
    await talk(gateway, "dear", 95)
    is_own = side == "administrator"
    browser = await sign_in(Role.ADMINISTRATOR, account) if is_own else await sign_in(Role.OPERATOR)
    own = f"/a/{account}" if is_own else ""

    before = await text_of(browser, f"{own}/calls/pbx:dear")
    form = {"key": "one", "prefix": "+44"}
    twice = [await browser.post(f"{own}/calls/pbx:dear/block-prefix", form) for _ in range(2)]
    after = await text_of(browser, twice[0].headers["Location"])
    reply = await gateway.start("again", LONDON)

    assert 'name="prefix" type="text" value="+44"' in before
    assert f"{own or f'/accounts/{account}'}/caps" in before
    assert {each.headers["Location"] for each in twice} == {f"{own}/calls/pbx:dear?done=prefix_blocked"}
    assert "The destination is blocked" in after
    assert reply["action"] == "reject"
    async with gateway.process.context.pool.acquire() as conn:
        caps = await show_caps(conn, account_id=account, now=gateway.clock.now())
    assert caps.blocked_prefixes == ("+44",)


async def test_a_caller_is_blocked_from_a_call(gateway: Gateway, sign_in: SignIn, account: int) -> None:  # noqa: F811
    incoming = {"caller": CUBA, "direction": "inbound"}
    await gateway.start("nuisance", LINE, **incoming)
    operator = await sign_in(Role.OPERATOR)

    page = await text_of(operator, "/calls/pbx:nuisance")
    done = await operator.post("/calls/pbx:nuisance/block-caller", {"key": "one", "caller": CUBA})
    reply = await gateway.start("again", LINE, **incoming)

    assert f'name="caller" type="text" value="{CUBA}"' in page
    assert "block-prefix" not in page  # it was called, and chose no destination
    assert done.headers["Location"].endswith("?done=caller_blocked")
    assert reply["action"] == "reject"


async def test_what_cannot_be_blocked_is_said_in_the_readers_language(
    gateway: Gateway,
    sign_in: SignIn,
    account: int,  # noqa: F811
) -> None:
    await gateway.start("a1", "+33140000000")
    administrator = await sign_in(Role.ADMINISTRATOR, account, language="de")
    reader = await sign_in(Role.READER, account)

    wrong = await administrator.post(f"/a/{account}/calls/pbx:a1/block-prefix", {"key": "one", "prefix": "Kuba"})
    text = await wrong.text()

    assert wrong.status == 409
    assert "ist nicht ein Plus mit 1 bis 15 Ziffern wie +4479, oder dear" in text
    assert 'value="Kuba"' in text
    assert "block-caller" not in await text_of(reader, f"/a/{account}/calls/pbx:a1")
