"""Calls as they are on the wire: a PBX, a real FreeSWITCH with the kit's files, a carrier, and the gateway."""

import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.providers.base import Live, Unknown
from tests.providers.freeswitch.server import freeswitch_on, require_freeswitch
from tests.support.processes import until
from tests.support.sip.phones import Phone
from tests.support.sip.server import CLIENT, LINE, LONDON, MAIN, SUSPENDED, Site, site_on

D = Decimal
# SIPp's P-Asserted-Identity, which FreeSWITCH takes for the caller.
CLAIMED = "somebody-else"
# Four tries of each of the two records of a channel, two seconds apart.
RETRIES_S = 30.0


def parties(callee: Phone) -> list[str]:
    """The users that an INVITE names: whom it is for, and From."""
    return re.findall(r"sip:([^@]+)@", callee.said()[0])[:2]


@asynccontextmanager
async def freeswitch_site(
    dsn: str,
    data: Path,
    *,
    line: str = LINE,
    balance: str = "10",
    inbound_to: str | None = None,
    limit_s: int = 3600,
) -> AsyncIterator[Site]:
    async with (
        freeswitch_on(data / "freeswitch", line=line, inbound_to=inbound_to) as freeswitch,
        site_on(dsn, data / "gateway", freeswitch, balance=balance, limit_s=limit_s) as site,
    ):
        yield site


@pytest.fixture(autouse=True)
def _freeswitch() -> None:
    require_freeswitch()


