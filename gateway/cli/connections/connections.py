"""`connection` and `kit`: the configured providers, what is pasted into them, and whether it works."""

import click

from gateway.cli.context import CommandContext
from gateway.cli.groups import LazyCommand, LazyGroup
from gateway.cli.output import csv_option, json_option, print_list, print_one
from gateway.postgres.provider_accounts import ProviderBalance, balances
from gateway.usecases.calls.clock_differences import APART
from gateway.usecases.connections.shown import ConnectionView, list_connection_views, write_kit

COLUMNS = (
    "name",
    "kind",
    "auth",
    "state",
    "last_hook_at",
    "secret_used",
    "webhook_url",
    "control_url",
    "clock_difference_s",
)

BALANCE_COLUMNS = tuple(ProviderBalance.__dataclass_fields__)


@click.group(
    cls=LazyGroup,
    lazy={"test": LazyCommand("gateway.cli.connections.rehearsal", "Send the hooks of a call through the gateway.")},
)
def connection() -> None:
    """Configured provider accounts."""


@connection.command("list")
@csv_option
@json_option
@click.pass_obj
def list_connections(context: CommandContext, *, as_csv: bool, as_json: bool) -> None:
    """List the connections; their secrets are counted, not shown.

    The secret used is the one that proved the last webhook: 1 is the newest. With --json each has the instant at which
    it last did, and a fingerprint, which tells two secrets apart and gives none away; the last webhook that was refused
    is there too, and why.

    The clock difference is by how many seconds the gateway's clock is ahead of the provider's, measured at the latest
    call start that told the provider's. One beyond 5 seconds is warned of.
    """
    settings = context.all_settings()
    views = context.run(lambda conn: list_connection_views(conn, settings), settings=settings)
    print_list(views, columns=COLUMNS, as_csv=as_csv, as_json=as_json)
    for each in views:
        if abs(each.clock_difference_s or 0) > APART.total_seconds():
            click.echo(f"warning: {_say_clock(each)}", err=True)


def _say_clock(view: ConnectionView) -> str:
    difference = view.clock_difference_s or 0
    where = "behind" if difference > 0 else "ahead of"
    return f"the clock of {view.name}'s provider is {abs(difference)} s {where} ours"


@connection.command("balances")
@csv_option
@json_option
@click.pass_obj
def list_balances(context: CommandContext, *, as_csv: bool, as_json: bool) -> None:
    """List what our accounts at providers have left, as those told it last that can be asked."""
    settings = context.all_settings()
    found = context.run(lambda conn: balances(conn, settings.connections), settings=settings)
    print_list(found, columns=BALANCE_COLUMNS, as_csv=as_csv, as_json=as_json)


@click.command()
@click.argument("name", metavar="CONNECTION")
@json_option
@click.pass_obj
def kit(context: CommandContext, *, name: str, as_json: bool) -> None:
    """Print what is pasted into a connection's provider, filled in for this installation."""
    settings = context.all_settings()
    text = write_kit(settings, name, with_secrets=True)
    if as_json:
        print_one({"connection": name, "kit": text}, as_json=True)
    else:
        click.echo(text.rstrip("\n"))


COMMANDS: tuple[click.Command, ...] = (connection, kit)
