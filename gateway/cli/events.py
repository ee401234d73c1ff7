"""`events`: what happened, as programs follow it."""

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import csv_option, json_option, print_csv, print_many
from gateway.domain.happening import Happening
from gateway.postgres.events import page

COLUMNS = ("id", "at", "kind", "account_id", "object")


@click.group()
def events() -> None:
    """What happens: calls, money, numbers."""


@events.command("list")
@click.option("--account", "account_id", type=integer, help="Only this account's.")
@click.option("--kind", type=click.Choice([kind.value for kind in Happening]), help="Only those of this kind.")
@click.option("--after", type=integer, default=0, show_default=True, help="Only those after the event of this id.")
@click.option("--limit", type=integer, default=100, show_default=True, help="At most so many.")
@csv_option
@json_option
@click.pass_obj
def list_events(
    context: CommandContext,
    *,
    account_id: int | None,
    kind: str | None,
    after: int,
    limit: int,
    as_csv: bool,
    as_json: bool,
) -> None:
    """List what happened within thirty days, oldest first; who follows it goes on after the last id."""
    rows = context.read(lambda conn: page(conn, account_id=account_id, after=after, kind=kind, limit=limit))
    if as_csv:
        print_csv(rows, columns=COLUMNS)
    else:
        print_many(rows, as_json=as_json, columns=COLUMNS)


COMMANDS: tuple[click.Command, ...] = (events,)
