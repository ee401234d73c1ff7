"""Pages of calls: which there were and what they add up to, why one went as it did, what is up, and who may do what."""

import asyncio

import pytest

from gateway.domain.access.roles import Role
from tests.integration.pages.conftest import SignIn
from tests.support import world
from tests.support.browser import Browser
from tests.support.running import Gateway

LINE = "+15550100001"
FORM = {"key": "one"}


@pytest.fixture
async def account(gateway: Gateway) -> int:
    """An account with ten dollars, a number and a rate."""
    async with gateway.process.context.pool.acquire() as conn:
        account = await world.account(conn, balance="10")
        await world.number(conn, account, LINE)
        await world.rate(conn, "44", "0.0270")
        return account


@pytest.fixture
async def operator(sign_in: SignIn) -> Browser:
    return await sign_in(Role.OPERATOR)


async def text_of(browser: Browser, path: str) -> str:
    answer = await browser.get(path)
    text = await answer.text()
    assert answer.status == 200, text
    return text.replace("\N{NO-BREAK SPACE}", " ")


async def talk(gateway: Gateway, call_id: str, seconds: int, **more: object) -> None:
    await gateway.start(call_id)
    await gateway.answer(call_id)
    gateway.clock.advance(seconds)
    await gateway.end(call_id, **more)


async def call_id_of(gateway: Gateway, provider_call_id: str) -> int:
    found: int = await gateway.process.context.pool.fetchval(
        "SELECT id FROM call WHERE provider_call_id = $1", provider_call_id
    )
    return found


async def test_a_list_has_its_totals_reasons_and_flags_in_words(
    gateway: Gateway, operator: Browser, account: int
) -> None:
    await talk(gateway, "a1", 95)
    await gateway.start("a2", "+33140000000")

    every = await text_of(operator, "/calls")
    refused = await text_of(operator, "/calls?state=refused&reason=no_rate")
    of_a_country = await text_of(operator, "/calls?country=France")
    german = await text_of(operator, f"/a/{account}/calls?number=442079460000")

    assert "<dt>Calls</dt><dd>2</dd>" in every
    assert "<dt>Charged</dt><dd>$0.054</dd>" in every
    assert "refused: no rate covers the callee" in refused
    assert "<dt>Calls</dt><dd>1</dd>" in refused
    assert "<dt>Calls</dt><dd>1</dd>" in of_a_country
    assert "$0.054" in german
    assert "no rate covers" not in german.split("<table>")[1]


async def test_what_a_list_cannot_be_asked_is_said_and_the_form_stays(operator: Browser, account: int) -> None:
    text = await text_of(operator, "/calls?country=Nowhere&from=soon")
    turned = await text_of(operator, f"/a/{account}/calls?from=2026-03-12&to=2026-03-10")

    assert 'role="alert"' in text
    assert 'value="Nowhere"' in text
    assert "From: must be before to." in turned


async def test_days_are_those_of_who_reads_with_both_ends(gateway: Gateway, operator: Browser, account: int) -> None:
    await gateway.start("a1", "+33140000000")

    assert "<dt>Calls</dt><dd>1</dd>" in await text_of(operator, "/calls?from=2026-03-11&to=2026-03-11")
    assert "<dt>Calls</dt><dd>0</dd>" in await text_of(operator, "/calls?from=2026-03-12&to=2026-03-13")


async def test_a_refused_call_says_why_and_what_would_have_allowed_it(
    gateway: Gateway, sign_in: SignIn, account: int
) -> None:
    await gateway.start("a1", "+33140000000")
    administrator = await sign_in(Role.ADMINISTRATOR, account, language="de")

    text = await text_of(administrator, f"/a/{account}/calls/pbx:a1")

    assert "kein Tarif gilt für das Ziel" in text
    assert "<strong>Möglich, wenn" in text
    assert "✓ bestanden: gehört die Leitung zu einem Konto?" in text
    assert "✕ hier angehalten: gibt es einen Tarif für das Ziel?" in text
    assert "\N{EN DASH} nicht mehr geprüft: reicht das Guthaben für den ersten Takt?" in text
    assert f"/a/{account}/quotes?line=%2B15550100001&amp;callee=%2B33140000000" in text


async def test_the_price_of_a_call_is_reckoned_before_ones_eyes(
    gateway: Gateway, operator: Browser, sign_in: SignIn, account: int
) -> None:
    await talk(gateway, "a1", 95, cost="0.01", cost_currency="USD")
    reader = await sign_in(Role.READER, account)

    text = await text_of(operator, "/calls/pbx:a1")
    own = await text_of(reader, f"/a/{account}/calls/pbx:a1")

    assert "Seconds talked: 95. Charged: 60 + 1 \N{MULTIPLICATION SIGN} 60 = 120." in text
    assert "120 \N{MULTIPLICATION SIGN} $0.027 ÷ 60 = <strong>$0.054</strong>" in text
    assert "it was answered" in text
    assert "+1:35" in text
    assert "-$0.054" in text
    assert "The provider&#39;s cost" in text
    assert "The provider&#39;s cost" not in own
    assert "Give money back" not in own


