"""`crm`: which calls a CRM was not told of, and another try of one."""

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import csv_option, json_option, print_list, print_many
from gateway.usecases.crm import manage

COLUMNS = ("call_id", "connection", "state", "crm_call_id", "tries", "next_at", "last_reply")


@click.group()
def crm() -> None:
    """Calls on their way into CRMs; how far one is, `calls show` tells."""


@crm.command("given-up")
@click.option("--before", type=integer, help="Only those before the call of this id.")
@click.option("--limit", default=100, show_default=True, help="At most so many.")
@csv_option
@json_option
@click.pass_obj
def list_given_up(context: CommandContext, *, before: int | None, limit: int, as_csv: bool, as_json: bool) -> None:
    """List calls that a CRM refused, or could not be told of for three days, newest first."""
    calls = context.read(lambda conn: manage.list_given_up(conn, before=before, limit=limit))
    print_list(calls, columns=COLUMNS, as_csv=as_csv, as_json=as_json)


@crm.command("try-again")
@click.argument("reference", metavar="CALL")
@json_option
@click.pass_obj
def try_again(context: CommandContext, *, reference: str, as_json: bool) -> None:
    """Try for three days more to tell of a call that was given up, by its id or by CONNECTION:PROVIDER_ID."""
    calls = context.run(
        lambda conn: manage.try_again(conn, actor=context.actor, reference=reference, now=context.now())
    )
    print_many(calls, as_json=as_json, columns=COLUMNS)


COMMANDS: tuple[click.Command, ...] = (crm,)
