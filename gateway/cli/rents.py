"""`rents run`: what the calendar does by itself every second, done now."""

import click

from gateway.cli.invocation import Invocation
from gateway.cli.output import json_option, print_one
from gateway.postgres.types import PgConnection
from gateway.usecases.keep_calendar import Kept, keep_some


@click.group()
def rents() -> None:
    """Rents of numbers and connectors."""


@rents.command("run")
@json_option
@click.pass_obj
def run_rents(invocation: Invocation, *, as_json: bool) -> None:
    """Charge, suspend and disconnect all that is due by now, whether `serve` runs or not."""

    async def run(conn: PgConnection) -> Kept:
        kept = Kept(is_done=False)
        while not kept.is_done:
            kept.add(await keep_some(conn, now=invocation.now()))
        return kept

    print_one(invocation.run(run).results(), as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (rents,)
