"""Calls in the CRM: which are told, and what of them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.connection import Connection
from gateway.domain.errors import InvalidInput
from gateway.domain.events import CallClicked
from gateway.postgres.types import Pool
from gateway.usecases.crm.register import note_click, registrars
from tests.providers.bitrix24.portal import (
    CALLEE,
    LINE,
    FakePortal,
    portal_connection,
    registrar_of,
    states,
    talk,
    told,
    turn,
)
from tests.support import world
from tests.support.running import Gateway, gateway_on


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path, portal: FakePortal, account: int) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path, connections={"b24": portal_connection(portal, account)}) as running:
        yield running


async def test_a_call_is_registered_when_it_starts_and_finished_with_its_charge(
    gateway: Gateway, portal: FakePortal, pool: Pool
) -> None:
    registrar = await registrar_of(gateway)

    await gateway.start("a", CALLEE)
    await turn(registrar)
    [(crm_id, registered)] = portal.open.items()
    assert (registered["TYPE"], registered["PHONE_NUMBER"], registered["SHOW"]) == (1, CALLEE, 1)
    await turn(registrar)
    assert portal.methods() == ["register"], "a call that is up is not finished"

    await gateway.end("a", seconds=95)
    await turn(registrar)
    end = portal.finished[crm_id]
    assert (end["DURATION"], end["COST"], end["COST_CURRENCY"], end["STATUS_CODE"]) == (95, 0.054, "USD", "200")
    await turn(registrar)
    assert portal.methods() == ["register", "finish"]
    assert await told(pool) == [("finished", 1, None)]


async def test_a_refused_call_stands_in_the_crm_with_its_reason(
    gateway: Gateway, portal: FakePortal, pool: Pool, account: int
) -> None:
    registrar = await registrar_of(gateway)
    async with pool.acquire() as conn:
        await world.adjust(conn, account, "-1")

    await gateway.start("a", CALLEE)
    await turn(registrar)

    [end] = portal.finished.values()
    assert (end["STATUS_CODE"], end["FAILED_REASON"], end["DURATION"], end["COST"]) == ("402", "no_money", 0, 0)
    assert portal.asked[0][1]["SHOW"] == 0


async def test_an_incoming_call_is_registered_by_its_caller(gateway: Gateway, portal: FakePortal) -> None:
    registrar = await registrar_of(gateway)

    await gateway.start("a", LINE, caller="+442079460001", direction="inbound")
    await gateway.end("a", seconds=0, cause="no_answer")
    await turn(registrar)

    [end] = portal.finished.values()
    assert (portal.asked[0][1]["PHONE_NUMBER"], portal.asked[0][1]["TYPE"]) == ("+442079460001", 2)
    assert end["STATUS_CODE"] == "304"


async def test_a_caller_without_a_number_is_not_registered(gateway: Gateway, portal: FakePortal, pool: Pool) -> None:
    registrar = await registrar_of(gateway)

    await gateway.start("a", LINE, caller="anonymous", direction="inbound")
    await turn(registrar)

    assert portal.asked == []
    assert await told(pool) == [("given_up", 1, "the other party has no number")]


async def test_calls_from_before_the_crm_are_not_registered(gateway: Gateway, portal: FakePortal, pool: Pool) -> None:
    await talk(gateway, "before")
    registrar = await registrar_of(gateway)
    await talk(gateway, "after")
    await turn(registrar)

    assert len(portal.finished) == 1
    assert await states(pool) == ["finished"]


async def test_calls_of_other_accounts_are_nobodys_business(gateway: Gateway, portal: FakePortal, pool: Pool) -> None:
    registrar = await registrar_of(gateway)
    async with pool.acquire() as conn:
        other = await world.account(conn)
        await world.number(conn, other, "+15550100009")

    await gateway.start("theirs", CALLEE, caller="+15550100009")
    await gateway.end("theirs", seconds=5)
    await turn(registrar)

    assert portal.asked == []


async def test_a_connection_without_an_account_registers_nothing(
    dsn: str, tmp_path: Path, portal: FakePortal, account: int
) -> None:
    only_events = replace(portal_connection(portal, account), options={})
    async with gateway_on(dsn, tmp_path, connections={"b24": only_events}) as gateway:
        assert registrars(gateway.process.context) == ()


async def test_an_account_that_is_not_there_is_named(dsn: str, tmp_path: Path, portal: FakePortal) -> None:
    async with gateway_on(dsn, tmp_path, connections={"b24": portal_connection(portal, 4711)}) as gateway:
        [registrar] = registrars(gateway.process.context)
        with pytest.raises(InvalidInput, match=r"connections\.b24\.account: there is no account 4711"):
            await registrar.once()


async def test_a_portal_that_goes_over_to_another_account_begins_anew(
    dsn: str, tmp_path: Path, portal: FakePortal, pool: Pool, account: int
) -> None:
    async with gateway_on(dsn, tmp_path, connections={"b24": portal_connection(portal, account)}) as gateway:
        await registrar_of(gateway)
    async with pool.acquire() as conn:
        other = await world.account(conn)
        await world.number(conn, other, "+15550100009")
    async with gateway_on(dsn, tmp_path, connections={"b24": portal_connection(portal, other)}) as gateway:
        await gateway.start("before", CALLEE, caller="+15550100009")
        registrar = await registrar_of(gateway)
        await gateway.start("after", CALLEE, caller="+15550100009")
        await turn(registrar)

    assert len(portal.open) == 1


async def test_r21_a_call_whose_end_came_first_is_registered_too(
    gateway: Gateway, portal: FakePortal, pool: Pool
) -> None:
    """Its row is older than those that the CRM has been told of."""
    registrar = await registrar_of(gateway)
    await gateway.end("late", seconds=61)
    await talk(gateway, "next")
    await turn(registrar)
    assert len(portal.finished) == 1

    await gateway.start("late", CALLEE)
    await turn(registrar)

    assert sorted(end["DURATION"] for end in portal.finished.values()) == [61, 95]
    assert await states(pool) == ["finished", "finished"]


# Numbers that were clicked.


async def test_a_clicked_call_is_only_finished(gateway: Gateway, portal: FakePortal, pool: Pool) -> None:
    registrar = await registrar_of(gateway)
    portal.open["externalCall.clicked.1"] = {"EXTERNAL_CALL_ID": ""}
    click = CallClicked(kind="x", crm_call_id="externalCall.clicked.1", crm_user_id="33", callee=CALLEE)
    context = gateway.process.context
    await note_click(context, context.settings.connections["b24"], click)
    await note_click(context, context.settings.connections["b24"], click)

    gateway.clock.advance(5)
    await talk(gateway, "clicked")
    await talk(gateway, "dialled")
    await turn(registrar)

    assert sorted(portal.methods()) == ["finish", "finish", "register"]
    assert portal.finished["externalCall.clicked.1"]["USER_ID"] == 33
    assert await states(pool) == ["finished", "finished"]


async def test_a_click_of_long_ago_is_not_meant(gateway: Gateway, portal: FakePortal, pool: Pool) -> None:
    registrar = await registrar_of(gateway)
    context = gateway.process.context
    click = CallClicked(kind="x", crm_call_id="externalCall.clicked.1", crm_user_id="33", callee=CALLEE)
    await note_click(context, context.settings.connections["b24"], click)

    gateway.clock.advance(121)
    await talk(gateway)
    await turn(registrar)
    gateway.clock.advance(86_400)
    await note_click(context, context.settings.connections["b24"], replace(click, crm_call_id="externalCall.clicked.2"))

    assert "externalCall.clicked.1" not in portal.finished
    assert await pool.fetchval("SELECT array_agg(crm_call_id) FROM crm_click") == ["externalCall.clicked.2"]


async def test_a_click_in_a_portal_that_registers_nothing_is_forgotten(gateway: Gateway, pool: Pool) -> None:
    click = CallClicked(kind="x", crm_call_id="externalCall.clicked.1", crm_user_id="33", callee=CALLEE)
    await note_click(gateway.process.context, Connection(name="events", kind="bitrix24"), click)

    assert await pool.fetchval("SELECT count(*) FROM crm_click") == 0
