"""A gateway, its database, and a Kamailio between a PBX and a carrier."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.providers.kamailio.server import Ports, require_kamailio
from tests.providers.kamailio.site import LONDON, Site, site_on
from tests.support.sip.wire import Wires, wire


@pytest.fixture
def ports() -> Ports:
    require_kamailio()
    return Ports()


@pytest.fixture
async def site(ports: Ports, dsn: str, tmp_path: Path) -> AsyncIterator[Site]:
    """With the settings of production."""
    async with site_on(dsn, tmp_path, ports) as running:
        yield running


@pytest.fixture
def wires(site: Site) -> Iterator[Wires]:
    ports = site.ports
    with ExitStack() as stack:
        pbx, carrier, stranger = (
            stack.enter_context(wire(port, ports.proxy)) for port in (ports.pbx, ports.carrier, ports.other)
        )
        uri, route = f"sip:{LONDON}@127.0.0.1:{ports.carrier}", f"Route: <sip:127.0.0.1:{ports.proxy};lr>\n"
        yield Wires(pbx=pbx, carrier=carrier, stranger=stranger, uri=uri, route=route)
