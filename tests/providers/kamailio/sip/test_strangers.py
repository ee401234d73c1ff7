"""What reaches Kamailio's socket: no packet makes a call that the gateway has not allowed, nor changes one."""

import asyncio
from decimal import Decimal

import pytest

from tests.providers.kamailio.site import LINE, Site
from tests.support.sip.wire import Wires, answered, header, hung_up, ringing

D = Decimal
MADE_UP = "<sip:anybody@127.0.0.1>;tag=made-up"
IDENTITY = "P-Asserted-Identity"


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "REFER", "MESSAGE", "BYE", "PRACK"])
async def test_a_stranger_with_a_made_up_tag_reaches_nobody(site: Site, wires: Wires, method: str) -> None:
    wires.stranger.request(method, wires.uri, call_id="evil", to=MADE_UP, more=wires.route)

    assert (await wires.stranger.hears("SIP/2.0")).startswith("SIP/2.0 481 ")
    assert await wires.carrier.hears_nothing()
    assert await site.calls() == 0


async def test_a_strangers_acknowledgement_reaches_nobody(site: Site, wires: Wires) -> None:
    wires.stranger.request("ACK", wires.uri, call_id="evil", to=MADE_UP, more=wires.route)

    assert await wires.carrier.hears_nothing()
    assert await wires.stranger.hears_nothing(0.1)


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "REFER"])
async def test_the_pbx_makes_no_call_by_a_made_up_tag(site: Site, wires: Wires, method: str) -> None:
    wires.pbx.request(method, wires.uri, call_id="evil", to=MADE_UP, more=wires.route)

    assert (await wires.pbx.hears("SIP/2.0")).startswith("SIP/2.0 481 ")
    assert await wires.carrier.hears_nothing()


async def test_a_stranger_cannot_end_a_call_by_its_call_id(site: Site, wires: Wires) -> None:
    to, route = await answered(wires)
    wires.stranger.request("BYE", wires.uri, call_id="real", to=to, tag="guessed", more=route)

    assert (await wires.stranger.hears("SIP/2.0")).startswith("SIP/2.0 481 ")
    assert await wires.carrier.hears_nothing()
    await site.until_answered()
    await hung_up(wires, to, route)
    await site.until_over()
    assert await site.balance() == D("9.97")


async def test_an_invitation_within_a_call_arrives_without_what_the_caller_says_of_itself(
    site: Site, wires: Wires
) -> None:
    to, route = await answered(wires)
    wires.pbx.request("INVITE", wires.uri, call_id="real", to=to, cseq=2, more=route)
    again = await wires.carrier.hears("INVITE")
    assert IDENTITY not in again
    assert "X-Line" not in again
    assert f"<sip:{LINE}@127.0.0.1:{site.ports.proxy}>" in header(again, "From")
    wires.carrier.answer(again, "200 OK", tag="carrier")
    await wires.pbx.hears("SIP/2.0 200")
    wires.pbx.request("ACK", wires.uri, call_id="real", to=to, cseq=2, more=route)
    await wires.carrier.hears("ACK")

    await hung_up(wires, to, route)
    await site.until_over()
    assert await site.balance() == D("9.97")


async def test_the_pbx_may_take_back_an_invitation_within_a_call(site: Site, wires: Wires) -> None:
    to, route = await answered(wires)
    wires.pbx.request("INVITE", wires.uri, call_id="real", to=to, cseq=2, more=route, branch="again")
    wires.carrier.answer(await wires.carrier.hears("INVITE"), "180 Ringing", tag="carrier")
    await wires.pbx.hears("SIP/2.0 180")
    wires.pbx.request("CANCEL", wires.uri, call_id="real", to=to, cseq=2, more=route, branch="again")

    assert "CSeq: 2 CANCEL" in await wires.carrier.hears("CANCEL")


@pytest.mark.parametrize(("method", "status"), [("REFER", 403), ("MESSAGE", 405)])
async def test_the_carrier_is_not_asked_for_what_was_not_priced(
    site: Site, wires: Wires, method: str, status: int
) -> None:
    to, route = await answered(wires)
    other = f"{route}Refer-To: <sip:+882160000000@127.0.0.1>\n"
    wires.pbx.request(method, wires.uri, call_id="real", to=to, cseq=2, more=other)

    assert (await wires.pbx.hears("SIP/2.0")).startswith(f"SIP/2.0 {status} ")
    assert await wires.carrier.hears_nothing()
    await hung_up(wires, to, route)


async def test_a_carrier_may_go_on_from_another_address(site: Site, wires: Wires) -> None:
    """Who knows the tags takes part."""
    to, route = await answered(wires)
    elsewhere = f"sip:me@127.0.0.1:{wires.stranger.port}"
    wires.pbx.request("BYE", elsewhere, call_id="real", to=to, cseq=2, more=route)
    wires.stranger.answer(await wires.stranger.hears("BYE"), "200 OK", tag="carrier")

    await wires.pbx.hears("SIP/2.0 200")


