"""The addresses of a host's name, and a way to one of them that leaves the driver the name, by which TLS knows it."""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from socket import SOCK_STREAM
from typing import Any, Final, TypeAlias

from gateway.settings.database_url import Host

Resolve: TypeAlias = Callable[[Host], Awaitable[tuple[str, ...]]]

# A name server that is away must not keep hosts away whose names are known.
_PATIENCE_S: Final = 1.0
# One server, though its name has an address of either kind.
_THIS_MACHINE: Final = "localhost"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server may listen. No host: where the driver looks when none is named; no address: the only one."""

    host: Host | None
    address: str | None = None

    def __str__(self) -> str:
        name = "the usual places" if self.host is None else str(self.host)
        return name if self.address is None else f"{name} ({self.address})"

    def loop(self) -> asyncio.AbstractEventLoop | None:
        """What the driver must open its connections by; None: as ever."""
        return None if self.address is None else _WayTo(asyncio.get_running_loop(), self.address)  # type: ignore[return-value]  # it stands in for one


class _WayTo:
    """The event loop, but that every TCP connection is to this address, whatever name it is asked for."""

    def __init__(self, loop: asyncio.AbstractEventLoop, address: str) -> None:
        self._loop = loop
        self._address = address

    async def create_connection(self, factory: Any, name: str, port: int, **options: Any) -> Any:
        if options.get("ssl"):
            options.setdefault("server_hostname", name)
        return await self._loop.create_connection(factory, self._address, port, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    # Whose task is the current one is looked up by its loop.
    def __hash__(self) -> int:
        return hash(self._loop)

    def __eq__(self, other: object) -> bool:
        return self._loop == (other._loop if isinstance(other, _WayTo) else other)


async def addresses_of(host: Host) -> tuple[str, ...]:
    """Those of a name, in the order of the name server; none of what is an address, a socket or this machine."""
    if host.name.startswith("/") or host.name == _THIS_MACHINE or _is_address(host.name):
        return ()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            found = await asyncio.get_running_loop().getaddrinfo(host.name, host.port, type=SOCK_STREAM)
    except (OSError, TimeoutError):
        return ()
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


async def places_of(host: Host | None, resolve: Resolve) -> list[Place]:
    """A name with several addresses is several places, as each may be another server."""
    addresses = () if host is None else await resolve(host)
    return [Place(host, each) for each in addresses] if len(addresses) > 1 else [Place(host)]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True
