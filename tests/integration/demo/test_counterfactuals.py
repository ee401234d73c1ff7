"""What is shown to have had a refused call of the demo connected is done, exactly: then the same call is connected."""

from collections.abc import AsyncIterator, Coroutine
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.demo import world
from gateway.demo.building import build_world
from gateway.demo.calls import SIGNED
from gateway.demo.world import DEMO, find_account
from gateway.domain.accounts.caps import Cap
from gateway.domain.accounts.caps_change import CapsChange
from gateway.domain.connection import Connection
from gateway.postgres.calls.calls import CallRow
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts.block import unblock_account
from gateway.usecases.accounts.move_money import top_up
from gateway.usecases.accounts.set_caps import set_caps
from gateway.usecases.calls.shown.detail import detail_call
from gateway.usecases.lines import manage, rent
from gateway.usecases.rates.set_rate import set_rate
from tests.support.running import SECRET, Gateway, gateway_on
from tests.support.world import FakeClock

CONNECTION = Connection(name=SIGNED, kind="native", secrets=(SECRET,))
MADRID, PARIS = "+34910550123", "+33199000215"
# What is said is another way with the call itself: its callee, or its caller, who shows the number; or nothing is
# otherwise but that it is a new call, by a connection of all accounts, of an incoming one, with the database there.
OTHERWISE = ("callee_invalid", "forwarded_to_itself", "forwarded_in_a_circle")
SHOWN = ("number_withheld", "withholding_impossible")
ANEW = ("connection_bound", "parent_unknown", "forwarded_twice", "id_reused", "call_ended", "unavailable")
# Beside the first thing that a call needs, there may be others, which are said once that is done.
MOST = 2


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    """One that serves the demo's world."""
    await build_world(dsn, FakeClock(), CONNECTION)
    async with gateway_on(dsn, tmp_path, connections={SIGNED: CONNECTION}) as running:
        yield running


class Mender:
    """Does what a counterfactual says, by the use cases, and starts calls as their provider does."""

    def __init__(self, gateway: Gateway, conn: PgConnection, anna: int) -> None:
        self.gateway = gateway
        self.conn = conn
        self.anna = anna
        self._serial = 0
        self._by = {"actor": DEMO, "now": gateway.clock.now()}

    async def start(self, call: CallRow, changes: dict[str, Any]) -> str:
        """The same call once more, but for what was changed; the id that its provider gave it."""
        if call.direction == "forward":
            changes = {"parent_call_id": await self._incoming(call.line)} | changes
        name = self._name()
        body = {"caller": call.caller, "callee": call.callee, "direction": str(call.direction), "line": call.line}
        await self.gateway.start(name, connection=SIGNED, **body | changes)
        return name

    async def hang_up(self, name: str) -> None:
        await self.gateway.end(name, connection=SIGNED, seconds=0)

    async def mend(self, call: CallRow, need: str, figures: dict[str, Any]) -> dict[str, Any]:
        """What is to be another way with the call itself; what is with the world is another way by then."""
        if need in OTHERWISE:
            return {"callee": MADRID}
        if need in SHOWN:
            return {"caller": call.line}
        if need not in ANEW:
            account = call.account_id or self.anna
            await (self._mend_money(call, need, figures, account) or self._mend_line(call, need, account))
        return {}

    def _mend_money(
        self, call: CallRow, need: str, figures: dict[str, Any], account: int
    ) -> Coroutine[Any, Any, object] | None:
        match need:
            case "money":
                return self._pay(account, figures["missing"].amount)
            case "no_main_number" | "connector_unpaid":
                return self._pay_rent(account, call.line)
            case "no_rate":
                return self._set_rate(call.callee)
            case "blocked_callers":
                change = CapsChange(unblock={Cap.BLOCKED_CALLERS: [call.caller]})
                return set_caps(self.conn, account_id=account, change=change, **self._by)
            case "account_blocked":
                return unblock_account(self.conn, account_id=account, **self._by)
            case _:
                return None

    def _mend_line(self, call: CallRow, need: str, account: int) -> Coroutine[Any, Any, object]:
        match need:
            case "number_unknown" | "line_unknown":
                return manage.add_number(self.conn, account_id=account, number=call.line, **self._by)
            case "account_closed":
                return manage.add_number(self.conn, account_id=self.anna, number=call.line, **self._by)
            case "number_suspended":
                return self._rent_anew(account, call.line)
            case other:
                raise AssertionError(f"nobody knows how to do {other}")

    async def _rent_anew(self, account: int, number: str) -> None:
        """It was put in without a rent that could be paid."""
        await rent.report_lost(self.conn, name=number, **self._by)
        await self._pay(account, Decimal(10))
        await rent.rent_number(self.conn, account_id=account, number=number, **self._by)

    async def _pay_rent(self, account: int, line: str) -> None:
        await self._pay(account, await self.conn.fetchval("SELECT rent::numeric FROM line WHERE name = $1", line))

    async def _pay(self, account: int, amount: Decimal) -> None:
        payment = f"mended-{self._name()}"
        await top_up(self.conn, account_id=account, amount=amount, external_id=payment, **self._by)

    async def _set_rate(self, callee: str) -> None:
        row = {"kind": "outbound", "prefix": callee[1:4], "per_minute": "0.05", "currency": world.CURRENCY}
        row |= {"connection_fee": "0", "first_interval_s": "60", "increment_s": "60"}
        row |= {"valid_from": self.gateway.clock.now().date().isoformat()}
        await set_rate(self.conn, actor=DEMO, texts=row, any_prefix=False, clock=self.gateway.clock)

    async def _incoming(self, line: str) -> str:
        """A call that came to a line, and may be forwarded."""
        name = self._name()
        await self.gateway.start(name, line, caller=PARIS, direction="inbound", connection=SIGNED)
        return name

    def _name(self) -> str:
        self._serial += 1
        return f"again-{self._serial}"


async def test_what_would_have_allowed_each_refused_call_allows_it(gateway: Gateway) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        anna = await find_account(conn, world.ANNA)
        assert anna is not None
        mender = Mender(gateway, conn, anna)
        refused = await conn.fetch("SELECT id FROM call WHERE state = 'refused' ORDER BY id")
        steps = {}
        for row in refused:
            told = await connect(mender, row["id"])
            steps[told[0]] = len(told)

    # Once Emil is not blocked and Dora's rent is paid, they need money, which is said next.
    assert {code for code, needed in steps.items() if needed > 1} == {"account_blocked", "no_main_number"}
    assert len(steps) >= 20


async def connect(mender: Mender, call_id: int) -> list[str]:
    """Do what is said until the call is connected; what was said."""
    told: list[str] = []
    changes: dict[str, Any] = {}
    reference = str(call_id)
    while len(told) <= MOST:
        detail = await detail_call(mender.conn, reference=reference, connections={}, with_cost=False)
        if detail.counterfactual is None:
            assert detail.view.call.state == "open", detail.view.call
            await mender.hang_up(detail.view.call.provider_call_id)
            return told
        told.append(detail.counterfactual.code.removeprefix("would_need."))
        changes |= await mender.mend(detail.view.call, told[-1], dict(detail.counterfactual.figures))
        reference = f"{SIGNED}:{await mender.start(detail.view.call, changes)}"
    raise AssertionError(f"call {call_id} is not connected after {told}")
