"""`account members`: the people of an account."""

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import csv_option, json_option, print_list
from gateway.postgres.access.memberships import MemberRow
from gateway.usecases.access.members import list_members

COLUMNS = tuple(MemberRow.__dataclass_fields__)


@click.command("members")
@click.argument("account_id", metavar="ID", type=integer)
@click.option("--before", type=integer, help="Only those before the member of this id.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most so many.")
@csv_option
@json_option
@click.pass_obj
def members(
    context: CommandContext, *, account_id: int, before: int | None, limit: int, as_csv: bool, as_json: bool
) -> None:
    """List the people of an account, newest first."""
    found = context.read(lambda conn: list_members(conn, account_id=account_id, before=before, limit=limit))
    print_list(found, columns=COLUMNS, as_csv=as_csv, as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (members,)
