"""Cells: databases beside each other, each with whole accounts, whose ids, lines and connections are in one alone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.errors import Conflict, InvalidInput
from gateway.postgres import cells
from gateway.postgres.cells import CELL_MAX, IDS_OF_A_CELL, Cell
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down

Kind = Literal["cell", "line", "connection"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCell:
    cell: int
    first_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CellSize:
    cell: int
    accounts: int
    lines: int
    connections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Twice:
    """Something that several cells have: a number of theirs, a line in use, a connection."""

    kind: Kind
    name: str
    cells: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellsCheck:
    ok: bool
    cells: list[CellSize]
    twice: list[Twice]


async def begin_cell(conn: PgConnection, number: int, *, actor: Actor, now: datetime) -> NewCell:
    """Make an empty database a cell: its ids are from then on those of that cell alone."""
    if not 1 <= number <= CELL_MAX:
        raise InvalidInput(f"cell: must be from 1 to {CELL_MAX}")
    async with conn.transaction():
        if not await cells.is_untouched(conn):
            raise Conflict("this database has given ids already: make a new one, and the cell of that, before all else")
        await cells.begin(conn, number)
        begun = NewCell(cell=number, first_id=number * IDS_OF_A_CELL + 1)
        await write_down(conn, actor, Action.CELLS_BEGIN, f"cell:{number}", after=begun, now=now)
    return begun


def compare_cells(found: Sequence[Cell]) -> CellsCheck:
    """Whether each number, line and connection is in one cell alone."""
    twice = [
        *_twice("cell", [(cell.number, {str(cell.number)}) for cell in found]),
        *_twice("line", [(cell.number, cell.lines) for cell in found]),
        *_twice("connection", [(cell.number, cell.connections) for cell in found]),
    ]
    return CellsCheck(ok=not twice, cells=[_size(cell) for cell in found], twice=twice)


def _twice(kind: Kind, names_by_cell: Iterable[tuple[int, AbstractSet[str]]]) -> list[Twice]:
    having: defaultdict[str, list[int]] = defaultdict(list)
    for number, names in names_by_cell:
        for name in names:
            having[name].append(number)
    return [Twice(kind=kind, name=name, cells=cells) for name, cells in sorted(having.items()) if len(cells) > 1]


def _size(cell: Cell) -> CellSize:
    return CellSize(cell=cell.number, accounts=cell.accounts, lines=len(cell.lines), connections=len(cell.connections))
