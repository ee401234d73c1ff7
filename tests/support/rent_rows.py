"""Rents on a real database: keep the calendar, and read what became of lines, entries and mails."""

from datetime import datetime
from typing import Any

from gateway.postgres.types import PgConnection
from gateway.usecases.lines.run_due import RentTally, run_batch


async def keep(conn: PgConnection, now: datetime) -> dict[str, int]:
    """Do all that is due by now, as a worker does; what was done, without noughts."""
    tally = RentTally(is_done=False)
    while not tally.is_done:
        tally.add(await run_batch(conn, now=now))
    return {name: count for name, count in tally.results().items() if count}


async def line(conn: PgConnection, line_id: int) -> dict[str, Any]:
    """A line's columns; days as text."""
    row = await conn.fetchrow(
        """
        SELECT
            state, rent::numeric AS rent, anchor_day, due_on::text AS due_on, reserved_until, ends_at, calendar_due_at,
            disconnected_at
        FROM line
        WHERE id = $1
        """,
        line_id,
    )
    assert row is not None
    return dict(row)


async def states(conn: PgConnection, *line_ids: int) -> list[str]:
    """The states of lines, in their order."""
    return [(await line(conn, line_id))["state"] for line_id in line_ids]


async def rents(conn: PgConnection) -> list[tuple[int, str, str]]:
    """Line, kind and amount of every entry that a line caused, oldest first."""
    rows = await conn.fetch(
        """
        SELECT line_id, kind, trim_scale(amount)::text AS amount
        FROM ledger_entry
        WHERE line_id IS NOT NULL
        ORDER BY id
        """
    )
    return [tuple(row) for row in rows]


async def mails(conn: PgConnection) -> list[tuple[str, dict[str, Any]]]:
    """Kind and facts of every mail about lines, oldest first."""
    rows = await conn.fetch("SELECT kind, facts FROM mail WHERE kind <> 'low_balance' ORDER BY id")
    return [(row["kind"], row["facts"]) for row in rows]


async def mailed(conn: PgConnection) -> list[str]:
    """The kinds of all mails about lines, oldest first."""
    return [kind for kind, _ in await mails(conn)]
