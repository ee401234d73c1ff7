"""Money, mails, connections, usage, events, settings: what they show, and what is done there."""

import re
from html import unescape

import pytest

from gateway.domain.access.roles import Role
from gateway.usecases.calls.roll_up import roll_up
from gateway.web.pages.subjects import usage
from tests.integration.pages.conftest import SignIn
from tests.integration.pages.test_home import plain
from tests.support.running import Gateway
from tests.support.sides import side


async def test_money_of_all_accounts_is_listed_and_narrowed(gateway: Gateway, sign_in: SignIn) -> None:
    own, other = await side(gateway, 1), await side(gateway, 2)
    browser = await sign_in(Role.SUPPORT)

    everything = await (await browser.get("/money")).text()
    narrowed = await (await browser.get(f"/money?account_id={own.account_id}&kind=top_up&from=2026-03-01")).text()
    nothing = await (await browser.get("/money?from=2026-03-12")).text()

    of_all = re.findall(r'<a href="/accounts/(\d+)">', everything)
    assert set(of_all) == {str(own.account_id), str(other.account_id)}
    assert set(re.findall(r'<a href="/accounts/(\d+)">', narrowed)) == {str(own.account_id)}
    assert "There are none." in nothing


async def test_a_mail_that_was_refused_is_sent_again_once(gateway: Gateway, sign_in: SignIn) -> None:
    own = await side(gateway, 1)
    browser = await sign_in(Role.SUPPORT)
    path = f"/mails/{own.places['mail_id']}"
    assert "The mail server refused it for good." in await (await browser.get(path)).text()

    answers = [await browser.post(f"{path}/send-again", {"key": "k1"}) for _ in range(2)]

    assert [each.status for each in answers] == [303, 303]
    assert "It is in the queue again." in await (await browser.get(answers[0].headers["Location"])).text()
    assert f'href="{path}"' in await (await browser.get("/mails?state=queued")).text()


async def test_a_connection_shows_its_health_and_its_kit_to_be_copied(gateway: Gateway, sign_in: SignIn) -> None:
    await side(gateway, 1)
    browser = await sign_in(Role.SUPPORT)

    listed = await (await browser.get("/connections")).text()
    html = await (await browser.get("/connections/pbx")).text()

    assert 'href="/connections/pbx"' in listed
    assert "data-copy=" in html
    assert "/hooks/pbx" in html
    assert "Play it" not in html, "support does not play calls"


async def test_the_steps_of_a_call_that_was_played_stand_on_the_page(gateway: Gateway, sign_in: SignIn) -> None:
    own = await side(gateway, 1)
    browser = await sign_in(Role.OPERATOR)

    unknown = await browser.post(
        "/connections/pbx/test", {"key": "k1", "line": "+15550109999", "callee": "+442079460018"}
    )
    late = await browser.post(
        "/connections/pbx/test", {"key": "k2", "line": own.number, "callee": "+442079460018", "seconds": "long"}
    )

    assert (unknown.status, late.status) == (404, 422)
    assert f'value="{own.number}"' in await late.text()


async def test_usage_is_shown_by_day_and_by_country_with_its_cost(gateway: Gateway, sign_in: SignIn) -> None:
    own = await side(gateway, 1)
    await gateway.answer("call-1")
    gateway.clock.advance(60)
    await gateway.end("call-1", seconds=60)
    await roll_up(gateway.process.context)
    browser = await sign_in(Role.OPERATOR)
    reader = await sign_in(Role.READER, own.account_id)

    by_country = plain(await (await browser.get("/usage?by=country")).text())
    own_days = await (await reader.get(f"/a/{own.account_id}/usage")).text()

    assert "Provider's cost" in by_country
    assert re.search(r"United Kingdom 1 0 100% 1:00 1:00", by_country), by_country
    assert "<svg" in own_days
    assert "Provider's cost" not in own_days


async def test_usage_of_many_days_is_added_up_whole(
    gateway: Gateway, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "ROWS_MAX", 1)
    own = await side(gateway, 1)
    await gateway.end("call-1", seconds=0)
    gateway.clock.advance(24 * 3600)
    await gateway.start("call-9", caller=own.number, callee="+999")
    await roll_up(gateway.process.context)
    browser = await sign_in(Role.OPERATOR)

    days = await (await browser.get("/usage")).text()
    outcomes = await (await browser.get("/usage?by=outcome")).text()

    assert "Calls 2 Answered (ASR)" in plain(days)
    assert re.search(r'class="more" href="(/usage[^"]*after=[^"]+)"', outcomes)


async def test_events_and_settings_are_listed(gateway: Gateway, sign_in: SignIn) -> None:
    await side(gateway, 1)
    browser = await sign_in(Role.OPERATOR)

    events = await browser.get("/events?kind=number.rented")
    settings = await (await browser.get("/settings")).text()

    assert events.status == 200
    assert "GATEWAY_SMTP_URL" in settings
    assert "Set by somebody: 0 of" in settings


async def test_what_settings_mean_is_said_in_the_language_of_who_reads(gateway: Gateway, sign_in: SignIn) -> None:
    english, russian = await sign_in(Role.OPERATOR), await sign_in(Role.OPERATOR, language="ru")

    told = [await (await each.get("/settings")).text() for each in (english, russian)]

    for text, (means, stands_for_it) in zip(
        told,
        [
            ("The port it listens on; 0 takes any.", "unset, so nobody"),
            ("Порт, на котором шлюз слушает; 0\N{NO-BREAK SPACE}— любой свободный.", "не задано, поэтому никому"),
        ],
        strict=True,
    ):
        assert means in text
        assert stands_for_it in text
    assert "it listens on" not in told[1]


@pytest.mark.parametrize(
    "path", ["/", "/accounts?q=Acme", "/money", "/mails", "/connections", "/usage?by=country", "/events", "/settings"]
)
async def test_what_is_listed_can_be_taken_away_as_a_file(gateway: Gateway, sign_in: SignIn, path: str) -> None:
    await side(gateway, 1)
    browser = await sign_in(Role.OPERATOR)
    found = re.search(r'href="(/csv/[^"]+)"', await (await browser.get(path)).text())
    assert found is not None

    answer = await browser.get(unescape(found[1]))

    assert answer.status == 200
    assert answer.content_type == "text/csv"
