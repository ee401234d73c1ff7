"""Calls that the gateway ends: at their limit, when the money is gone, by hand. Both ends hear of it."""

from decimal import Decimal
from pathlib import Path

from tests.providers.kamailio.server import Ports
from tests.providers.kamailio.site import LINE, LONDON, Site, site_on
from tests.support.processes import until

D = Decimal


async def test_r18_a_call_is_cut_at_the_limit(dsn: str, tmp_path: Path, ports: Ports) -> None:
    async with site_on(dsn, tmp_path, ports, limits={"call_seconds_max": 2}) as site:
        callee = await site.network.carrier_takes()
        caller = site.network.pbx_calls("caller_waits", LONDON, caller=LINE)
        await caller.done()
        await callee.done()
        await site.until_over()

        assert (caller.said(), callee.said()[1:]) == (["BYE"], ["BYE"])
        call = await site.call()
        assert (call["granted_s"], call["cause"], call["flags"]) == (2, "limit", [])
        # Kamailio's own timer may be a second early.
        assert call["reported_s"] in (1, 2)
        assert await site.balance() == D("9.97")


async def test_r15_two_calls_side_by_side_are_cut_when_the_money_is_gone(
    dsn: str, tmp_path: Path, ports: Ports
) -> None:
    """Ten cents at a cent a second; each call holds two seconds at a time."""
    prices = {"balance": "0.10", "per_minute": "0.60", "increment_s": 1}
    async with site_on(dsn, tmp_path, ports, limits={"hold_slice_seconds": 2}, **prices) as site:
        callee = await site.network.carrier_takes(calls=2)
        callers = site.network.pbx_calls("caller_waits", LONDON, caller=LINE, calls=2)
        await site.until_answered(2)
        await callers.done()
        await callee.done()
        await site.until_over(2)

        assert (callers.said(), sorted(callee.said())[:2]) == (["BYE"] * 2, ["BYE"] * 2)
        calls = [await site.call(number) for number in (1, 2)]
        assert [(call["cut_reason"], call["cause"], call["flags"]) for call in calls] == [("credit", "limit", [])] * 2
        assert sum(call["billed_s"] for call in calls) == 10
        assert await site.balance() == 0


async def test_r19_an_operator_cuts_a_call(site: Site) -> None:
    callee = await site.network.carrier_takes()
    caller = site.network.pbx_calls("caller_waits", LONDON, caller=LINE)
    await site.until_answered()
    await site.cut()
    await caller.done()
    await callee.done()
    await site.until_over()

    assert (caller.said(), callee.said()[1:]) == (["BYE"], ["BYE"])
    call = await site.call()
    assert (call["cut_reason"], call["cause"], call["flags"]) == ("operator", "normal", [])
    assert await site.balance() == D("9.97")


async def test_r19_an_operator_cuts_a_call_that_rings(site: Site) -> None:
    """Which Kamailio's own commands cannot."""
    callee = await site.network.carrier_takes("callee_rings")
    caller = site.network.pbx_calls("caller_refused", LONDON, caller=LINE)
    await until(lambda: site.conn.fetchval("SELECT count(*) = 1 FROM live_call"))
    await until(lambda: callee.said() == ["RINGS"])
    await site.cut()
    await caller.done()
    await callee.done()
    await site.until_over()

    assert caller.said() == ["REFUSED 487"]
    assert (await site.call())["cause"] == "cancelled"
    assert await site.balance() == D(10)
