"""Accounts by the operator's pages: found, opened, seen, and all that is done to one."""

import re
from decimal import Decimal

import pytest

from gateway.domain.access.roles import Role
from tests.integration.pages.conftest import SignIn
from tests.integration.pages.test_home import plain
from tests.support.browser import Browser
from tests.support.running import Gateway
from tests.support.sides import side


async def balance(gateway: Gateway, account_id: int) -> Decimal:
    found: Decimal = await gateway.process.context.pool.fetchval(
        "SELECT balance FROM account WHERE id = $1", account_id
    )
    return found


@pytest.fixture
async def operator(sign_in: SignIn) -> Browser:
    return await sign_in(Role.OPERATOR)


async def test_an_account_is_found_by_its_number_and_shown_whole(gateway: Gateway, operator: Browser) -> None:
    own = await side(gateway, 1)
    await side(gateway, 2)

    found = await (await operator.get(f"/accounts?q=%2B{own.number[1:]}")).text()
    html = await (await operator.get(f"/accounts/{own.account_id}")).text()

    assert re.findall(r'<a href="(/accounts/\d+)">', found) == [f"/accounts/{own.account_id}"]
    text = plain(html)
    assert "Balance $101.00" in text
    assert "+1 555-010-0001 works" in text
    assert f'href="/a/{own.account_id}"' in html
    assert "reads only" in text


async def test_an_account_is_opened_once(gateway: Gateway, operator: Browser) -> None:
    form = {"key": "k1", "name": "New Ltd", "email": "a@new.example", "currency": "eur", "credit_limit": "2,5"}

    answers = [await operator.post("/accounts/open", form) for _ in range(2)]

    [location] = {each.headers["Location"] for each in answers}
    assert "It is open." in await (await operator.get(location)).text()
    rows = await gateway.process.context.pool.fetch("SELECT currency::text, credit_limit::numeric FROM account")
    assert [tuple(row) for row in rows] == [("EUR", Decimal("2.5"))]


@pytest.mark.parametrize(
    ("deed", "form", "moved"),
    [
        ("top-up", {"amount": "5,50", "external_id": "bank-7"}, "5.5"),
        ("refund", {"amount": "2", "note": "a bad line"}, "2"),
        ("adjust", {"amount": "-3", "note": "counted twice"}, "-3"),
    ],
)
async def test_money_is_moved_once_however_often_it_is_pressed(
    gateway: Gateway, operator: Browser, deed: str, form: dict[str, str], moved: str
) -> None:
    own = await side(gateway, 1)
    before = await balance(gateway, own.account_id)
    path = f"/accounts/{own.account_id}/{deed}"
    assert 'name="amount"' in await (await operator.get(path)).text()

    answers = [await operator.post(path, {"key": "k1", **form}) for _ in range(2)]

    assert [each.status for each in answers] == [303, 303]
    assert await balance(gateway, own.account_id) == before + Decimal(moved)
    assert 'class="well"' in await (await operator.get(answers[0].headers["Location"])).text()


async def test_what_is_refused_stands_on_the_form_with_what_was_filled_in(gateway: Gateway, operator: Browser) -> None:
    own = await side(gateway, 1)

    answer = await operator.post(f"/accounts/{own.account_id}/adjust", {"key": "k1", "amount": "much", "note": "why"})

    html = await answer.text()
    assert answer.status == 422
    assert 'role="alert"' in html
    assert 'value="much"' in html


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.ADMINISTRATOR])
@pytest.mark.parametrize("deed", ["top-up", "adjust", "caps", "change", "unblock", "close"])
async def test_who_may_not_does_nothing(gateway: Gateway, sign_in: SignIn, role: Role, deed: str) -> None:
    own = await side(gateway, 1)
    browser = await sign_in(role, own.account_id if role.is_of_account else None)

    answer = await browser.post(
        f"/accounts/{own.account_id}/{deed}", {"key": "k1", "amount": "5", "external_id": "x", "sure": "yes"}
    )

    assert answer.status in {403, 303}
    if answer.status == 303:
        assert answer.headers["Location"].startswith(f"/a/{own.account_id}")
    assert await balance(gateway, own.account_id) == Decimal(101)


async def test_an_account_is_blocked_with_a_reason_and_unblocked(gateway: Gateway, operator: Browser) -> None:
    own = await side(gateway, 1)
    base = f"/accounts/{own.account_id}"

    blocked = await operator.post(f"{base}/block", {"key": "k1", "reason": "fraud?", "cut": "yes"})
    seen = plain(await (await operator.get(blocked.headers["Location"])).text())
    unblocked = await operator.post(f"{base}/unblock", {"key": "k2"})
    after = plain(await (await operator.get(unblocked.headers["Location"])).text())

    assert "Blocked: its calls are refused. fraud?" in seen
    assert "It may call again." in after


async def test_an_account_is_closed_only_by_who_says_so(gateway: Gateway, operator: Browser) -> None:
    own = await side(gateway, 1)
    await gateway.end("call-1", seconds=0)
    path = f"/accounts/{own.account_id}/close"
    assert "Numbers and connectors that end: 2" in plain(await (await operator.get(path)).text())

    without = await operator.post(path, {"key": "k1", "money": "pay_out"})
    closed = await operator.post(path, {"key": "k2", "money": "pay_out", "sure": "yes"})

    assert without.status == 422
    assert closed.status == 303
    assert "Closed for ever" in await (await operator.get(f"/accounts/{own.account_id}")).text()


async def test_what_is_agreed_and_the_caps_are_changed_and_a_late_change_is_refused(
    gateway: Gateway, operator: Browser
) -> None:
    own = await side(gateway, 1)
    base = f"/accounts/{own.account_id}"
    version = re.search(r'name="version" value="([^"]+)"', await (await operator.get(f"{base}/change")).text())
    assert version is not None
    form = {"key": "k1", "name": "Acme II", "credit_limit": "7", "version": version[1]}

    changed = await operator.post(f"{base}/change", form)
    late = await operator.post(f"{base}/change", {**form, "key": "k2", "name": "Acme III"})
    capped = await operator.post(f"{base}/caps", {"key": "k3", "live_calls": "3", "blocked_prefixes": "+53\n+1900"})
    wrong = await operator.post(f"{base}/caps", {"key": "k4", "live_calls": "three"})

    assert (changed.status, late.status, capped.status, wrong.status) == (303, 412, 303, 422)
    caps = await (await operator.get(f"{base}/caps")).text()
    assert "1 of 3" in plain(caps)
    assert "+53\n+1900" in caps or "+1900\n+53" in caps
    assert "Acme II" in await (await operator.get(base)).text()