async def test_a_call_that_rings_is_no_way_to_another_callee(site: Site, wires: Wires) -> None:
    await ringing(wires)
    other = f"sip:+882160000000@127.0.0.1:{wires.carrier.port}"
    wires.pbx.request("INVITE", other, call_id="real", to=MADE_UP, cseq=2, more=wires.route)

    assert (await wires.pbx.hears("SIP/2.0 4")).startswith("SIP/2.0 491 ")
    assert await wires.carrier.hears_nothing()


@pytest.mark.parametrize("method", ["BYE", "PRACK", "ACK"])
async def test_a_call_that_a_restart_has_forgotten_can_be_ended(site: Site, wires: Wires, method: str) -> None:
    wires.pbx.request(method, wires.uri, call_id="old", to=MADE_UP, cseq=2, more=wires.route)

    assert IDENTITY not in await wires.carrier.hears(method)


async def test_the_caller_does_not_say_the_way_of_a_call(site: Site, wires: Wires) -> None:
    invite = await ringing(wires, f"{wires.route}Route: <sip:+882160000000@127.0.0.1;lr>\n")

    assert "\nRoute:" not in invite


async def test_nobody_registers(site: Site, wires: Wires) -> None:
    for sender in (wires.stranger, wires.pbx):
        sender.request("REGISTER", f"sip:127.0.0.1:{site.ports.proxy}", call_id="reg", to="<sip:me@127.0.0.1>")
        assert (await sender.hears("SIP/2.0")).startswith("SIP/2.0 405 ")


@pytest.mark.parametrize(("method", "to"), [("OPTIONS", "<sip:proxy@127.0.0.1>"), ("BYE", MADE_UP)])
async def test_a_strangers_flood_is_dropped_and_the_pbx_is_served(
    site: Site, wires: Wires, method: str, to: str
) -> None:
    """The PBX of this test has the stranger's address, but is no outsider."""
    for _ in range(400):
        wires.stranger.request(method, wires.uri, call_id="flood", to=to, more=wires.route)
    heard = 0
    while not await wires.stranger.hears_nothing():
        heard += 1
    assert 0 < heard < 200

    wires.pbx.request("OPTIONS", "sip:proxy@127.0.0.1", call_id="alive", to="<sip:proxy@127.0.0.1>")
    await wires.pbx.hears("SIP/2.0 200")
    await hung_up(wires, *await answered(wires))


async def test_the_port_for_commands_connects_nobody(site: Site, wires: Wires) -> None:
    """Kamailio takes SIP there too."""
    packets = {
        status: f"INVITE {wires.uri} SIP/2.0\nVia: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bK{status}\n{wires.route}"
        f"Max-Forwards: 70\nFrom: <sip:{LINE}@127.0.0.1>;tag=a\nTo: <{wires.uri}>{tag}\nCall-ID: tcp{status}\n"
        "CSeq: 1 INVITE\nContact: <sip:me@127.0.0.1>\nContent-Length: 0\n\n"
        for status, tag in (("403", ""), ("481", ";tag=made-up"))
    }
    for status, packet in packets.items():
        reader, writer = await asyncio.open_connection("127.0.0.1", site.ports.control)
        writer.write(packet.replace("\n", "\r\n").encode())
        assert (await reader.readline()).decode().split()[1] == status
        writer.close()
    assert await wires.carrier.hears_nothing()
    assert await site.calls() == 0


def reply_to_nothing(wires: Wires, *, call_id: str = "none") -> str:
    """What a proxy would hand on to the PBX, without a transaction."""
    via = f"Via: SIP/2.0/UDP 127.0.0.1:{wires.pbx.proxy};branch=z9hG4bKa\nVia: SIP/2.0/UDP 127.0.0.1:{wires.pbx.port}"
    return (
        f"SIP/2.0 200 OK\n{via};branch=z9hG4bKb\nFrom: <sip:a@127.0.0.1>;tag=a\nTo: <sip:b@127.0.0.1>;tag=b\n"
        f"Call-ID: {call_id}\nCSeq: 1 INVITE\nContent-Length: 0\n\n"
    )


async def test_a_strangers_reply_is_not_handed_on(site: Site, wires: Wires) -> None:
    wires.stranger.send(reply_to_nothing(wires))

    assert await wires.pbx.hears_nothing()


async def test_an_answer_that_the_carrier_sends_again_is_handed_on(site: Site, wires: Wires) -> None:
    """As the acknowledgement may have got lost, when the transaction is over."""
    to, route = await answered(wires)
    wires.carrier.send(reply_to_nothing(wires, call_id="real"))

    await wires.pbx.hears("SIP/2.0 200")
    await hung_up(wires, to, route)


async def test_a_call_that_the_pbx_redirects_ends(site: Site, wires: Wires) -> None:
    """The carrier would follow, at our expense."""
    uri = f"sip:{LINE}@127.0.0.1:{site.ports.proxy}"
    wires.carrier.request("INVITE", uri, call_id="incoming", to=f"<{uri}>")
    wires.pbx.answer(await wires.pbx.hears("INVITE"), "302 Moved Temporarily", tag="pbx")

    await wires.carrier.hears("SIP/2.0 480")
    await site.until_over()
    assert await site.balance() == D(10)
