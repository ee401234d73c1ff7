"""A party in SIP that says any packet a test wants, as SIPp keeps to the rules."""

import asyncio
import itertools
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_numbers = itertools.count(1)
# What an answer repeats of its request.
_REPEATED = re.compile(r"^(?:Via|Record-Route|From|To|Call-ID|CSeq): .*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A UDP socket next to a proxy."""

    socket: socket.socket
    port: int
    proxy: int

    def send(self, packet: str) -> None:
        self.socket.sendto(packet.replace("\n", "\r\n").encode(), ("127.0.0.1", self.proxy))

    def request(
        self,
        method: str,
        uri: str,
        *,
        call_id: str,
        to: str,
        tag: str = "pbx",
        cseq: int = 1,
        more: str = "",
        branch: str | None = None,
    ) -> None:
        """`to` is a whole header, with or without a tag; `more` are header lines, each with its line's end."""
        self.send(
            f"{method} {uri} SIP/2.0\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{branch or next(_numbers)}\n"
            f"{more}Max-Forwards: 70\nFrom: <sip:+15550100001@127.0.0.1:{self.port}>;tag={tag}\nTo: {to}\n"
            f"Call-ID: {call_id}\nCSeq: {cseq} {method}\nContact: <sip:me@127.0.0.1:{self.port}>\n"
            "P-Asserted-Identity: <sip:somebody-else@caller.example>\nX-Line: +15550100001\nContent-Length: 0\n\n"
        )

    def answer(self, request: str, status: str, *, tag: str) -> None:
        """In a dialog the To has its tag."""
        kept = [line if line[:3] != "To:" or ";tag=" in line else f"{line};tag={tag}" for line in repeated(request)]
        contact = f"Contact: <sip:me@127.0.0.1:{self.port}>"
        self.send("\n".join([f"SIP/2.0 {status}", *kept, contact, "Content-Length: 0", "", ""]))

    async def hears(self, start: str, limit_s: float = 10) -> str:
        """The next packet that starts like this; what came before it does not matter."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(limit_s):
            while True:
                packet = (await loop.sock_recv(self.socket, 65535)).decode().replace("\r\n", "\n")
                if packet.startswith(start):
                    return packet

    async def hears_nothing(self, for_s: float = 0.4) -> bool:
        try:
            await self.hears("", for_s)
        except TimeoutError:
            return True
        return False


def repeated(packet: str) -> list[str]:
    return _REPEATED.findall(packet)


def header(packet: str, name: str) -> str:
    """Its value in the packet."""
    found = re.search(rf"^{name}: (.*)$", packet, re.MULTILINE)
    assert found is not None, packet
    return found[1]


@contextmanager
def wire(port: int, proxy: int) -> Iterator[Wire]:
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.setblocking(False)
        udp.bind(("127.0.0.1", port))
        yield Wire(socket=udp, port=port, proxy=proxy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wires:
    """The three that can send: the PBX, the carrier, and somebody who is neither."""

    pbx: Wire
    carrier: Wire
    stranger: Wire
    # A callee at the carrier, and what makes the proxy believe that it is in the route of a call.
    uri: str
    route: str


async def ringing(wires: Wires, more: str = "") -> str:
    """A call of the PBX that has reached the carrier: the INVITE."""
    wires.pbx.request("INVITE", wires.uri, call_id="real", to=f"<{wires.uri}>", more=more)
    invite = await wires.carrier.hears("INVITE")
    wires.carrier.answer(invite, "180 Ringing", tag="carrier")
    await wires.pbx.hears("SIP/2.0 180")
    return invite


async def answered(wires: Wires) -> tuple[str, str]:
    """A call that is up: the To of the PBX, and its Route."""
    wires.carrier.answer(await ringing(wires), "200 OK", tag="carrier")
    ok = await wires.pbx.hears("SIP/2.0 200")
    to, route = header(ok, "To"), f"Route: {header(ok, 'Record-Route')}\n"
    wires.pbx.request("ACK", wires.uri, call_id="real", to=to, more=route)
    await wires.carrier.hears("ACK")
    return to, route


async def hung_up(wires: Wires, to: str, route: str) -> None:
    wires.pbx.request("BYE", wires.uri, call_id="real", to=to, cseq=9, more=route)
    wires.carrier.answer(await wires.carrier.hears("BYE"), "200 OK", tag="carrier")
    await wires.pbx.hears("SIP/2.0 200")
