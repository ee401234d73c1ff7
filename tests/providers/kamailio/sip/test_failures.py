"""A call goes on while what should watch it is gone; its end is charged all the same, once."""

import signal
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.postgres.migrate import migrate
from tests.providers.kamailio.server import Ports, changed, second_pbx
from tests.providers.kamailio.site import LINE, LONDON, Site, serve, site_on
from tests.support.cluster import Away, own_cluster
from tests.support.postgres import throwaway_directory
from tests.support.processes import connected, until

D = Decimal


@pytest.fixture
def directory() -> Iterator[Path]:
    with throwaway_directory() as made:
        yield made


async def test_r38_a_gateway_killed_in_mid_call_charges_it_when_it_is_back(site: Site) -> None:
    callee = await site.network.carrier_takes()
    caller = site.network.pbx_calls("caller_hangs_up", LONDON, caller=LINE, talk_s=1.0)
    await site.until_answered()
    await site.gateway.kill()
    await caller.done()
    await callee.done()
    refused = site.network.pbx_calls("caller_refused", LONDON, caller=LINE)
    await refused.done()
    assert refused.said() == ["REFUSED 503"]

    async with serve(site.installation, site.ports):
        await site.until_over()

        call = await site.call()
        assert (call["reported_s"], call["cause"], call["flags"]) == (2, "normal", [])
        assert await site.calls() == 1
        assert await site.balance() == D("9.97")


async def test_r38_a_gateway_killed_in_mid_call_cuts_it_when_it_is_back(dsn: str, tmp_path: Path, ports: Ports) -> None:
    """Kamailio's own timer is stopped short of the limit here, so that it must be the gateway."""
    limits = {"call_seconds_max": 3}
    forgetful = changed('dlg_set_timeout("$var(seconds)")', 'dlg_set_timeout("60")')
    async with site_on(dsn, tmp_path, ports, limits=limits, change=forgetful) as site:
        callee = await site.network.carrier_takes()
        caller = site.network.pbx_calls("caller_waits", LONDON, caller=LINE)
        await site.until_answered()
        await site.gateway.kill()

        async with serve(site.installation, ports):
            await caller.done()
            await callee.done()
            await site.until_over()

            call = await site.call()
            assert (call["cut_reason"], call["billed_s"]) == ("limit", 3)
            assert await site.balance() == D("9.97")


async def test_r34_the_database_stopped_in_mid_call_loses_no_end(directory: Path, ports: Ports) -> None:
    async with own_cluster(directory / "cluster") as cluster:
        await migrate(cluster.dsn)
        async with site_on(cluster.dsn, directory / "gateway", ports, change=second_pbx(ports)) as site:
            callee = await site.network.carrier_takes()
            caller = site.network.pbx_calls("caller_hangs_up", LONDON, caller=LINE, talk_s=1.5)
            await site.until_answered()
            await cluster.go(Away.STOPPED)
            refused = site.network.other_calls("caller_refused", LONDON, caller=LINE)
            await caller.done()
            await callee.done()
            await refused.done()
            assert refused.said() == ["REFUSED 503"]
            await until(lambda: len(site.gateway.events("call.ended")) == 1)  # on disk

            await cluster.come_back(Away.STOPPED)
            async with connected(cluster.dsn) as site.conn:
                await site.until_over()
                assert (await site.call())["reported_s"] == 2
                assert await site.balance() == D("9.97")


async def test_r22_an_end_that_never_arrived_is_asked_for(dsn: str, tmp_path: Path, ports: Ports) -> None:
    """Kamailio gives up at once here; the reconciler asks when the call should be over."""
    impatient = changed("$var(try) < 20", "$var(try) < 1")
    async with site_on(dsn, tmp_path, ports, change=impatient) as site:
        callee = await site.network.carrier_takes()
        caller = site.network.pbx_calls("caller_hangs_up", LONDON, caller=LINE, talk_s=1.0)
        await site.until_answered()
        await site.gateway.kill()
        await caller.done()
        await callee.done()
        await until(lambda: "the gateway did not take" in site.network.log())

        async with serve(site.installation, ports):
            await site.conn.execute("UPDATE live_call SET reconcile_due_at = now()")
            await site.until_over()

            call = await site.call()
            assert (call["reported_s"], call["flags"]) == (2, ["end_asked"])
            assert await site.balance() == D("9.97")


async def test_r22_a_call_that_is_up_stays_up_when_its_fate_is_asked(site: Site) -> None:
    callee = await site.network.carrier_takes()
    caller = site.network.pbx_calls("caller_waits", LONDON, caller=LINE)
    await site.until_answered()
    await site.conn.execute("UPDATE live_call SET reconcile_due_at = now()")
    await until(lambda: bool(site.gateway.events("call.fate_asked")))
    await until(lambda: site.conn.fetchval("SELECT reconcile_due_at > must_end_at FROM live_call"))
    await site.cut()
    await caller.done()
    await callee.done()
    await site.until_over()

    [asked] = site.gateway.events("call.fate_asked")
    assert asked["fate"] == "live"
    assert (await site.call())["flags"] == []


async def test_a_caller_who_gives_up_while_the_gateway_thinks_holds_nothing(site: Site) -> None:
    site.gateway.signal(signal.SIGSTOP)
    caller = site.network.pbx_calls("caller_cancels_early", LONDON, caller=LINE)
    await caller.done()
    site.gateway.signal(signal.SIGCONT)
    await site.until_over()

    call = await site.call()
    assert (call["cause"], call["answered_at"], call["granted_s"] > 0) == ("cancelled", None, True)
    assert await site.balance() == D(10)


async def test_a_cut_that_reaches_one_end_only_is_reported_once(site: Site) -> None:
    """Kamailio does not run its event then. Twenty calls, as it does not always happen."""
    callee = await site.network.carrier_takes(calls=20)
    caller = site.network.pbx_calls("caller_waits_at_once", LONDON, caller=LINE, calls=20)
    await site.until_answered(20)
    await site.conn.execute("UPDATE call SET cut_reason = 'operator'")
    await site.conn.execute("UPDATE live_call SET cut_due_at = now()")
    await caller.done()
    await site.until_over(20)

    assert len(site.gateway.events("call.ended")) == 20
    assert await site.balance() == D("9.40")
    callee.popen.kill()  # of some calls it may not have heard
