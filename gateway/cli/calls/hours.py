"""`calls hours`: what became of the calls of the last day."""

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import csv_option, json_option, print_list
from gateway.postgres.calls.call_hours import CallHour
from gateway.usecases.calls.shown.hours import show_hours

COLUMNS = tuple(CallHour.__dataclass_fields__)


@click.command("hours")
@click.option("--account", "account_id", type=integer, metavar="ID", help="Only this account's.")
@csv_option
@json_option
@click.pass_obj
def hours(context: CommandContext, *, account_id: int | None, as_csv: bool, as_json: bool) -> None:
    """Count the calls of the last 24 hours by what became of them, the newest hour first."""
    found = context.read(lambda conn: show_hours(conn, account_id=account_id, now=context.now()))
    print_list(found, columns=COLUMNS, as_csv=as_csv, as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (hours,)
