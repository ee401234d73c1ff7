"""The pages of webhooks, and second factors that were lost."""

import html

from gateway.domain.access.roles import Role
from gateway.usecases.access.people import find_person
from gateway.usecases.connections.captures import HookWriter
from tests.integration.pages.conftest import SignIn
from tests.support.running import Gateway
from tests.support.sides import side


async def test_one_webhook_is_found_by_its_call_and_read(gateway: Gateway, sign_in: SignIn) -> None:
    await side(gateway, 1)
    await gateway.hook(b'{"type": "call.start"}')
    await HookWriter(gateway.process.context).once()
    browser = await sign_in(Role.SUPPORT)

    listed = await (await browser.get("/webhooks?connection=pbx&call=pbx:call-1")).text()
    refused = await (await browser.get("/webhooks?is_refused=true")).text()
    hook_id = await gateway.process.context.pool.fetchval("SELECT id FROM hook WHERE provider_call_id = 'call-1'")
    shown = html.unescape(await (await browser.get(f"/webhooks/{hook_id}")).text())

    assert listed.count("<tr>") == 2
    assert "gateway hook list --connection pbx --call pbx:call-1" in listed
    assert "gateway hook list --refused" in refused
    assert '"caller": "+15550100001"' in shown
    assert "/webhooks?call=pbx%3Acall-1" in shown
    assert (await browser.get("/webhooks/999999")).status == 404


async def test_second_factors_are_taken_away_on_a_persons_page(gateway: Gateway, sign_in: SignIn) -> None:
    browser = await sign_in(Role.OPERATOR)
    lost = await sign_in(Role.OPERATOR)
    pool = gateway.process.context.pool
    async with pool.acquire() as conn:
        person = await find_person(conn, email="operator-2@example.com")
    await pool.execute("INSERT INTO totp VALUES ($1, 'x', $2, 0)", person.id, gateway.clock.now())
    form = {"key": "one", "sure": "yes"}

    page = await (await browser.get(f"/people/{person.id}")).text()
    unsure = await browser.post(f"/people/{person.id}/factors/forget", {"key": "no"})
    done = [await browser.post(f"/people/{person.id}/factors/forget", form) for _ in range(2)]

    assert f"/people/{person.id}/factors/forget" in page
    assert (unsure.status, [each.status for each in done]) == (422, [303, 303])
    assert await pool.fetchval("SELECT count(*) FROM totp") == 0
    assert (await lost.get("/me")).headers["Location"] == "/sign-in"
    support = await sign_in(Role.SUPPORT)
    assert (await support.post(f"/people/{person.id}/factors/forget", form)).status == 403
