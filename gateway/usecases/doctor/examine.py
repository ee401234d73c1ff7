"""Examine an installation by its database: all that is wrong, or that its schema is not ours yet."""

from collections.abc import Callable
from datetime import datetime

from gateway.clock import Clock
from gateway.domain.problems import Problem, ProblemCode
from gateway.postgres.migrate import pending_on
from gateway.postgres.types import PgConnection
from gateway.settings import Settings
from gateway.usecases.calls.try_control import Ask
from gateway.usecases.doctor.connections import examine_connections
from gateway.usecases.doctor.finding import fact_of, problem_of
from gateway.usecases.doctor.records import examine_records


async def examine_database(
    conn: PgConnection, *, settings: Settings, ask: Callable[[str], Ask], token: str, machine: Clock, now: datetime
) -> list[Problem]:
    """Nothing but the missing migrations where there are any, since no query would fit."""
    missing = await pending_on(conn)
    if missing:
        return [
            problem_of(ProblemCode.MIGRATIONS_PENDING, fact_of("migrations_pending", migrations=", ".join(missing)))
        ]
    return [
        *await examine_records(conn, settings=settings, machine=machine, now=now),
        *await examine_connections(conn, settings.connections, ask=ask, token=token, now=now),
    ]
