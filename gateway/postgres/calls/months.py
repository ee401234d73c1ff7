"""Queries about the months that calls are kept in (sql/queries/calls/months.sql)."""

from datetime import date
from typing import Final

from gateway.domain.calls.months import Months
from gateway.postgres.patience import change_in_a_moment
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

# There are weeks for it.
TRIES: Final = 10


async def look(conn: PgConnection) -> Months:
    row = await conn.fetchrow(sql("months_look"))
    assert row is not None, "an aggregate gives one row"  # noqa: S101
    are_whole = row["without_default"] == row["incomplete"] == 0
    return Months(newest=row["newest"], are_whole=are_whole, has_calls=row["has_calls"], has_strays=row["has_strays"])


async def add(conn: PgConnection, month: date) -> bool:
    """Make the part for a month, unless another process made it meanwhile; False where the tables are in use."""

    async def change() -> None:
        newest = (await look(conn)).newest
        if newest is None or newest < month:
            await conn.execute(sql("month_add"), month)

    return await change_in_a_moment(conn, change, tries=TRIES)


async def turn(conn: PgConnection, today: date) -> bool:
    """Have the ids of calls go on in the month of a day; whether they did not before.

    One process at a time does it: between the look at the last id and the jump another would have given some again.
    """
    async with conn.transaction():
        first_id: int | None = await conn.fetchval(sql("month_turn_lock"), today)
        return first_id is not None and await conn.fetchval(sql("month_turn"), first_id) is not None


async def sum_up(conn: PgConnection) -> None:
    """Have the calls of all months be found by their instants without being read."""
    await conn.execute(sql("months_sum_up"))
