"""What a cell is known by: where its ids begin, its lines that work, its connections (sql/queries/cells.sql)."""

from dataclasses import dataclass

from gateway.postgres.accounts.proofs import REPORT_TIMEOUT
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

# JSON's readers are exact below 2^53, so there is room for 900 cells.
IDS_OF_A_CELL = 10**13
CELL_MAX = 899


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`number` is by the ids that it gives next; 0 is a database that was never made a cell."""

    number: int
    accounts: int
    lines: frozenset[str]
    connections: frozenset[str]


async def is_untouched(conn: PgConnection) -> bool:
    """Whether no id has been given yet."""
    untouched: bool = await conn.fetchval(sql("cell_is_untouched"))
    return untouched


async def begin(conn: PgConnection, number: int) -> None:
    """Have all ids of this database begin with those of a cell."""
    await conn.execute(sql("cell_begin"), number * IDS_OF_A_CELL + 1)
    await conn.execute(sql("cell_begin_months"), number * IDS_OF_A_CELL)


async def read(conn: PgConnection) -> Cell:
    timeout = REPORT_TIMEOUT.total_seconds()
    first: int = await conn.fetchval(sql("cell_next_id"))
    accounts: int = await conn.fetchval(sql("check_accounts"), timeout=timeout)
    return Cell(
        number=first // IDS_OF_A_CELL,
        accounts=accounts,
        lines=frozenset(row["name"] for row in await conn.fetch(sql("cell_lines"), timeout=timeout)),
        connections=frozenset(row["connection"] for row in await conn.fetch(sql("connection_hooks_list"))),
    )
