"""The database's clock, by which every process goes, whatever its own machine's says."""

from datetime import datetime, timedelta

from gateway.clock import DatabaseClock, Heard, steady_s
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


async def ask_time(conn: PgConnection) -> datetime:
    """The database's time."""
    said: datetime = await conn.fetchval(sql("clock"))
    return said


async def follow(clock: DatabaseClock, conn: PgConnection) -> timedelta:
    """Set a clock by the database's; how far that moved it."""
    asked_s = steady_s()
    said = await ask_time(conn)
    return clock.set_by(Heard(said=said, asked_s=asked_s, heard_s=steady_s()))
