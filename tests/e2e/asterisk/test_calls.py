"""Calls as they are on the wire: a PBX, a real Asterisk with the kit's dialplan, a carrier, and the gateway."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.postgres import live_calls
from gateway.postgres.types import PgConnection
from tests.support import world
from tests.support.asterisk import (
    AsteriskNetwork,
    AsteriskPorts,
    asterisk_on,
    require_asterisk,
    toml,
)
from tests.support.processes import GatewayProcess, Installation, assert_books_are_right, connected, until
from tests.support.sip import Phone

D = Decimal
LINE = "+15550100001"
LONDON = "+442079460000"
CLIENT = "+447400123456"


def addresses(callee: Phone) -> set[str]:
    """The users named by the INVITE that a callee got."""
    return set(re.findall(r"sip:([^@]+)@", callee.said()[0]))


@dataclass(slots=True, kw_only=True)
class Site:
    network: AsteriskNetwork
    conn: PgConnection
    account: int
    gateway: GatewayProcess
    installation: Installation

    async def calls(self, *columns: str) -> list[tuple[object, ...]]:
        """All calls, when none is up any more."""
        await until(lambda: self.conn.fetchval("SELECT count(*) > 0 FROM call"))
        await until(lambda: self.conn.fetchval("SELECT NOT EXISTS (SELECT FROM live_call)"))
        return [
            tuple(row[column] for column in columns) for row in await self.conn.fetch("SELECT * FROM call ORDER BY id")
        ]

    async def until_answered(self) -> None:
        await until(
            lambda: self.conn.fetchval(
                "SELECT count(*) > 0 FROM live_call JOIN call ON call.id = call_id WHERE answered_at IS NOT NULL"
            )
        )

    async def balance(self) -> Decimal:
        await assert_books_are_right(self.conn)
        balance, held = await world.money(self.conn, self.account)
        assert held == 0
        return balance


@asynccontextmanager
async def site_on(
    dsn: str, data: Path, *, balance: str = "10", inbound_to: str | None = None, limit_s: int = 3600
) -> AsyncIterator[Site]:
    ports = AsteriskPorts()
    connection = ports.connection(inbound_to)
    installation = Installation(
        data=data / "gateway", database_url=dsn, limits={"call_seconds_max": limit_s}, connections=toml(connection)
    )
    async with (
        connected(dsn) as conn,
        asterisk_on(ports, data / "asterisk", line=LINE, inbound_to=inbound_to) as network,
    ):
        account = await world.account(conn, balance=balance)
        await world.number(conn, account, LINE)
        await world.number(conn, account, "+15550100002", state="suspended")
        await world.rate(conn, "44", "0.0300")
        async with installation.serve("--port", str(ports.gateway)) as gateway:
            yield Site(network=network, conn=conn, account=account, gateway=gateway, installation=installation)


@pytest.fixture(autouse=True)
def _asterisk() -> None:
    require_asterisk()


@pytest.fixture
async def site(dsn: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with site_on(dsn, tmp_path) as running:
        yield running


async def test_a_call_through_asterisk_is_charged_once(site: Site) -> None:
    callee = await site.network.carrier_takes()
    caller = site.network.pbx_calls("caller_hangs_up", LONDON, talk_s=1.5)
    await site.until_answered()
    assert await site.conn.fetchval("SELECT hold::numeric FROM live_call") == D("0.15")  # a slice of 300 s
    await caller.done()
    await callee.done()

    # The line is shown, whatever the caller said of itself.
    assert {LONDON, LINE} <= addresses(callee)
    assert await site.calls("direction", "caller", "callee", "cause", "reported_s", "flags") == [
        ("outbound", "1001", LONDON, "normal", 2, [])
    ]
    assert await site.balance() == D("9.97")


async def test_r8_a_call_to_a_suspended_number_is_busy(site: Site) -> None:
    caller = site.network.carrier_calls("caller_refused", "15550100002", caller=CLIENT)
    await caller.done()

    assert caller.said() == ["REFUSED 486"]
    assert await site.calls("state", "rule") == [("refused", "R8")]


async def test_r9_a_call_to_a_working_number_is_connected_for_free(site: Site) -> None:
    callee = await site.network.pbx_takes()
    caller = site.network.carrier_calls("caller_hangs_up", LINE, caller=CLIENT, talk_s=0.5)
    await caller.done()
    await callee.done()

    assert {"15550100001", CLIENT} <= addresses(callee)
    assert await site.calls("direction", "cause", "reported_s") == [("inbound", "normal", 1)]
    assert await site.balance() == D(10)


async def test_r14_without_money_the_caller_gets_403_as_asterisk_knows_no_402(dsn: str, tmp_path: Path) -> None:
    async with site_on(dsn, tmp_path, balance="0.02") as site:
        caller = site.network.pbx_calls("caller_refused", LONDON)
        await caller.done()

        assert caller.said() == ["REFUSED 403"]
        assert await site.calls("state", "sip_code") == [("refused", 402)]


async def test_a_busy_callee_is_told_as_busy_and_costs_nothing(site: Site) -> None:
    callee = await site.network.carrier_takes("callee_busy")
    caller = site.network.pbx_calls("caller_refused", LONDON)
    await caller.done()
    await callee.done()

    assert caller.said() == ["REFUSED 486"]
    assert await site.calls("cause", "reported_s") == [("busy", 0)]
    assert await site.balance() == D(10)


async def test_a_caller_who_gives_up_while_it_rings_pays_nothing(site: Site) -> None:
    await site.network.carrier_takes("callee_rings")
    caller = site.network.pbx_calls("caller_cancels", LONDON)
    await caller.done()

    assert await site.calls("cause", "reported_s") == [("cancelled", 0)]
    assert await site.balance() == D(10)


async def test_r18_asterisk_itself_keeps_the_limit(dsn: str, tmp_path: Path) -> None:
    async with site_on(dsn, tmp_path, limit_s=2) as site:
        callee = await site.network.carrier_takes()
        caller = site.network.pbx_calls("caller_waits", LONDON)
        await caller.done()
        await callee.done()

        [(cause, reported_s)] = await site.calls("cause", "reported_s")
        assert (cause, reported_s) in [("limit", 2), ("limit", 3)]


async def test_r19_the_gateway_ends_a_call_by_ari(site: Site) -> None:
    callee = await site.network.carrier_takes()
    caller = site.network.pbx_calls("caller_waits", LONDON)
    await site.until_answered()
    await live_calls.cut_now(
        site.conn, await site.conn.fetchval("SELECT call_id FROM live_call"), now=SystemClock().now()
    )
    await caller.done()
    await callee.done()

    assert await site.calls("cause") == [("normal",)]


async def test_r13_a_call_to_a_forwarded_number_is_a_second_call_that_is_charged(dsn: str, tmp_path: Path) -> None:
    async with site_on(dsn, tmp_path, inbound_to=LONDON) as site:
        callee = await site.network.carrier_takes()
        caller = site.network.carrier_calls("caller_hangs_up", LINE, caller=CLIENT, talk_s=1.5)
        await caller.done()
        await callee.done()

        assert {LONDON, LINE} <= addresses(callee)
        assert await site.calls("direction", "caller", "callee", "cause", "reported_s") == [
            ("inbound", CLIENT, LINE, "normal", 2),
            ("forward", CLIENT, LONDON, "normal", 2),
        ]
        assert await site.balance() == D("9.97")


async def test_r13_a_call_that_cannot_be_forwarded_for_want_of_money_is_busy(dsn: str, tmp_path: Path) -> None:
    async with site_on(dsn, tmp_path, inbound_to=LONDON, balance="0.02") as site:
        caller = site.network.carrier_calls("caller_refused", LINE, caller=CLIENT)
        await caller.done()

        assert caller.said() == ["REFUSED 486"]
        assert await site.calls("direction", "state") == [("inbound", "ended"), ("forward", "refused")]


async def test_an_end_that_cannot_be_reported_is_kept_and_charged_when_it_is_sent(site: Site) -> None:
    callee = await site.network.carrier_takes()
    caller = site.network.pbx_calls("caller_hangs_up", LONDON, talk_s=1.5)
    await site.until_answered()
    await site.gateway.stop()
    await caller.done()
    await callee.done()
    lost = site.network.lost
    await until(lambda: lost.exists() and lost.read_text().endswith("\n"))

    async with site.installation.serve("--port", str(site.network.ports.gateway)):
        assert await site.network.cron() == 0

        assert await site.calls("cause", "reported_s") == [("normal", 2)]
        assert await site.balance() == D("9.97")
    assert not lost.exists()


async def test_an_end_that_can_still_not_be_reported_is_kept_for_the_next_time(site: Site) -> None:
    site.network.lost.write_text("type=end&channel=1.1\n")
    await site.gateway.stop()

    assert await site.network.cron() == 0
    assert site.network.lost.read_text() == "type=end&channel=1.1\n"


async def test_r34_without_a_gateway_no_call_is_connected(site: Site) -> None:
    await site.gateway.stop()
    caller = site.network.pbx_calls("caller_refused", LONDON)
    await caller.done()

    assert caller.said() == ["REFUSED 503"]


@pytest.mark.parametrize("dialled", ["+44$%7BEPOCH%7D", "44&PJSIP%2Fpbx", "+44,n"])
async def test_what_is_dialled_is_not_run(site: Site, dialled: str) -> None:
    caller = site.network.pbx_calls("caller_refused", dialled)
    await caller.done()

    assert caller.said() == ["REFUSED 404"]