@pytest.fixture
async def site(dsn: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with freeswitch_site(dsn, tmp_path) as running:
        yield running


async def test_a_call_through_freeswitch_is_charged_once(site: Site) -> None:
    callee = await site.carrier.takes()
    caller = site.pbx.calls("caller_hangs_up", LONDON, talk_s=1.5)
    await site.until_answered()
    assert await site.conn.fetchval("SELECT hold::numeric FROM live_call") == D("0.15")  # a slice of 300 s
    await caller.done()
    await callee.done()

    # The line is shown, whatever the caller said of itself.
    assert parties(callee) == [LONDON, LINE]
    assert await site.calls("direction", "caller", "callee", "cause", "reported_s", "flags") == [
        ("outbound", CLAIMED, LONDON, "normal", 2, [])
    ]
    assert await site.balance() == D("9.97")


async def test_r8_a_call_to_a_suspended_number_is_busy(site: Site) -> None:
    caller = site.carrier.calls("caller_refused", SUSPENDED, caller=CLIENT)
    await caller.done()

    assert caller.said() == ["REFUSED 486"]
    assert await site.calls("state", "rule") == [("refused", "R8")]


async def test_r9_a_call_to_a_working_number_is_connected_for_free(site: Site) -> None:
    callee = await site.pbx.takes()
    caller = site.carrier.calls("caller_hangs_up", LINE, caller=CLIENT, talk_s=0.5)
    await caller.done()
    await callee.done()

    # What the carrier says of the caller stays.
    assert parties(callee) == [LINE.removeprefix("+"), CLAIMED]
    assert await site.calls("direction", "cause", "reported_s") == [("inbound", "normal", 1)]
    assert await site.balance() == D(10)


async def test_r11_a_suspended_number_calls_by_the_main_number(dsn: str, tmp_path: Path) -> None:
    async with freeswitch_site(dsn, tmp_path, line=SUSPENDED) as site:
        callee = await site.carrier.takes()
        caller = site.pbx.calls("caller_hangs_up", LONDON, talk_s=0.5)
        await caller.done()
        await callee.done()

        assert parties(callee) == [LONDON, MAIN]
        assert await site.calls("state", "reported_s") == [("ended", 1)]
        assert await site.balance() == D("9.97")


async def test_r14_without_money_the_caller_gets_402(dsn: str, tmp_path: Path) -> None:
    async with freeswitch_site(dsn, tmp_path, balance="0.02") as site:
        caller = site.pbx.calls("caller_refused", LONDON)
        await caller.done()

        assert caller.said() == ["REFUSED 402"]
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


async def test_r18_freeswitch_itself_keeps_the_limit(dsn: str, tmp_path: Path) -> None:
    async with freeswitch_site(dsn, tmp_path, limit_s=2) as site:
        callee = await site.carrier.takes()
        caller = site.pbx.calls("caller_waits", LONDON)
        await site.until_answered()
        await site.gateway.kill()  # so that nobody else does
        await caller.done()
        await callee.done()

        async with site.serve_again():
            [(cause, reported_s)] = await site.calls("cause", "reported_s")
            assert (cause, reported_s) in [("limit", 2), ("limit", 3)]


async def test_r19_the_gateway_ends_a_call_by_mod_xml_rpc(site: Site) -> None:
    callee = await site.carrier.takes()
    caller = site.pbx.calls("caller_waits", LONDON)
    await site.until_answered()
    await site.cut()
    await caller.done()
    await callee.done()

    assert await site.calls("cause", "cut_reason") == [("normal", "operator")]


async def test_r19_a_call_that_still_rings_is_ended_too(site: Site) -> None:
    callee = await site.carrier.takes("callee_rings")
    caller = site.pbx.calls("caller_refused", LONDON)
    await until(lambda: callee.said() == ["RINGS"])
    await site.cut()
    await caller.done()

    assert await site.calls("cause", "cut_reason", "answered_at") == [("normal", "operator", None)]
    assert await site.balance() == D(10)


async def test_r13_a_call_to_a_forwarded_number_is_a_second_call_that_is_charged(dsn: str, tmp_path: Path) -> None:
    async with freeswitch_site(dsn, tmp_path, inbound_to=LONDON) as site:
        callee = await site.carrier.takes()
        caller = site.carrier.calls("caller_hangs_up", LINE, caller=CLIENT, talk_s=1.5)
        await caller.done()
        await callee.done()

        assert parties(callee) == [LONDON, LINE]
        assert await site.calls("direction", "caller", "callee", "cause", "reported_s", "flags") == [
            ("inbound", CLAIMED, LINE, "normal", 2, []),
            ("forward", CLAIMED, LONDON, "normal", 2, []),
        ]
        assert await site.balance() == D("9.97")


async def test_r13_a_call_that_cannot_be_forwarded_for_want_of_money_is_busy(dsn: str, tmp_path: Path) -> None:
    async with freeswitch_site(dsn, tmp_path, inbound_to=LONDON, balance="0.02") as site:
        caller = site.carrier.calls("caller_refused", LINE, caller=CLIENT)
        await caller.done()

        assert caller.said() == ["REFUSED 486"]
        assert await site.calls("direction", "state") == [("inbound", "ended"), ("forward", "refused")]


async def test_r38_an_end_that_cannot_be_reported_is_kept_and_charged_when_it_is_sent(site: Site) -> None:
    callee = await site.carrier.takes()
    caller = site.pbx.calls("caller_hangs_up", LONDON, talk_s=1.5)
    await site.until_answered()
    await site.gateway.stop()
    await caller.done()
    await callee.done()
    left = site.server.lost
    await until(lambda: len(list(left.glob("*/*.json"))) == 2, RETRIES_S)

    async with site.serve_again():
        assert await site.server.cron() == 0

        assert await site.calls("cause", "reported_s", "flags") == [("normal", 2, [])]
        assert await site.balance() == D("9.97")
    assert list(left.glob("*/*")) == []


async def test_r38_a_freeswitch_that_is_stopped_as_the_kit_says_ends_its_calls_first(site: Site) -> None:
    callee = await site.carrier.takes()
    caller = site.pbx.calls("caller_hangs_up", LONDON, talk_s=1.5)
    await site.until_answered()
    site.server.process.terminate()
    await caller.done()
    await callee.done()

    assert await site.calls("cause", "reported_s", "flags") == [("normal", 2, [])]
    await until(lambda: site.server.process.poll() is not None, RETRIES_S)


async def test_a_record_that_can_still_not_be_sent_is_kept_for_the_next_time(site: Site) -> None:
    record = site.server.lost / "call" / "1.cdr.json"
    record.write_text("{}")
    await site.gateway.stop()

    await site.server.cron()

    assert record.read_text() == "{}"


async def test_r34_without_a_gateway_no_call_is_connected(site: Site) -> None:
    await site.gateway.stop()
    for side, callee in ((site.pbx, LONDON), (site.carrier, LINE)):
        caller = side.calls("caller_refused", callee)
        await caller.done()

        assert caller.said() == ["REFUSED 503"]


async def test_r34_a_call_that_the_gateway_was_too_slow_for_holds_nothing(site: Site) -> None:
    site.gateway.signal(signal.SIGSTOP)
    caller = site.pbx.calls("caller_refused", LONDON)
    await caller.done()
    site.gateway.signal(signal.SIGCONT)

    assert caller.said() == ["REFUSED 503"]
    assert await site.calls("reported_s") == [(0,)]
    assert await site.balance() == D(10)


async def test_r22_a_call_that_is_up_stays_up_when_its_fate_is_asked(site: Site) -> None:
    callee = await site.carrier.takes()
    caller = site.pbx.calls("caller_waits", LONDON)
    await site.until_answered()
    await site.conn.execute("UPDATE live_call SET reconcile_due_at = now()")
    await until(lambda: bool(site.gateway.events("call.fate_asked")))
    await site.cut()
    await caller.done()
    await callee.done()

    assert await site.calls("flags") == [([],)]
    assert [event["status"] for event in site.gateway.events("call.fate_asked")] == ["live"]


async def test_r22_freeswitch_knows_when_a_call_was_answered_until_it_is_over(site: Site) -> None:
    callee = await site.carrier.takes()
    caller = site.pbx.calls("caller_waits", LONDON)
    await site.until_answered()
    call_id, reported_at = await site.conn.fetchrow("SELECT provider_call_id, answered_at FROM call")
    status = await site.server.status(call_id)
    assert isinstance(status, Live)
    assert status.answered_at is not None
    assert abs(status.answered_at - reported_at) < timedelta(seconds=1)
    await site.cut()
    await caller.done()
    await callee.done()
    await site.calls()

    assert await site.server.status(call_id) == Unknown()


@pytest.mark.parametrize("dialled", ["44$%7Bsystem(touch%20run)%7D", "44%20XML%20gateway-forward", "4420794600&00"])
async def test_what_is_dialled_is_not_run(site: Site, dialled: str) -> None:
    for side in (site.pbx, site.carrier):
        caller = side.calls("caller_refused", dialled)
        await caller.done()

        assert caller.said() == ["REFUSED 404"]
