"""Kamailio is killed or restarted in mid-call, and the call goes on: charged, limited and cut as if nothing was."""

import signal
from decimal import Decimal
from pathlib import Path

import pytest

from tests.providers.kamailio.server import Ports, changed
from tests.providers.kamailio.site import LINE, LONDON, Site, serve, site_on
from tests.support.processes import until
from tests.support.sip.wire import Wires, answered, header, ringing

D = Decimal
# A cent a second.
BY_SECONDS = {"per_minute": "0.60", "increment_s": 1}


async def until_kept(site: Site, calls: int = 1) -> None:
    """Kamailio has written so many calls to disk."""
    await site.until_answered(calls)
    await until(lambda: site.network.kept("up") == calls)


async def until_nothing_is_kept(site: Site) -> None:
    await until(lambda: site.network.kept("up") + site.network.kept("ended") == 0)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_r20_a_call_outlives_kamailio_and_is_charged_its_seconds(
    dsn: str, tmp_path: Path, ports: Ports, how: signal.Signals
) -> None:
    """Its Call-ID is one that would be SQL if Kamailio wrote it as it came."""
    async with site_on(dsn, tmp_path, ports, **BY_SECONDS) as site:
        callee = await site.network.carrier_takes()
        caller = site.network.pbx_calls("caller_hangs_up", LONDON, caller=LINE, talk_s=4.3, call_id="it's%u")
        await until_kept(site)
        await site.network.stop(how)
        await site.network.start()
        await caller.done()
        await callee.done()
        await site.until_over()

        call = await site.call()
        assert (call["reported_s"], call["cause"], call["flags"]) == (5, "normal", [])
        assert await site.balance() == D("9.95")
        await until_nothing_is_kept(site)


async def test_r20_who_hangs_up_while_kamailio_is_away_is_heard_when_it_is_back(site: Site) -> None:
    """SIP repeats a BYE for 32 seconds. The call lasts until then."""
    callee = await site.network.carrier_takes()
    caller = site.network.pbx_calls("caller_hangs_up", LONDON, caller=LINE, talk_s=0.6)
    await until_kept(site)
    await site.network.stop(signal.SIGKILL)
    await until(lambda: site.conn.fetchval("SELECT answered_at < now() - interval '1.5 seconds' FROM call"))
    await site.network.start()
    await caller.done()
    await callee.done()
    await site.until_over()

    call = await site.call()
    assert (call["cause"], call["flags"]) == ("normal", [])
    assert await site.balance() == D("9.97")


async def test_r18_a_kamailio_that_was_killed_keeps_the_limit_by_itself(dsn: str, tmp_path: Path, ports: Ports) -> None:
    """The gateway is away."""
    async with site_on(dsn, tmp_path, ports, limits={"call_seconds_max": 4}, **BY_SECONDS) as site:
        callee = await site.network.carrier_takes()
        caller = site.network.pbx_calls("caller_waits", LONDON, caller=LINE)
        await until_kept(site)
        await site.gateway.kill()
        await site.network.stop(signal.SIGKILL)
        await site.network.start()
        await caller.done()
        await callee.done()
        assert (caller.said(), callee.said()[1:]) == (["BYE"], ["BYE"])

        async with serve(site.installation, ports):
            await site.until_over()

            call = await site.call()
            assert (call["cause"], call["flags"]) == ("limit", [])
            # Kamailio's own timer may be a second early.
            assert call["reported_s"] in (3, 4)


async def test_r18_a_limit_that_passed_while_kamailio_was_away_ends_the_call_at_once(
    dsn: str, tmp_path: Path, ports: Ports
) -> None:
    async with site_on(dsn, tmp_path, ports, limits={"call_seconds_max": 1}, **BY_SECONDS) as site:
        callee = await site.network.carrier_takes()
        caller = site.network.pbx_calls("caller_waits", LONDON, caller=LINE)
        await until_kept(site)
        await site.gateway.kill()
        await site.network.stop(signal.SIGKILL)
        late = "SELECT must_end_at < now() - interval '1 second' FROM live_call"
        await until(lambda: site.conn.fetchval(late))
        await site.network.start()
        await caller.done()
        await callee.done()

        async with serve(site.installation, ports):
            await site.until_over()

            call = await site.call()
            assert (call["cause"], call["billed_s"]) == ("limit", 1)
            assert await site.balance() == D("9.99")