async def test_a_call_is_refunded_once_however_often_the_button_is_pressed(
    gateway: Gateway, operator: Browser, sign_in: SignIn, account: int
) -> None:
    await talk(gateway, "a1", 95)
    call = await call_id_of(gateway, "a1")
    administrator = await sign_in(Role.ADMINISTRATOR, account)
    form = FORM | {"amount": "0.054", "note": "bad line"}

    forbidden = await administrator.post(f"/a/{account}/calls/{call}/refund", form)
    twice = [await operator.post(f"/calls/{call}/refund", form) for _ in range(2)]
    too_much = await operator.post(f"/calls/{call}/refund", form | {"key": "two"})
    text = await text_of(operator, f"/calls/{call}?done=refunded")

    assert forbidden.status == 403
    assert [(each.status, each.headers["Location"]) for each in twice] == [(303, f"/calls/{call}?done=refunded")] * 2
    assert too_much.status == 409
    assert "<dt>Given back</dt><dd>$0.054</dd>" in text
    assert "bad line" in text


async def test_an_account_is_blocked_from_a_call_by_who_says_so_twice(
    gateway: Gateway, operator: Browser, account: int
) -> None:
    await gateway.start("a1")
    call = await call_id_of(gateway, "a1")

    unsure = await operator.post(f"/calls/{call}/block", FORM | {"reason": "fraud"})
    done = await operator.post(f"/calls/{call}/block", FORM | {"reason": "fraud", "sure": "yes", "cut": "yes"})
    await gateway.cut()

    assert unsure.status == 422
    assert 'value="fraud"' in await unsure.text()
    assert done.headers["Location"] == f"/calls/{call}?done=blocked"
    assert gateway.provider.hang_ups() == [("a1", "operator")]


async def test_anothers_call_is_not_there_for_whoever_looks_into_an_account(
    gateway: Gateway, operator: Browser, sign_in: SignIn, account: int
) -> None:
    await gateway.start("a1")
    async with gateway.process.context.pool.acquire() as conn:
        other = await world.account(conn)
    stranger = await sign_in(Role.ADMINISTRATOR, other)

    for browser in (operator, stranger):
        assert (await browser.get(f"/a/{other}/calls/pbx:a1")).status == 404
    assert (await stranger.post(f"/a/{other}/calls/pbx:a1/cut", FORM)).status == 404
    assert (await stranger.post(f"/a/{account}/calls/pbx:a1/cut", FORM)).status == 404
    await gateway.cut()
    assert gateway.provider.hang_ups() == []


async def test_a_live_call_is_cut_from_the_list_and_by_who_may(
    gateway: Gateway, operator: Browser, sign_in: SignIn, account: int
) -> None:
    await gateway.start("a1")
    await gateway.answer("a1")
    call = await call_id_of(gateway, "a1")
    reader = await sign_in(Role.READER, account)

    live = await text_of(operator, "/calls/live")
    read_only = await text_of(reader, f"/a/{account}/calls/live")
    forbidden = await reader.post(f"/a/{account}/calls/{call}/cut", FORM)
    done = await operator.post(f"/calls/{call}/cut", FORM | {"from": "live"})
    await gateway.cut()

    assert "Calls that are up: 1" in live
    assert f'action="/calls/{call}/cut"' in live
    assert "$0.135" in live
    assert "/cut" not in read_only
    assert forbidden.status == 403
    assert done.headers["Location"] == "/calls/live?done=cut"
    assert gateway.provider.hang_ups() == [("a1", "operator")]


async def test_all_calls_of_an_account_are_cut_and_of_no_other(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        other = await world.account(conn, balance="10")
        await world.number(conn, other, "+15550100002")
    for at, caller in enumerate((LINE, LINE, "+15550100002")):
        await gateway.start(f"a{at}", caller=caller)
    administrator = await sign_in(Role.ADMINISTRATOR, account)

    asked = await text_of(administrator, f"/a/{account}/calls/live/cut")
    unsure = await administrator.post(f"/a/{account}/calls/live/cut", FORM)
    done = await administrator.post(f"/a/{account}/calls/live/cut", FORM | {"sure": "yes"})
    await gateway.cut()

    assert "Calls that are up: 2" in asked
    assert unsure.status == 422
    assert done.status == 303
    assert sorted(gateway.provider.hang_ups()) == [("a0", "operator"), ("a1", "operator")]


async def test_live_calls_are_sent_again_as_they_change_until_the_session_is_over(
    gateway: Gateway, operator: Browser, account: int
) -> None:
    await gateway.start("a1")
    cookies = {"Cookie": f"gateway={operator.cookies['gateway']}", "Sec-Fetch-Site": "same-origin"}

    async with gateway.client.request("GET", "/calls/live/events", headers=cookies) as stream:
        first = await _event(stream)
        await gateway.end("a1")
        second = await _event(stream)
        await gateway.process.context.pool.execute("DELETE FROM session")
        rest = await asyncio.wait_for(stream.content.read(), 10)

    assert stream.headers["Content-Type"] == "text/event-stream"
    assert "Calls that are up: 1" in first
    assert "Calls that are up: 0" in second
    assert b"Calls that are up" not in rest
    assert (await operator.get("/calls/live/events")).status == 204


async def _event(stream: object) -> str:
    """The next event, put together."""
    lines: list[str] = []
    while True:
        line = (await asyncio.wait_for(stream.content.readline(), 10)).decode()  # type: ignore[attr-defined]
        if line.startswith("data: "):
            lines.append(line.removeprefix("data: "))
        elif lines:
            return "".join(lines)


async def test_a_stream_of_what_cannot_be_asked_is_refused(operator: Browser, account: int) -> None:
    assert (await operator.get("/calls/live/events?account_id=none")).status == 422
