"""`gateway crm` and `gateway calls show`: what became of calls in a CRM, and another try of one that was given up."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.postgres.types import Pool
from tests.providers.bitrix24.portal import (
    CALLEE,
    LINE,
    FakePortal,
    acme,
    fake_portal,
    portal_connection,
    refused,
    registrar_of,
    states,
    talk,
    turn,
)
from tests.support.command_line import Gateway as Command
from tests.support.command_line import undone
from tests.support.running import Gateway, gateway_on

WRONG = (400, {"error": "ERROR_CORE", "error_description": "Phone number is wrong"})


@pytest.fixture
async def portal() -> AsyncIterator[FakePortal]:
    async with fake_portal() as fake:
        yield fake


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path, portal: FakePortal, pool: Pool) -> AsyncIterator[Gateway]:
    connection = portal_connection(portal, await acme(pool))
    async with gateway_on(dsn, tmp_path, connections={"b24": connection}) as running:
        yield running


@pytest.fixture
def command(dsn: str, tmp_path: Path, gateway: Gateway) -> Iterator[Command]:
    with undone():
        environ = {"GATEWAY_DATABASE_URL": dsn, "GATEWAY_DATA": str(tmp_path), "HOME": str(tmp_path)}
        yield Command(environ, gateway.clock)


async def test_a_call_is_shown_with_what_became_of_it_in_the_crm(
    gateway: Gateway, portal: FakePortal, command: Command
) -> None:
    registrar = await registrar_of(gateway)
    portal.refusals.extend(refused((500, {"error": "INTERNAL"})))

    await gateway.start("a", CALLEE)
    await turn(registrar)
    queued = await command.json("calls", "show", "pbx:a")
    gateway.clock.advance(20)
    await turn(registrar)
    registered = await command.json("calls", "show", "pbx:a")
    await gateway.end("a", seconds=5)
    await turn(registrar)
    finished = await command.json("calls", "show", "pbx:a")
    [listed] = await command.json("calls", "list")
    printed = await command.run("calls", "show", "pbx:a")

    assert queued["explanation"][-1].startswith("CRM b24: to be registered there, next tried 2026-")
    assert queued["explanation"][-1].endswith("; the last reply was: 500 INTERNAL.")
    [crm_id] = portal.finished
    assert registered["explanation"][-1] == (
        f"CRM b24: registered as {crm_id}, and to be finished there when the call is over."
    )
    assert finished["explanation"][-1] == f"CRM b24: registered as {crm_id}, and finished."
    assert [(each["connection"], each["state"], each["crm_call_id"]) for each in finished["crm"]] == [
        ("b24", "finished", crm_id)
    ]
    assert listed == finished
    assert f"CRM b24: registered as {crm_id}, and finished." in printed.stdout


async def test_a_call_that_was_given_up_is_listed_and_told_when_it_is_tried_again(
    gateway: Gateway, portal: FakePortal, command: Command, pool: Pool
) -> None:
    registrar = await registrar_of(gateway)
    portal.refusals.extend(refused(WRONG))
    await talk(gateway, "a")
    await turn(registrar)

    [given_up] = await command.json("crm", "given-up")
    shown = await command.json("calls", "show", "pbx:a")
    gateway.clock.advance(4 * 86_400)
    [again] = await command.json("crm", "try-again", "pbx:a")
    portal.refusals.extend(refused((503, {})))
    await turn(registrar)

    said = "400 ERROR_CORE Phone number is wrong"
    assert (given_up["connection"], given_up["state"], given_up["last_reply"]) == ("b24", "given_up", said)
    assert shown["explanation"][-1] == f"CRM b24: given up, tries: 1; the last reply was: {said}."
    assert (again["state"], again["tries"]) == ("queued", 0)
    assert await states(pool) == ["queued"], "it has three days again"
    gateway.clock.advance(20)
    await turn(registrar)
    assert [end["DURATION"] for end in portal.finished.values()] == [95]
    assert await command.json("crm", "given-up") == []


async def test_a_call_that_was_registered_before_it_was_given_up_is_only_finished(
    gateway: Gateway, portal: FakePortal, command: Command, pool: Pool
) -> None:
    registrar = await registrar_of(gateway)
    await gateway.start("a", CALLEE)
    await turn(registrar)
    portal.refusals.extend(refused(WRONG))
    await gateway.end("a", seconds=5)
    await turn(registrar)
    assert await states(pool) == ["given_up"]

    [again] = await command.json("crm", "try-again", "pbx:a")
    await turn(registrar)

    assert again["state"] == "registered"
    assert portal.methods() == ["register", "finish", "finish"]
    assert await states(pool) == ["finished"]


async def test_given_up_calls_are_listed_newest_first_and_by_pages(
    gateway: Gateway, portal: FakePortal, command: Command
) -> None:
    registrar = await registrar_of(gateway)
    for name in ("a", "b", "c"):
        await gateway.start(name, LINE, caller="anonymous", direction="inbound")
    await talk(gateway, "told")
    await turn(registrar)

    everything = await command.json("crm", "given-up")
    page = await command.json("crm", "given-up", "--before", str(everything[0]["call_id"]), "--limit", "1")
    printed = await command.run("crm", "given-up")

    ids = [each["call_id"] for each in everything]
    assert len(ids) == 3
    assert ids == sorted(ids, reverse=True)
    assert [each["call_id"] for each in page] == [ids[1]]
    assert "the other party has no number" in printed.stdout
    assert "limit: must be from 1" in await command.refused("crm", "given-up", "--limit", "0")


async def test_no_page_ends_in_the_middle_of_a_call_that_two_portals_gave_up(
    gateway: Gateway, command: Command, pool: Pool
) -> None:
    registrar = await registrar_of(gateway)
    await gateway.start("a", LINE, caller="anonymous", direction="inbound")
    await turn(registrar)
    async with pool.acquire() as conn:
        for table in ("crm_portal", "crm_call"):
            other = f'jsonb_populate_record({table}, \'{{"connection": "old"}}\')'
            await conn.execute(f"INSERT INTO {table} SELECT ({other}).* FROM {table}")  # noqa: S608 - our own words

    page = await command.json("crm", "given-up", "--limit", "1")

    assert sorted(each["connection"] for each in page) == ["b24", "old"]


async def test_only_a_call_that_was_given_up_is_tried_again(gateway: Gateway, command: Command) -> None:
    await talk(gateway, "before")
    registrar = await registrar_of(gateway)
    await talk(gateway, "a")
    await turn(registrar)

    assert "was not given up: b24 finished" in await command.refused("crm", "try-again", "pbx:a")
    assert "no CRM is told of call pbx:before" in await command.refused("crm", "try-again", "pbx:before")
    assert "there is no call pbx:nobody" in await command.refused("crm", "try-again", "pbx:nobody")
