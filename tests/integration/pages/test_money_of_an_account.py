"""What moved an account's money, a month of it, and what it may do at most."""

import re
from datetime import timedelta

import pytest

from gateway.domain.access.roles import Role
from tests.integration.pages.conftest import SignIn
from tests.integration.pages.test_overview import plain
from tests.support import calls, world
from tests.support.api import api_client
from tests.support.running import Gateway
from tests.support.world import NOON


@pytest.fixture
async def account(gateway: Gateway) -> int:
    """With a call and a rented number."""
    async with gateway.process.context.pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44")
        await world.rate(conn, "", "4", kind="rent", country="US", category="geographic")
        await calls.start(conn, "c1")
        await calls.end(conn, "c1", 60)
    operator = await api_client(gateway)
    gateway.clock.at = NOON + timedelta(hours=1)
    await operator.post("/numbers", {"number": "+12125550199", "account_id": account})
    return account


async def test_each_entry_leads_to_what_caused_it(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    browser = await sign_in(Role.READER, account)

    html = await (await browser.get(f"/a/{account}/charges")).text()

    call_id = await gateway.process.context.pool.fetchval("SELECT id FROM call")
    assert f'<a href="/a/{account}/calls/{call_id}">Call {call_id}</a>' in html
    assert f'<a href="/a/{account}/numbers/+12125550199">' in html
    assert "After: $95.973. Entries: 3, together $95.973." in plain(html)


async def test_entries_are_found_by_kind_and_by_days_of_the_account(
    gateway: Gateway, sign_in: SignIn, account: int
) -> None:
    browser = await sign_in(Role.READER, account)

    async def rows(query: str) -> int:
        answer = await browser.get(f"/a/{account}/charges?{query}")
        assert answer.status == 200, await answer.text()
        return (await answer.text()).count("<time ")

    assert await rows("kind=rent") == 1
    assert await rows("from=2026-03-11&to=2026-03-11") == 3
    assert await rows("from=2026-03-12&to=") == 0
    assert (await browser.get(f"/a/{account}/charges?from=yesterday")).status == 422
    downloaded = await browser.get(f"/a/{account}/csv/list_entries?kind=rent")
    assert (await downloaded.text()).count("\n") == 2


async def test_a_month_says_its_balances_and_what_cost_what(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    browser = await sign_in(Role.READER, account, language="de")

    months = await (await browser.get(f"/a/{account}/statements")).text()
    month = plain(await (await browser.get(f"/a/{account}/statements/2026-03")).text())

    assert f'<a href="/a/{account}/statements/2026-03">März 2026</a>' in months
    assert "Kontostand vorher 0,00 $" in month
    assert "Kontostand nachher 95,973 $" in month
    assert "Miete einer Rufnummer 1 -4,00 $" in month
    assert "+1 212-555-0199 4,00 $ 0" in month
    assert (await browser.get(f"/a/{account}/statements/2026-13")).status == 422


async def test_the_entries_of_a_month_are_taken_away_as_a_file(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    browser = await sign_in(Role.READER, account)
    html = await (await browser.get(f"/a/{account}/statements/2026-03")).text()
    found = re.search(r'href="(/a/\d+/csv/[^"]+)"', html)
    assert found is not None

    file = await browser.get(found[1].replace("&amp;", "&"))

    assert file.headers["Content-Disposition"] == 'attachment; filename="list_entries.csv"'
    assert (await file.text()).count("\r\n") == 4


async def test_caps_are_tightened_once_and_not_loosened(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    administrator = await sign_in(Role.ADMINISTRATOR, account)
    path, form = f"/a/{account}/caps", {"live_calls": "3", "blocked_prefixes": "+371\r\n+882", "key": "k1"}
    html = await (await administrator.get(path)).text()
    found = re.search(r'name="version" value="(\w+)"', html)
    assert found is not None
    form["version"] = found[1]

    done, again = [await administrator.post(path, form) for _ in range(2)]
    looser = await administrator.post(path, {"live_calls": "4", "blocked_prefixes": "+371 +882", "key": "k2"})
    nonsense = await administrator.post(path, {"live_calls": "many", "key": "k3"})
    stale = await administrator.post(path, form | {"live_calls": "2", "key": "k4"})

    assert (done.status, done.headers["Location"], again.status) == (303, f"{path}?done=saved", 303)
    assert (looser.status, nonsense.status, stale.status) == (403, 422, 412)
    assert 'value="many"' in await nonsense.text()
    caps = (await (await api_client(gateway)).get(f"/accounts/{account}/caps")).data
    assert (caps["live_calls"], caps["blocked_prefixes"]) == (3, ["+371", "+882"])
    assert await gateway.process.context.pool.fetchval("SELECT count(*) FROM audit WHERE action = 'caps.tighten'") == 1


async def test_a_reader_sees_caps_and_changes_none(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    reader = await sign_in(Role.READER, account)

    assert "<textarea" not in await (await reader.get(f"/a/{account}/caps")).text()
    assert (await reader.post(f"/a/{account}/caps", {"live_calls": "1"})).status == 403


async def test_kinds_of_mails_are_switched(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    administrator, reader = await sign_in(Role.ADMINISTRATOR, account), await sign_in(Role.READER, account)
    form = {"kind-low_balance": "on", "kind-line_suspended": "on"}

    changed = await administrator.post(f"/a/{account}/mails/kinds", form)
    refused = await reader.post(f"/a/{account}/mails/kinds", form)

    assert (changed.status, refused.status) == (303, 403)
    settings = (await (await api_client(gateway)).get(f"/accounts/{account}/mail-kinds")).data
    assert settings["on"] == ["low_balance", "line_suspended"]
