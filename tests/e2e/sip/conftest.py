"""A gateway, its database, and a Kamailio between a PBX and a carrier."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.kamailio import Ports, require_kamailio
from tests.support.kamailio_site import Site, site_on


@pytest.fixture
def ports() -> Ports:
    require_kamailio()
    return Ports()


@pytest.fixture
async def site(ports: Ports, dsn: str, tmp_path: Path) -> AsyncIterator[Site]:
    """With the settings of production."""
    async with site_on(dsn, tmp_path, ports) as running:
        yield running
