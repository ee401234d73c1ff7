"""The operator's first page says whether anything is wrong, and what to do about it."""

import re
from datetime import timedelta
from html import unescape

import pytest

from gateway.domain.access.roles import Role
from gateway.domain.calls.refusals import Refusal
from gateway.domain.problems import ProblemCode
from gateway.web.pages.words import PageWords
from tests.integration.pages.conftest import SignIn
from tests.support import world
from tests.support.running import Gateway
from tests.support.sides import side


def plain(html: str) -> str:
    """Its text, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


async def test_each_fault_is_a_line_with_what_to_do(gateway: Gateway, sign_in: SignIn) -> None:
    await side(gateway, 1)
    browser = await sign_in(Role.OPERATOR)
    async with gateway.process.context.pool.acquire() as conn:
        await conn.execute("UPDATE account SET balance = balance + 1")

    html = await (await browser.get("/")).text()

    assert re.search(r"Needs you now: [1-9]", html)
    assert "the books do not agree" in html
    assert "gateway check --full" in html
    assert '<a href="/settings">Set GATEWAY_OPERATOR_EMAIL' in html


async def test_the_figures_are_those_of_now(gateway: Gateway, sign_in: SignIn) -> None:
    own = await side(gateway, 1)
    browser = await sign_in(Role.SUPPORT)
    await gateway.start("refused", callee="+999", caller=own.number)

    text = plain(await (await browser.get("/")).text())

    assert "Live calls 1 " in text
    assert "Refused in the last hour 1 Mostly: the callee is not a valid number" in text


async def test_accounts_that_stop_soon_are_named_with_the_day(gateway: Gateway, sign_in: SignIn) -> None:
    due_on = gateway.clock.now().date() + timedelta(days=2)
    async with gateway.process.context.pool.acquire() as conn:
        await world.rented(conn, await world.account(conn, balance="1"), "+15550107777", due_on)
    browser = await sign_in(Role.OPERATOR)

    text = plain(await (await browser.get("/")).text())

    assert "Accounts that stop within 3 days 1" in text
    assert f"Acme Mar {due_on.day}, 2026 +1 555-010-7777 $1.00" in text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "pt-BR", "ru"])
def test_every_fault_and_every_reason_has_its_words(language: str) -> None:
    t = PageWords(language=language, subject="home")

    assert all(t(f"problems.{each}") and t(f"do.{each}") for each in ProblemCode)
    assert all(t.explained(f"refusals.{each}") != "None" for each in Refusal)
