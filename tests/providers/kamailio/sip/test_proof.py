"""Who may ask the gateway, and who may tell Kamailio to end a call (R33)."""

from decimal import Decimal
from pathlib import Path

import aiohttp

from tests.providers.kamailio.server import SECRET, Ports
from tests.providers.kamailio.site import LINE, LONDON, Site, site_on

NEW = "sipSecret9876543210"


async def test_r33_a_secret_is_changed_without_a_gap(dsn: str, tmp_path: Path, ports: Ports) -> None:
    """Kamailio still sends the old one; the gateway already sends the new one."""
    async with site_on(dsn, tmp_path, ports, secrets=(NEW, SECRET), next_secret=NEW) as site:
        callee = await site.network.carrier_takes()
        caller = site.network.pbx_calls("caller_waits", LONDON, caller=LINE)
        await site.until_answered()
        await site.cut()
        await caller.done()
        await callee.done()
        await site.until_over()

        assert await site.balance() == Decimal("9.97")


async def test_r33_a_kamailio_with_a_wrong_secret_connects_nobody(dsn: str, tmp_path: Path, ports: Ports) -> None:
    async with site_on(dsn, tmp_path, ports, secrets=(NEW,)) as site:
        caller = site.network.pbx_calls("caller_refused", LONDON, caller=LINE)
        await caller.done()

        assert caller.said() == ["REFUSED 503"]
        assert [event["status"] for event in site.gateway.events("hook.rejected")] == [403]


async def test_r33_kamailio_takes_no_command_without_the_secret(site: Site) -> None:
    callee = await site.network.carrier_takes()
    caller = site.network.pbx_calls("caller_hangs_up", LONDON, caller=LINE, talk_s=0.8)
    await site.until_answered()
    call = await site.call()
    command = {"type": "call.hangup", "call_id": call["provider_call_id"], "reason": "operator"}
    for proof in (None, "Bearer ", "Bearer wrong", "Bearer <null>", f"Basic {SECRET}", SECRET):
        headers = {} if proof is None else {"Authorization": proof}
        async with aiohttp.ClientSession(headers=headers) as session:
            response = await session.post(site.ports.control_url, json=command)
            assert (response.status, await response.read()) == (403, b""), proof
    await caller.done()  # it was the one to hang up
    await callee.done()
