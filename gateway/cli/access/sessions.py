"""`session`: who has signed in."""

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import csv_option, json_option, print_list, print_one
from gateway.postgres.access.sessions import SessionRow
from gateway.postgres.types import PgConnection
from gateway.usecases.access import sessions
from gateway.usecases.access.people import find_person

COLUMNS = tuple(SessionRow.__dataclass_fields__)


@click.group()
def session() -> None:
    """What people have open in their browsers."""


@session.command("list")
@click.option("--person", "email", metavar="EMAIL", help="Only theirs.")
@click.option("--before", type=integer, help="Only those before the session of this id.")
@click.option("--limit", default=100, show_default=True, help="At most so many.")
@csv_option
@json_option
@click.pass_obj
def list_sessions(
    context: CommandContext, *, email: str | None, before: int | None, limit: int, as_csv: bool, as_json: bool
) -> None:
    """List sessions that count, newest first."""

    async def work(conn: PgConnection) -> list[SessionRow]:
        person_id = None if email is None else (await find_person(conn, email=email)).id
        now = context.now()
        return await sessions.list_sessions(conn, person_id=person_id, now=now, before=before, limit=limit)

    rows = context.run(work)
    print_list(rows, columns=COLUMNS, as_csv=as_csv, as_json=as_json)


@session.command("revoke")
@click.argument("session_id", metavar="ID", type=integer)
@json_option
@click.pass_obj
def revoke(context: CommandContext, *, session_id: int, as_json: bool) -> None:
    """Have a session count no more, at once."""
    ended = context.run(
        lambda conn: sessions.end_session(conn, actor=context.actor, session_id=session_id, now=context.now())
    )
    print_one(ended, as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (session,)