async def test_r19_an_operator_cuts_a_call_that_outlived_kamailio(site: Site) -> None:
    callee = await site.network.carrier_takes()
    caller = site.network.pbx_calls("caller_waits", LONDON, caller=LINE)
    await until_kept(site)
    await site.network.stop(signal.SIGKILL)
    await site.network.start()
    await site.cut()
    await caller.done()
    await callee.done()
    await site.until_over()

    assert (caller.said(), callee.said()[1:]) == (["BYE"], ["BYE"])
    call = await site.call()
    assert (call["cut_reason"], call["cause"], call["flags"]) == ("operator", "normal", [])
    assert await site.balance() == D("9.97")


async def test_r22_an_end_that_kamailio_could_not_deliver_before_it_was_killed_arrives(site: Site) -> None:
    callee = await site.network.carrier_takes()
    caller = site.network.pbx_calls("caller_hangs_up", LONDON, caller=LINE, talk_s=1.0)
    await until_kept(site)
    await site.gateway.kill()
    await caller.done()
    await callee.done()
    await until(lambda: (site.network.kept("up"), site.network.kept("ended")) == (0, 1))
    await site.network.stop(signal.SIGKILL)
    await site.network.start()

    async with serve(site.installation, site.ports):
        await site.until_over()

        call = await site.call()
        assert (call["reported_s"], call["cause"], call["flags"]) == (2, "normal", [])
        assert await site.balance() == D("9.97")
        await until_nothing_is_kept(site)


async def test_r22_an_end_of_before_kamailio_was_killed_is_still_told_when_asked_for(
    dsn: str, tmp_path: Path, ports: Ports
) -> None:
    """Kamailio gives up at once here; the reconciler asks when the call should be over."""
    impatient = changed("$var(try) < 20", "$var(try) < 1")
    async with site_on(dsn, tmp_path, ports, change=impatient) as site:
        callee = await site.network.carrier_takes()
        caller = site.network.pbx_calls("caller_hangs_up", LONDON, caller=LINE, talk_s=3.0)
        await until_kept(site)
        await site.gateway.kill()
        await caller.done()
        await callee.done()
        await until(lambda: site.network.kept("ended") == 1)
        await site.network.stop(signal.SIGKILL)
        await site.network.start()
        await until(lambda: "the gateway did not take" in site.network.log())

        async with serve(site.installation, ports):
            await site.conn.execute("UPDATE live_call SET reconcile_due_at = now()")
            await site.until_over()

            call = await site.call()
            assert (call["reported_s"], call["flags"]) == (4, ["end_asked"])
            assert await site.balance() == D("9.97")


async def test_r18_a_call_that_rang_when_kamailio_was_killed_is_not_connected(site: Site, wires: Wires) -> None:
    """Nobody would keep its limit."""
    invite = await ringing(wires)
    await site.network.stop(signal.SIGKILL)
    await site.network.start()
    wires.carrier.answer(invite, "200 OK", tag="carrier")

    assert await wires.pbx.hears_nothing()


async def test_a_call_that_outlived_kamailio_still_hides_who_calls(site: Site, wires: Wires) -> None:
    """And is cut with the CSeq that was reached."""
    to, route = await answered(wires)
    wires.pbx.request("INVITE", wires.uri, call_id="real", to=to, cseq=7, more=route)
    again = await wires.carrier.hears("INVITE")
    wires.carrier.answer(again, "200 OK", tag="carrier")
    await wires.pbx.hears("SIP/2.0 200")
    wires.pbx.request("ACK", wires.uri, call_id="real", to=to, cseq=7, more=route)
    await wires.carrier.hears("ACK")
    await until(lambda: site.network.kept("up WHERE caller_cseq = x'37'") == 1)
    await site.network.stop(signal.SIGKILL)
    await site.network.start()

    wires.pbx.request("INFO", wires.uri, call_id="real", to=to, cseq=8, more=route)
    info = await wires.carrier.hears("INFO")
    assert header(info, "From") == header(again, "From")
    wires.carrier.answer(info, "200 OK", tag="carrier")
    assert f"<sip:{LINE}@127.0.0.1:{site.ports.pbx}>" in header(await wires.pbx.hears("SIP/2.0 200"), "From")

    await site.cut()
    bye = await wires.carrier.hears("BYE")
    assert header(bye, "CSeq") == "9 BYE"
    wires.carrier.answer(bye, "200 OK", tag="carrier")
    wires.pbx.answer(await wires.pbx.hears("BYE"), "200 OK", tag="carrier")
    await site.until_over()
    assert await site.balance() == D("9.97")
