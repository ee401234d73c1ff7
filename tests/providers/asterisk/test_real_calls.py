"""Calls as they are on the wire: a PBX, a real Asterisk with the kit's dialplan, a carrier, and the gateway."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.providers.asterisk.server import asterisk_on, require_asterisk
from tests.support.processes import until
from tests.support.sip.phones import Phone
from tests.support.sip.server import CLIENT, LINE, LONDON, Site, site_on

D = Decimal


def addresses(callee: Phone) -> set[str]:
    """The users named by the INVITE that a callee got."""
    return set(re.findall(r"sip:([^@]+)@", callee.said()[0]))


@asynccontextmanager
async def asterisk_site(
    dsn: str,
    data: Path,
    *,
    balance: str = "10",
    inbound_to: str | None = None,
    limit_s: int = 3600,
    can_cut: bool = True,
) -> AsyncIterator[Site]:
    async with asterisk_on(data / "asterisk", line=LINE, inbound_to=inbound_to) as asterisk:
        if not can_cut:
            options = {name: value for name, value in asterisk.connection.options.items() if name != "ari_password"}
            asterisk.connection = replace(asterisk.connection, control_url=None, options=options)
        async with site_on(dsn, data / "gateway", asterisk, balance=balance, limit_s=limit_s) as site:
            yield site


@pytest.fixture(autouse=True)
def _asterisk() -> None:
    require_asterisk()


@pytest.fixture
async def site(dsn: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with asterisk_site(dsn, tmp_path) as running:
        yield running


async def test_a_call_through_asterisk_is_charged_once(site: Site) -> None:
    callee = await site.carrier.takes()
    caller = site.pbx.calls("caller_hangs_up", LONDON, talk_s=1.2)
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
    caller = site.carrier.calls("caller_refused", "15550100002", caller=CLIENT)
    await caller.done()

    assert caller.said() == ["REFUSED 486"]
    assert await site.calls("state", "rule") == [("refused", "R8")]


async def test_r9_a_call_to_a_working_number_is_connected_for_free(site: Site) -> None:
    callee = await site.pbx.takes()
    caller = site.carrier.calls("caller_hangs_up", LINE, caller=CLIENT, talk_s=0.2)
    await caller.done()
    await callee.done()

    assert {"15550100001", CLIENT} <= addresses(callee)
    assert await site.calls("direction", "cause", "reported_s") == [("inbound", "normal", 1)]
    assert await site.balance() == D(10)


async def test_r14_without_money_the_caller_gets_403_as_asterisk_knows_no_402(dsn: str, tmp_path: Path) -> None:
    async with asterisk_site(dsn, tmp_path, balance="0.02") as site:
        caller = site.pbx.calls("caller_refused", LONDON)
        await caller.done()

        assert caller.said() == ["REFUSED 403"]
        assert await site.calls("state", "sip_code") == [("refused", 402)]


async def test_a_busy_callee_is_told_as_busy_and_costs_nothing(site: Site) -> None:
    callee = await site.carrier.takes("callee_busy")
    caller = site.pbx.calls("caller_refused", LONDON)
    await caller.done()
    await callee.done()

    assert caller.said() == ["REFUSED 486"]
    assert await site.calls("cause", "reported_s") == [("busy", 0)]
    assert await site.balance() == D(10)


async def test_a_caller_who_gives_up_while_it_rings_pays_nothing(site: Site) -> None:
    await site.carrier.takes("callee_rings")
    caller = site.pbx.calls("caller_cancels", LONDON)
    await caller.done()

    assert await site.calls("cause", "reported_s") == [("cancelled", 0)]
    assert await site.balance() == D(10)


async def test_r18_asterisk_itself_keeps_the_limit(dsn: str, tmp_path: Path) -> None:
    async with asterisk_site(dsn, tmp_path, limit_s=2, can_cut=False) as site:
        callee = await site.carrier.takes()
        caller = site.pbx.calls("caller_waits", LONDON)
        await caller.done()
        await callee.done()

        [(cause, reported_s)] = await site.calls("cause", "reported_s")
        assert (cause, reported_s) in [("limit", 2), ("limit", 3)]


async def test_r19_the_gateway_ends_a_call_by_ari(site: Site) -> None:
    callee = await site.carrier.takes()
    caller = site.pbx.calls("caller_waits", LONDON)
    await site.until_answered()
    await site.cut()
    await caller.done()
    await callee.done()

    assert await site.calls("cause") == [("normal",)]


async def test_r13_a_call_to_a_forwarded_number_is_a_second_call_that_is_charged(dsn: str, tmp_path: Path) -> None:
    async with asterisk_site(dsn, tmp_path, inbound_to=LONDON) as site:
        callee = await site.carrier.takes()
        caller = site.carrier.calls("caller_hangs_up", LINE, caller=CLIENT, talk_s=1.2)
        await caller.done()
        await callee.done()

        assert {LONDON, LINE} <= addresses(callee)
        assert await site.calls("direction", "caller", "callee", "cause", "reported_s") == [
            ("inbound", CLIENT, LINE, "normal", 2),
            ("forward", CLIENT, LONDON, "normal", 2),
        ]
        assert await site.balance() == D("9.97")


async def test_r13_a_call_that_cannot_be_forwarded_for_want_of_money_is_busy(dsn: str, tmp_path: Path) -> None:
    async with asterisk_site(dsn, tmp_path, inbound_to=LONDON, balance="0.02") as site:
        caller = site.carrier.calls("caller_refused", LINE, caller=CLIENT)
        await caller.done()

        assert caller.said() == ["REFUSED 486"]
        assert await site.calls("direction", "state") == [("inbound", "ended"), ("forward", "refused")]


async def test_an_end_that_cannot_be_reported_is_kept_and_charged_when_it_is_sent(site: Site) -> None:
    callee = await site.carrier.takes()
    caller = site.pbx.calls("caller_hangs_up", LONDON, talk_s=1.2)
    await site.until_answered()
    await site.gateway.stop()
    await caller.done()
    await callee.done()
    lost = site.server.lost
    await until(lambda: lost.exists() and lost.read_text().endswith("\n"))

    async with site.serve_again():
        assert await site.server.cron() == 0

        assert await site.calls("cause", "reported_s") == [("normal", 2)]
        assert await site.balance() == D("9.97")
    assert not lost.exists()


async def test_an_end_that_can_still_not_be_reported_is_kept_for_the_next_time(site: Site) -> None:
    site.server.lost.write_text("type=end&channel=1.1\n")
    await site.gateway.stop()

    assert await site.server.cron() == 0
    assert site.server.lost.read_text() == "type=end&channel=1.1\n"


async def test_r34_without_a_gateway_no_call_is_connected(site: Site) -> None:
    await site.gateway.stop()
    caller = site.pbx.calls("caller_refused", LONDON)
    await caller.done()

    assert caller.said() == ["REFUSED 503"]


@pytest.mark.parametrize("dialled", ["+44$%7BEPOCH%7D", "44&PJSIP%2Fpbx", "+44,n"])
async def test_what_is_dialled_is_not_run(site: Site, dialled: str) -> None:
    caller = site.pbx.calls("caller_refused", dialled)
    await caller.done()

    assert caller.said() == ["REFUSED 404"]
