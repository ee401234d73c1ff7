"""Calls as they are on the wire: a PBX, Kamailio, a carrier, and the gateway that decides and charges."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.providers.kamailio.server import Ports, second_pbx
from tests.providers.kamailio.site import CLIENT, LINE, LONDON, MAIN, SUSPENDED, Site, site_on

D = Decimal


def invite(to: str, carrier: int, by: str, proxy: int) -> str:
    """What the carrier sees of an INVITE: whom it is for, From, P-Asserted-Identity."""
    return f"INVITE sip:{to}@127.0.0.1:{carrier} sip:{by}@127.0.0.1:{proxy} sip:{by}@127.0.0.1:{proxy}"


async def test_a_call_through_kamailio_is_charged_once(site: Site) -> None:
    net, ports = site.network, site.ports
    callee = await net.carrier_takes()
    caller = net.pbx_calls("caller_hangs_up", "00442079460000", caller="15550100001", talk_s=1.2)
    await site.until_answered()
    assert await site.conn.fetchval("SELECT hold::numeric FROM live_call") == D("0.15")  # a slice of 300 s
    await caller.done()
    await callee.done()
    await site.until_over()

    # Dialled as it was priced, by the line's number, whatever the caller said of itself.
    assert callee.said() == [invite(LONDON, ports.carrier, LINE, ports.proxy), "BYE"]
    call = await site.call()
    assert (call["direction"], call["caller"], call["callee"], call["cause"]) == ("outbound", LINE, LONDON, "normal")
    assert (call["reported_s"], call["billed_s"], call["flags"]) == (2, 2, [])
    assert await site.balance() == D("9.97")


async def test_r8_a_call_to_a_suspended_number_is_busy(site: Site) -> None:
    caller = site.network.carrier_calls("caller_refused", SUSPENDED, caller=CLIENT)
    await caller.done()

    assert caller.said() == ["REFUSED 486"]
    call = await site.call()
    assert (call["state"], call["direction"], call["rule"]) == ("refused", "inbound", "R8")
    assert await site.balance() == D(10)


async def test_r9_a_call_to_a_working_number_is_free(site: Site) -> None:
    callee = await site.network.pbx_takes()
    caller = site.network.carrier_calls("caller_hangs_up", LINE, caller=CLIENT, talk_s=0.3)
    await caller.done()
    await callee.done()
    await site.until_over()

    # What the carrier says about the caller stays.
    to, by = f"sip:{LINE}@127.0.0.1:{site.ports.pbx}", f"sip:{CLIENT}@127.0.0.1:{site.ports.carrier}"
    assert callee.said()[0] == f"INVITE {to} {by} sip:somebody-else@caller.example"
    assert await site.balance() == D(10)


async def test_r11_a_suspended_number_calls_by_the_main_number(site: Site) -> None:
    callee = await site.network.carrier_takes()
    caller = site.network.pbx_calls("caller_hangs_up", LONDON, caller=SUSPENDED, talk_s=0.3)
    await caller.done()
    await callee.done()
    await site.until_over()

    assert callee.said()[0] == invite(LONDON, site.ports.carrier, MAIN, site.ports.proxy)
    call = await site.call()
    assert (call["line"], call["caller_id"]) == (SUSPENDED, MAIN)
    assert await site.balance() == D("9.97")


async def test_r14_a_call_without_money_is_refused_with_402(site: Site) -> None:
    await site.conn.execute("UPDATE rate SET per_minute = 11")

    caller = site.network.pbx_calls("caller_refused", LONDON, caller=LINE)
    await caller.done()

    assert caller.said() == ["REFUSED 402"]
    assert await site.balance() == D(10)


async def test_a_busy_callee_costs_nothing(site: Site) -> None:
    callee = await site.network.carrier_takes("callee_busy")
    caller = site.network.pbx_calls("caller_refused", LONDON, caller=LINE)
    await caller.done()
    await callee.done()
    await site.until_over()

    assert caller.said() == ["REFUSED 486"]
    call = await site.call()
    assert (call["state"], call["cause"], call["billed_s"]) == ("ended", "busy", 0)
    assert await site.balance() == D(10)


async def test_a_caller_who_gives_up_while_it_rings_is_not_charged(site: Site) -> None:
    callee = await site.network.carrier_takes("callee_rings")
    caller = site.network.pbx_calls("caller_cancels", LONDON, caller=LINE)
    await caller.done()
    await callee.done()
    await site.until_over()

    call = await site.call()
    assert (call["cause"], call["answered_at"], call["charge"]) == ("cancelled", None, 0)
    assert await site.balance() == D(10)


async def test_a_call_id_that_is_used_again_is_another_call(site: Site) -> None:
    """Else the second call would have the first one's decision, and be free."""
    for number in (1, 2):
        callee = await site.network.carrier_takes()
        caller = site.network.pbx_calls("caller_hangs_up", LONDON, caller=LINE, talk_s=0.2, call_id="the-same")
        await caller.done()
        await callee.done()
        await site.until_over(number)

    assert await site.balance() == D("9.94")


