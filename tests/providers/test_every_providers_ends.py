"""What every provider's hooks do to the ledger when they come twice, or in the wrong order (R16, R21).

The hooks are those of `gateway connection test`. Telnyx signs with a key that only it has: see `telnyx/test_calls.py`.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from yarl import URL

from gateway.domain.calls.call import Limits
from gateway.postgres.types import Pool
from gateway.providers.base import Connect, Hook
from gateway.providers.registry import adapters, scripts
from gateway.providers.rehearsal import Rehearsal
from tests.support import world
from tests.support.connections import CONNECTIONS
from tests.support.running import Gateway, gateway_on

D = Decimal
LINE, CALLEE = "+15550100001", "+442079460000"
SCRIPTED = [name for name, connection in CONNECTIONS.items() if connection.kind in scripts()]


class Stage:
    """One connection of a running gateway, with a call of 61 s that can be told in any order."""

    def __init__(self, gateway: Gateway, name: str) -> None:
        self.gateway = gateway
        self.connection = CONNECTIONS[name]
        self.script = scripts()[self.connection.kind]
        self.public_url = gateway.process.context.settings.public_url
        self.call = Rehearsal(
            connection=self.connection,
            public_url=self.public_url,
            line=LINE,
            callee=CALLEE,
            seconds=61,
            token="0123456789ab",
            now=gateway.clock.now(),
        )

    async def post(self, hook: Hook) -> bytes:
        target = URL(hook.url.removeprefix(self.public_url), encoded=True)
        client = self.gateway.client
        response = await client.request(hook.method, target, data=hook.body, headers=dict(hook.headers))
        assert response.status in (200, 204), await response.text()
        return await response.read()

    def decision(self) -> bytes:
        """The reply to the start as it would be, without its having been asked for."""
        adapter = adapters()[self.connection.kind]
        event = adapter.parse(self.script.start(self.call), self.connection)
        outcome = Connect(caller_id=LINE, max_seconds=2220)
        return adapter.reply(event, outcome, self.connection, public_url=self.public_url).body


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path, connections=CONNECTIONS) as running:
        yield running


@pytest.fixture
async def account(pool: Pool) -> int:
    async with pool.acquire() as conn:
        account_id = await world.account(conn, balance="1")
        await world.number(conn, account_id, LINE)
        await world.rate(conn, "44", "0.0270")
        return account_id


async def charges(pool: Pool, account: int) -> tuple[list[Decimal], tuple[Decimal, Decimal]]:
    """The charges of all calls, and the account's balance and holds."""
    async with pool.acquire() as conn:
        charged = await conn.fetch("SELECT charge::numeric FROM call")
        return [row["charge"] for row in charged], await world.money(conn, account)


@pytest.mark.parametrize("name", SCRIPTED)
async def test_r16_r21_a_call_whose_every_hook_comes_twice_is_charged_once(
    gateway: Gateway, pool: Pool, account: int, name: str
) -> None:
    stage = Stage(gateway, name)

    reply = await stage.post(stage.script.start(stage.call))
    assert await stage.post(stage.script.start(stage.call)) == reply
    for _ in range(2):
        await stage.post(stage.script.answer(stage.call, reply))
    ended = [await stage.post(stage.script.end(stage.call, reply)) for _ in range(2)]

    assert ended[0] == ended[1]
    assert await stage.post(stage.script.start(stage.call)) == reply
    assert await charges(pool, account) == ([D("0.054")], (D("0.946"), D(0)))


@pytest.mark.parametrize("name", SCRIPTED)
async def test_r21_a_call_whose_end_comes_before_its_start_is_charged_once(
    gateway: Gateway, pool: Pool, account: int, name: str
) -> None:
    stage = Stage(gateway, name)
    reply = stage.decision()

    await stage.post(stage.script.end(stage.call, reply))
    refused = await stage.post(stage.script.start(stage.call))
    assert stage.script.read(stage.call, refused).connects is False
    await stage.post(stage.script.answer(stage.call, reply))
    await stage.post(stage.script.end(stage.call, reply))

    assert await charges(pool, account) == ([D("0.054")], (D("0.946"), D(0)))


@pytest.fixture
async def strict(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway with the limits as they come."""
    async with gateway_on(dsn, tmp_path, connections=CONNECTIONS, limits=Limits()) as running:
        yield running


@pytest.mark.parametrize("is_zero_first", [True, False], ids=["zero first", "seconds first"])
@pytest.mark.parametrize(("passed_s", "charge"), [(70, "0.054"), (40, "0.027")])
@pytest.mark.parametrize("name", SCRIPTED)
async def test_r20_r21_seconds_beat_the_zero_of_a_leg_in_either_order_bounded_by_our_clock(
    strict: Gateway, pool: Pool, account: int, *, name: str, passed_s: int, charge: str, is_zero_first: bool
) -> None:
    """A leg that nobody answered, and the call that talked 61 s, of which 50 can be true if only 40 have passed."""
    stage = Stage(strict, name)
    reply = await stage.post(stage.script.start(stage.call))
    strict.clock.advance(passed_s)
    ends = [stage.script.end(replace(stage.call, seconds=seconds), reply) for seconds in (0, 61)]

    for end in ends if is_zero_first else reversed(ends):
        await stage.post(end)
    for end in ends:
        await stage.post(end)

    assert await charges(pool, account) == ([D(charge)], (1 - D(charge), D(0)))
    [flags] = await pool.fetchrow("SELECT flags FROM call")
    assert set(flags) == {"end_differs"} | ({"seconds_bounded"} if passed_s < 51 else set())
