"""An account's first page: how long the money lasts, what is suspended, and exactly how much revives it."""

import re
from datetime import timedelta

from gateway.domain.access.roles import Role
from gateway.usecases.calls.roll_up import roll_up
from gateway.usecases.lines.run_due import run_all_due
from tests.integration.pages.conftest import SignIn
from tests.support import calls, world
from tests.support.api import api_client
from tests.support.running import Gateway
from tests.support.world import NOON


def plain(html: str) -> str:
    """The text of a page, with plain spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\N{NO-BREAK SPACE}", " ").split())


async def test_money_that_is_spent_lasts_until_a_day(gateway: Gateway, sign_in: SignIn) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "1")
        await calls.start(conn, "c1")
        await calls.end(conn, "c1", 60)
        await world.adjust(conn, account, "0.4")
    await roll_up(gateway.process.context)
    browser = await sign_in(Role.READER, account)

    text = plain(await (await browser.get(f"/a/{account}")).text())

    assert "$0.40 Available now." in text
    # 0.10 a day: the eleventh to the fourteenth are paid for.
    assert "At $0.10 a day for calls, and with the rents, it lasts until Sunday, March 15, 2026." in text
    assert "Together $1.00 in thirty days" in text
    assert "+1 555-010-0001 → +44 20 7946 0000" in text


async def test_what_is_suspended_is_said_with_the_amount_that_revives_it(gateway: Gateway, sign_in: SignIn) -> None:
    operator = await api_client(gateway)
    async with gateway.process.context.pool.acquire() as conn:
        account = await world.account(conn)
        await world.rate(conn, "", "4", kind="rent", country="US", category="geographic")
        await operator.post("/numbers", {"number": "+12125550199", "account_id": account})
        await world.adjust(conn, account, "-95.5")
        gateway.clock.at = NOON + timedelta(days=32)
        await run_all_due(conn, now=gateway.clock.now())
    browser = await sign_in(Role.ADMINISTRATOR, account)

    before = plain(await (await browser.get(f"/a/{account}")).text())
    await operator.post(f"/accounts/{account}/top-ups", {"amount": "3.5", "external_id": "p-1"})
    after = plain(await (await browser.get(f"/a/{account}")).text())

    assert "+1 212-555-0199 : suspended, its month of $4.00 was due on Apr 11, 2026." in before
    assert "Reserved until Jun 11, 2026, then lost." in before
    assert "Missing: $3.50." in before
    assert "Suspended now" not in after
    assert "+1 212-555-0199 works" in after


async def test_a_blocked_account_says_why(gateway: Gateway, sign_in: SignIn) -> None:
    operator = await api_client(gateway)
    async with gateway.process.context.pool.acquire() as conn:
        account = await world.account(conn)
    await operator.post(f"/accounts/{account}/block", {"reason": "unpaid since May"})
    browser = await sign_in(Role.READER, account, language="de")

    text = plain(await (await browser.get(f"/a/{account}")).text())

    assert "Das Konto ist blockiert: Neue Anrufe werden nicht verbunden. unpaid since May" in text
