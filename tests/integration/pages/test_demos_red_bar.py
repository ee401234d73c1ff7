"""The red bar of the demo's first page says what the suspended number needs: exactly that, paid in, brings it back."""

import re
from collections.abc import AsyncIterator
from decimal import Decimal
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.demo.building import build_world
from gateway.demo.calls import SIGNED
from gateway.demo.world import FRANCE_SUSPENDED
from gateway.domain.access.roles import Role
from gateway.domain.connection import Connection
from tests.integration.pages.conftest import SignIn
from tests.support.running import Gateway, gateway_on
from tests.support.world import FakeClock

CONNECTION = Connection(name=SIGNED, kind="native", secrets=("c2VjcmV0",), control_url="http://127.0.0.1:9/demo")
LEAST = Decimal("0.000001")


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    await build_world(dsn, FakeClock(), CONNECTION)
    async with gateway_on(dsn, tmp_path) as running:
        yield running


async def test_what_the_page_says_is_missing_brings_the_number_back_and_nothing_less_does(
    gateway: Gateway, sign_in: SignIn
) -> None:
    anna = await gateway.process.context.pool.fetchval("SELECT account_id FROM line WHERE name = $1", FRANCE_SUSPENDED)
    operator = await sign_in(Role.OPERATOR)

    async def read() -> str:
        return await (await operator.get(f"/a/{anna}")).text()

    def proposed(page: str) -> Decimal:
        """The amount of the button."""
        [href] = re.findall(rf'class="button" href="(/accounts/{anna}/top-up\?[^"]+)"', page)
        return Decimal(parse_qs(urlsplit(unescape(href)).query)["amount"][0])

    async def pay(amount: Decimal, payment: str) -> None:
        form = {"key": payment, "amount": f"{amount:f}", "external_id": payment}
        assert (await operator.post(f"/accounts/{anna}/top-up", form)).status == 303

    await pay(proposed(await read()) - LEAST, "a little too little")
    short = await read()
    await pay(proposed(short), "what is missing")
    after = await read()

    assert proposed(short) == LEAST
    assert "+33 1 99 00 01 01</strong>: suspended" in short.replace("\N{NO-BREAK SPACE}", " ")
    assert "Suspended now" in short
    assert "Suspended now" not in after
    state, balance = await gateway.process.context.pool.fetchrow(
        """
        SELECT line.state, account.balance
        FROM line
        JOIN account ON account.id = line.account_id
        WHERE line.name = $1
        """,
        FRANCE_SUSPENDED,
    )
    assert (state, balance) == ("active", 0)
