"""`hook`: the last webhooks, as they came."""

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import csv_option, json_option, print_csv, print_many, print_one
from gateway.usecases.calls.shown.hooks import find_hooks
from gateway.usecases.connections.captures import show_hook

COLUMNS = (
    "id",
    "at",
    "connection",
    "kind",
    "outcome",
    "provider_call_id",
    "method",
    "path",
    "bytes",
    "status",
    "ms",
    "why",
)


@click.group()
def hook() -> None:
    """The last webhooks, as they came, without what is secret."""


@hook.command("list")
@click.option("--connection", metavar="NAME", help="Only those of this connection.")
@click.option("--call", metavar="CALL", help="Only those of this call: its id, or CONNECTION:PROVIDER_ID.")
@click.option("--refused/--taken", "is_refused", default=None, help="Only those whose reply was no success, or was.")
@click.option("--before", type=integer, help="Only those before the webhook of this id.")
@click.option("--limit", default=100, show_default=True, help="At most so many.")
@csv_option
@json_option
@click.pass_obj
def list_captured(
    context: CommandContext,
    *,
    connection: str | None,
    call: str | None,
    is_refused: bool | None,
    before: int | None,
    limit: int,
    as_csv: bool,
    as_json: bool,
) -> None:
    """List webhooks, newest first, for as many days as the setting hooks_days says; not all where many come at once."""
    rows = context.read(
        lambda conn: find_hooks(
            conn, connection=connection, call=call, is_refused=is_refused, before=before, limit=limit
        )
    )
    if as_csv:
        print_csv(rows, columns=COLUMNS)
    else:
        print_many(rows, as_json=as_json, columns=COLUMNS)


@hook.command("show")
@click.argument("hook_id", metavar="ID", type=integer)
@json_option
@click.pass_obj
def show_captured(context: CommandContext, *, hook_id: int, as_json: bool) -> None:
    """Show a webhook with its body, and what was replied."""
    print_one(context.read(lambda conn: show_hook(conn, hook_id=hook_id)), as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (hook,)
