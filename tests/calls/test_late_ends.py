"""Ends that come late, or never: what is owed, what is charged after all, what an operator closes by hand (R22)."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.calls.call import Limits
from gateway.domain.errors import Conflict, InvalidInput
from gateway.postgres.types import Pool
from gateway.usecases.accounts.check_ledger import check_ledger
from gateway.usecases.accounts.show import show_account
from gateway.usecases.calls.ends.close import close_call
from gateway.usecases.lines.rent import rent_number
from tests.support import world
from tests.support.actors import CLERK
from tests.support.running import Gateway, gateway_on

D = Decimal
HOUR_AND_GRACE_S = 3600 + 90 + 120 + 1
A_DAY_LATER_S = 24 * 3600


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path) as running:
        yield running


async def open_account(pool: Pool, balance: str = "2") -> int:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance=balance)
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        return account


async def never_ending(gateway: Gateway, call_id: str = "a1") -> None:
    """A call by a connection without a control URL, answered, whose deadline and grace are over."""
    await gateway.start(call_id, connection="trunk")
    await gateway.answer(call_id, connection="trunk")
    gateway.clock.advance(HOUR_AND_GRACE_S)
    await gateway.reconcile()


async def money(pool: Pool, account: int) -> tuple[D, D, D, D]:
    async with pool.acquire() as conn:
        assert (await check_ledger(conn)).differences == []
        shown = await show_account(conn, account_id=account)
    return shown.balance, shown.held, shown.owed, shown.available


async def lost(gateway: Gateway) -> None:
    await never_ending(gateway)
    gateway.clock.advance(A_DAY_LATER_S)
    await gateway.reconcile()


async def flags_of(pool: Pool) -> list[str]:
    flags: list[str] = await pool.fetchval("SELECT flags FROM call ORDER BY id LIMIT 1")
    return flags


async def test_the_hold_of_a_call_that_is_over_is_owed_and_limits_new_calls(gateway: Gateway, pool: Pool) -> None:
    account = await open_account(pool)

    await never_ending(gateway)

    assert await money(pool, account) == (D(2), D("1.62"), D("1.62"), D("0.38"))
    assert (await gateway.start("a2", connection="trunk"))["max_seconds"] == 840


async def test_what_is_owed_limits_no_call_where_the_setting_says_so(dsn: str, tmp_path: Path, pool: Pool) -> None:
    await open_account(pool)
    async with gateway_on(dsn, tmp_path, limits=Limits(owed_limits_calls=False)) as gateway:
        await never_ending(gateway)

        assert (await gateway.start("a2", connection="trunk"))["max_seconds"] == 3600


async def test_before_the_grace_is_over_nothing_is_owed(gateway: Gateway, pool: Pool) -> None:
    account = await open_account(pool)
    await gateway.start("a1", connection="trunk")
    await gateway.answer("a1", connection="trunk")
    gateway.clock.advance(3600 + 60)
    await gateway.reconcile()

    assert await money(pool, account) == (D(2), D("1.62"), D(0), D("0.38"))


async def test_a_call_that_is_over_counts_for_no_live_call_cap(gateway: Gateway, pool: Pool) -> None:
    account = await open_account(pool, "10")
    await pool.execute("""UPDATE account SET caps = '{"live_calls": 1}'""")
    await never_ending(gateway)

    assert (await gateway.start("a2", connection="trunk"))["action"] == "connect"
    assert (await gateway.start("a3", connection="trunk"))["action"] == "reject"
    assert (await money(pool, account))[2] == D("1.62")


async def test_what_is_owed_stops_no_rent(gateway: Gateway, pool: Pool) -> None:
    account = await open_account(pool)
    await never_ending(gateway)
    async with pool.acquire() as conn:
        await world.rate(conn, kind="rent", per_minute="1.50")
        of = {"account_id": account, "number": "+15550100002", "now": gateway.clock.now()}
        await rent_number(conn, actor=CLERK, category="geographic", **of)

    assert await money(pool, account) == (D("0.5"), D("1.62"), D("1.62"), D("-1.12"))


async def test_an_end_gives_back_what_was_owed_and_is_flagged_late(gateway: Gateway, pool: Pool) -> None:
    account = await open_account(pool)
    await never_ending(gateway)

    reply = await gateway.end("a1", connection="trunk", seconds=95, cause="normal")

    assert reply["charged"] == "0.054000"
    assert await money(pool, account) == (D("1.946"), D(0), D(0), D("1.946"))
    assert await flags_of(pool) == ["end_late"]


async def test_an_end_after_the_call_was_closed_as_lost_is_charged_once(gateway: Gateway, pool: Pool) -> None:
    account = await open_account(pool)
    await lost(gateway)
    assert await money(pool, account) == (D(2), D(0), D(0), D(2))

    replies = [await gateway.end("a1", connection="trunk", seconds=95, cause="normal") for _ in range(3)]

    assert [reply["charged"] for reply in replies] == ["0.054000"] * 3
    assert await money(pool, account) == (D("1.946"), D(0), D(0), D("1.946"))
    assert await flags_of(pool) == ["end_lost", "end_late"]


async def test_a_late_end_is_charged_no_more_than_was_granted(gateway: Gateway, pool: Pool) -> None:
    account = await open_account(pool)
    await lost(gateway)

    reply = await gateway.end("a1", connection="trunk", seconds=7200, cause="normal")

    assert reply["charged"] == "1.620000"
    assert (await money(pool, account))[0] == D("0.38")
    assert set(await flags_of(pool)) == {"end_lost", "end_late", "over_grant"}


async def test_the_end_after_more_than_25_hours_is_charged(gateway: Gateway, pool: Pool) -> None:
    account = await open_account(pool)
    await never_ending(gateway)
    gateway.clock.advance(int(25.1 * 3600) - HOUR_AND_GRACE_S)
    await gateway.reconcile()
    assert await flags_of(pool) == ["end_lost"]

    assert (await gateway.end("a1", connection="trunk", seconds=3000, cause="normal"))["charged"] == "1.350000"

    assert (await money(pool, account))[:3] == (D("0.65"), D(0), D(0))
    assert await flags_of(pool) == ["end_lost", "end_late"]


@pytest.mark.parametrize(("days", "charged"), [(59, "0.054000"), (61, "0.000000")])
async def test_an_end_is_charged_for_sixty_days(gateway: Gateway, pool: Pool, days: int, charged: str) -> None:
    await open_account(pool)
    await lost(gateway)
    gateway.clock.advance((days - 1) * 24 * 3600 - 7200)
    if days > 60:
        gateway.clock.advance(7200 + 24 * 3600)

    assert (await gateway.end("a1", connection="trunk", seconds=95, cause="normal"))["charged"] == charged


async def closed(gateway: Gateway, pool: Pool, seconds: int, note: str = "by the CDR of the PBX") -> Any:
    async with pool.acquire() as conn:
        return await close_call(
            conn, actor=CLERK, reference="trunk:a1", seconds=seconds, note=note, now=gateway.clock.now()
        )


async def test_an_operator_closes_a_call_by_hand(gateway: Gateway, pool: Pool) -> None:
    account = await open_account(pool)
    await never_ending(gateway)

    view = await closed(gateway, pool, 95)

    assert (view.call.state, view.call.billed_s, view.call.charge) == ("ended", 95, D("0.054"))
    assert view.call.flags == ["closed_by_hand"]
    assert await pool.fetchval("SELECT note FROM ledger_entry WHERE kind = 'call'") == "by the CDR of the PBX"
    assert await money(pool, account) == (D("1.946"), D(0), D(0), D("1.946"))


async def test_an_end_after_a_call_was_closed_by_hand_charges_nothing_more(gateway: Gateway, pool: Pool) -> None:
    account = await open_account(pool)
    await never_ending(gateway)
    await closed(gateway, pool, 95)

    assert (await gateway.end("a1", connection="trunk", seconds=200, cause="normal"))["charged"] == "0.054000"
    assert (await money(pool, account))[0] == D("1.946")
    assert await flags_of(pool) == ["closed_by_hand", "end_differs"]


@pytest.mark.parametrize("seconds", [0, 95])
async def test_an_operators_close_is_final_and_what_the_provider_tells_later_stands_beside_it(
    gateway: Gateway, pool: Pool, seconds: int
) -> None:
    """An operator may know that nobody talked: the customer is not charged after all in spite of that."""
    account = await open_account(pool)
    await never_ending(gateway)
    charge = (await closed(gateway, pool, seconds)).call.charge
    before = await money(pool, account)

    told = {"cause": "normal", "cost": "0.12", "cost_currency": "USD"}
    replies = [await gateway.end("a1", connection="trunk", seconds=200, **told) for _ in range(2)]
    await gateway.end("a1", connection="trunk", seconds=0, cause="no_answer")

    assert {D(reply["charged"]) for reply in replies} == {charge}
    assert await money(pool, account) == before
    row = await pool.fetchrow("SELECT reported_s, billed_s, cause, cost FROM call")
    assert row is not None
    assert tuple(row) == (200, seconds, "normal", D("0.12"))
    assert await flags_of(pool) == ["closed_by_hand", "end_differs"]


async def test_a_call_closed_by_hand_costs_no_more_than_was_granted(gateway: Gateway, pool: Pool) -> None:
    await open_account(pool)
    await never_ending(gateway)

    view = await closed(gateway, pool, 7200)

    assert (view.call.reported_s, view.call.billed_s, view.call.charge) == (7200, 3600, D("1.62"))


async def test_what_may_talk_and_what_is_closed_cannot_be_closed_by_hand(gateway: Gateway, pool: Pool) -> None:
    await open_account(pool)
    await gateway.start("a1", connection="trunk")
    with pytest.raises(Conflict, match="may be talking until its deadline"):
        await closed(gateway, pool, 10)
    await gateway.end("a1", connection="trunk", seconds=0, cause="busy")
    with pytest.raises(Conflict, match="it is ended"):
        await closed(gateway, pool, 10)
    with pytest.raises(InvalidInput, match="seconds"):
        await closed(gateway, pool, -1)
    with pytest.raises(InvalidInput, match="note"):
        await closed(gateway, pool, 1, note=" ")
