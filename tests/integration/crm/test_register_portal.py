"""Calls in the CRM: each registered once and finished once, whatever the portal does meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.postgres import crm
from gateway.postgres.types import Pool
from gateway.usecases.crm import register
from tests.providers.bitrix24.portal import (
    CALLEE,
    LIMITED,
    FakePortal,
    portal_connection,
    refused,
    registrar_of,
    states,
    talk,
    told,
    turn,
)
from tests.support.running import Gateway, gateway_on


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path, portal: FakePortal, account: int) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path, connections={"b24": portal_connection(portal, account)}) as running:
        yield running


async def test_too_many_requests_make_all_calls_wait_and_are_no_fault_of_theirs(
    gateway: Gateway, portal: FakePortal, pool: Pool
) -> None:
    registrar = await registrar_of(gateway)
    portal.refusals.extend(refused((503, LIMITED)))
    await talk(gateway)
    await turn(registrar)
    assert portal.methods() == ["register"], "left alone"
    assert await told(pool) == [("queued", 0, "503 QUERY_LIMIT_EXCEEDED Too many requests")]

    gateway.clock.advance(2)
    await turn(registrar)
    assert await states(pool) == ["finished"]


async def test_a_portal_that_is_away_is_tried_later_and_later(gateway: Gateway, portal: FakePortal, pool: Pool) -> None:
    registrar = await registrar_of(gateway)
    portal.refusals.extend(refused((500, {}), (502, {})))
    await talk(gateway)
    for seconds, tries in ((0, 1), (1, 1), (12, 2), (12, 2)):
        gateway.clock.advance(seconds)
        await turn(registrar)
        assert len(portal.asked) == tries

    gateway.clock.advance(14)
    await turn(registrar)
    assert await states(pool) == ["finished"]


async def test_a_lost_answer_to_a_registration_makes_no_second_call(
    gateway: Gateway, portal: FakePortal, pool: Pool
) -> None:
    registrar = await registrar_of(gateway)
    portal.losses.append(502)
    await talk(gateway)
    await turn(registrar)
    gateway.clock.advance(13)
    await turn(registrar)

    assert portal.methods() == ["register", "register", "finish"]
    assert (len(portal.open), len(portal.finished)) == (0, 1)


async def test_a_lost_answer_to_a_finish_is_looked_up(gateway: Gateway, portal: FakePortal, pool: Pool) -> None:
    registrar = await registrar_of(gateway)
    await gateway.start("a", CALLEE)
    await turn(registrar)
    portal.losses.append(504)
    await gateway.end("a", seconds=95)
    await turn(registrar)
    gateway.clock.advance(13)
    await turn(registrar)

    assert portal.methods() == ["register", "finish", "finish", "get"]
    assert (len(portal.finished), await states(pool)) == (1, ["finished"])


async def test_a_call_that_the_portal_has_lost_is_registered_again(
    gateway: Gateway, portal: FakePortal, pool: Pool
) -> None:
    registrar = await registrar_of(gateway)
    await gateway.start("a", CALLEE)
    await turn(registrar)
    portal.open.clear()
    await gateway.end("a", seconds=95)
    await turn(registrar)
    assert await states(pool) == ["queued"]
    gateway.clock.advance(13)
    await turn(registrar)

    assert portal.methods() == ["register", "finish", "get", "register", "finish"]
    assert await states(pool) == ["finished"]


async def test_a_slow_portal_is_waited_for_in_vain_and_asked_again(
    gateway: Gateway, portal: FakePortal, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register, "TIMEOUT_S", 0.05)
    registrar = await registrar_of(gateway)
    portal.delay_s = 0.5
    await talk(gateway)
    await turn(registrar)
    assert await told(pool) == [("queued", 1, "TimeoutError from the provider of b24")]

    portal.delay_s = 0
    gateway.clock.advance(13)
    await turn(registrar)
    assert await states(pool) == ["finished"]


async def test_a_call_that_the_portal_refuses_is_given_up_and_keeps_no_other(
    gateway: Gateway, portal: FakePortal, pool: Pool
) -> None:
    registrar = await registrar_of(gateway)
    portal.refusals.extend(refused((400, {"error": "ERROR_CORE", "error_description": "Unsupported phone number"})))
    await talk(gateway, "a")
    await turn(registrar)
    await talk(gateway, "b")
    await turn(registrar)

    assert await states(pool) == ["given_up", "finished"]


async def test_what_only_an_operator_can_mend_is_asked_every_five_minutes_for_three_days(
    gateway: Gateway, portal: FakePortal, pool: Pool
) -> None:
    registrar = await registrar_of(gateway)
    denied = (403, {"error": "WRONG_AUTH_TYPE", "error_description": "application context required"})
    portal.refusals.extend(refused(denied, denied, denied))
    await talk(gateway)
    await turn(registrar)
    gateway.clock.advance(299)
    await turn(registrar)
    assert len(portal.asked) == 1
    gateway.clock.advance(1)
    await turn(registrar)
    assert len(portal.asked) == 2

    gateway.clock.advance(3 * 86_400)
    await turn(registrar)
    assert await states(pool) == ["given_up"]
    metrics = gateway.process.context.metrics.render().decode()
    assert 'gateway_crm_calls_total{connection="b24",result="given_up"} 1.0' in metrics


async def test_r38_a_process_that_dies_in_between_leaves_its_calls_to_others(
    gateway: Gateway, portal: FakePortal, pool: Pool
) -> None:
    registrar = await registrar_of(gateway)
    await talk(gateway)
    async with pool.acquire() as conn:
        now = gateway.clock.now()
        await crm.see(conn, connection="b24", now=now, limit=10)
        claims = await crm.claim(conn, connection="b24", now=now, until=now + register.CLAIM, limit=10)
    assert len(claims) == 1, "by somebody who is not there any more"

    gateway.clock.advance(119)
    await turn(registrar)
    assert await states(pool) == ["queued"]
    gateway.clock.advance(1)
    await turn(registrar)
    assert await states(pool) == ["finished"]
    async with pool.acquire() as conn:
        late = crm.CrmOutcome(state=crm.CrmState.QUEUED, crm_call_id=None, crm_user_id=None, tries=1, due_at=now)
        assert not await crm.settle(conn, claims[0], late), "what the dead one says later counts no more"


async def test_a_fault_of_ours_is_told_and_leaves_the_call_to_the_next_claim(
    gateway: Gateway, portal: FakePortal, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    registrar = await registrar_of(gateway)
    await talk(gateway)
    with monkeypatch.context() as broken:
        broken.setattr("gateway.providers.bitrix24.rest.registration", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await registrar.once()

    gateway.clock.advance(120)
    await turn(registrar)
    assert await states(pool) == ["finished"]


async def test_two_processes_tell_each_call_once(
    dsn: str, tmp_path: Path, gateway: Gateway, portal: FakePortal, account: int
) -> None:
    async with gateway_on(
        dsn, tmp_path / "two", clock=gateway.clock, connections={"b24": portal_connection(portal, account)}
    ) as other:
        ours, theirs = await registrar_of(gateway), await registrar_of(other)
        portal.delay_s = 0.01
        for at in range(20):
            await talk(gateway, f"call-{at}", seconds=6)
        await asyncio.gather(turn(ours), turn(theirs))
        await turn(ours)

    assert len(portal.finished) == 20
    assert portal.methods().count("register") == portal.methods().count("finish") == 20