async def test_nobody_but_the_pbx_and_the_carrier_is_connected(site: Site) -> None:
    stranger = site.network.other_calls("caller_refused", LONDON, caller=LINE)
    await stranger.done()

    assert stranger.said() == ["REFUSED 403"]
    assert await site.calls() == 0


async def test_r13_a_forwarded_call_is_decided_and_charged_by_itself(dsn: str, tmp_path: Path, ports: Ports) -> None:
    async with site_on(dsn, tmp_path, ports, change=second_pbx(ports)) as site:
        pbx = await site.network.pbx_takes()
        caller = site.network.carrier_calls("caller_hangs_up", LINE, caller=CLIENT, talk_s=2.5, call_id="incoming")
        await site.until_answered()
        told = f"X-Line: {LINE}\nX-Parent-Call: incoming"
        # The carrier's address is taken by its SIPp, so nobody is there to take the call.
        forwarded = site.network.other_calls("caller_refused", LONDON, caller=CLIENT, more=told)
        await forwarded.done()
        await caller.done()
        await pbx.done()
        await site.until_over(2)

        incoming, outgoing = await site.call(1), await site.call(2)
        assert (outgoing["direction"], outgoing["parent_id"]) == ("forward", incoming["id"])
        assert (outgoing["line"], outgoing["caller"], outgoing["state"]) == (LINE, CLIENT, "ended")
        assert await site.balance() == D(10)


@pytest.mark.parametrize(("caller", "wish"), [(LINE, "Privacy: id"), ("anonymous", f"X-Line: {LINE}")])
async def test_r43_a_user_who_withholds_the_number_is_anonymous_to_the_carrier(
    site: Site, caller: str, wish: str
) -> None:
    callee = await site.network.carrier_takes()
    phone = site.network.pbx_calls("caller_hangs_up", LONDON, caller=caller, talk_s=0.3, more=wish)
    await phone.done()
    await callee.done()
    await site.until_over()

    shown = f"sip:anonymous@anonymous.invalid sip:{LINE}@127.0.0.1:{site.ports.proxy}"
    assert callee.said()[0] == f"INVITE sip:{LONDON}@127.0.0.1:{site.ports.carrier} {shown}"
    call = await site.call()
    assert (call["caller"], call["line"], call["caller_id"]) == ("anonymous", LINE, "anonymous")


async def test_r43_the_line_of_a_from_without_a_number_is_the_identity(site: Site) -> None:
    phone = site.network.pbx_calls("caller_refused", LONDON, caller="Anonymous")
    await phone.done()

    assert phone.said() == ["REFUSED 403"]
    call = await site.call()
    assert (call["line"], call["caller"], call["reason"]) == ("somebody-else", "anonymous", "line_unknown")
