"""Databases beside each other: what each has is in it alone, and a command proves it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.domain.errors import Conflict, InvalidInput
from gateway.postgres import cells as rows
from gateway.postgres.access import audit
from gateway.postgres.access.audit import AuditFilters
from gateway.postgres.session import connected
from gateway.usecases.cells import Twice, begin_cell, compare_cells
from tests.support import world
from tests.support.actors import CLERK
from tests.support.command_line import Gateway, undone
from tests.support.postgres import DatabaseServer
from tests.support.world import NOON

HOOKS = "INSERT INTO connection_hooks (connection, configured_at) VALUES ($1, $2)"


@pytest.fixture
async def cells(postgres: DatabaseServer) -> AsyncIterator[list[str]]:
    """Two cells, each with an account, a number and a connection."""
    async with postgres.database() as first, postgres.database() as second:
        for number, dsn in enumerate((first, second), start=1):
            async with connected(dsn, application_name="test") as conn:
                await begin_cell(conn, number, actor=CLERK, now=NOON)
                await world.number(conn, await world.account(conn), f"+1555010000{number}")
                await conn.execute(HOOKS, f"trunk{number}", NOON)
        yield [first, second]


async def compared(dsns: list[str]) -> list[Twice]:
    found = []
    for dsn in dsns:
        async with connected(dsn, application_name="test") as conn:
            found.append(await rows.read(conn))
    checked = compare_cells(found)
    assert checked.ok is not bool(checked.twice)
    return checked.twice


async def test_ids_of_cells_are_apart(cells: list[str]) -> None:
    for number, dsn in enumerate(cells, start=1):
        async with connected(dsn, application_name="test") as conn:
            for table in ("account", "line", "ledger_entry"):
                assert await conn.fetchval(f"SELECT min(id) FROM {table}") == number * 10**13 + 1  # noqa: S608
            [row] = await audit.page(conn, AuditFilters(), before=None, limit=2)
        assert (row.id, row.action, row.object) == (number * 10**13 + 1, "cells.begin", f"cell:{number}")
        assert (row.before, row.after) == (None, {"cell": number, "first_id": number * 10**13 + 1})

    assert await compared(cells) == []


async def test_a_line_or_a_connection_of_two_cells_is_found(cells: list[str]) -> None:
    async with connected(cells[0], application_name="test") as conn:
        await world.number(conn, await world.account(conn), "+15550100002")
        await conn.execute(HOOKS, "trunk2", NOON)

    assert await compared(cells) == [
        Twice(kind="line", name="+15550100002", cells=[1, 2]),
        Twice(kind="connection", name="trunk2", cells=[1, 2]),
    ]


async def test_a_line_that_was_given_up_in_one_cell_works_in_another(cells: list[str]) -> None:
    async with connected(cells[0], application_name="test") as conn:
        given_up = await world.number(conn, await world.account(conn), "+15550100002")
        await conn.execute("UPDATE line SET state = 'disconnected', disconnected_at = $2 WHERE id = $1", given_up, NOON)

    assert await compared(cells) == []


async def test_databases_with_the_same_ids_are_found(cells: list[str], dsn: str) -> None:
    assert await compared([cells[0], cells[0]]) == [
        Twice(kind="cell", name="1", cells=[1, 1]),
        Twice(kind="line", name="+15550100001", cells=[1, 1]),
        Twice(kind="connection", name="trunk1", cells=[1, 1]),
    ]
    assert await compared([cells[0], dsn]) == []


async def test_only_an_empty_database_becomes_a_cell(cells: list[str], dsn: str) -> None:
    async with connected(cells[0], application_name="test") as conn:
        with pytest.raises(Conflict, match="has given ids already"):
            await begin_cell(conn, 3, actor=CLERK, now=NOON)
    async with connected(dsn, application_name="test") as conn:
        with pytest.raises(InvalidInput, match="1 to 899"):
            await begin_cell(conn, 900, actor=CLERK, now=NOON)


async def test_an_operator_makes_cells_and_proves_them_by_commands(cells: list[str], dsn: str, tmp_path: Path) -> None:
    with undone():
        company = Gateway({"GATEWAY_DATABASE_URL": dsn, "GATEWAY_DATA": str(tmp_path)})
        begun = await company.json("cells", "begin", "3")
        right = await company.json("cells", "check", dsn, *cells)
        wrong = await company.run("cells", "check", "--json", dsn, dsn)

    assert begun == {"cell": 3, "first_id": 3 * 10**13 + 1}
    assert (right["ok"], right["twice"]) == (True, [])
    assert right["cells"][1] == {"cell": 1, "accounts": 1, "lines": 1, "connections": 1}
    assert (wrong.exit_code, wrong.stderr) == (1, "Error: 1 things are in more than one cell\n")
