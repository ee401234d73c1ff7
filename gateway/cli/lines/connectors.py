"""`connector`: the customers' own trunks."""

from typing import Any

import click

from gateway.cli.context import CommandContext
from gateway.cli.groups import LazyCommand, LazyGroup
from gateway.cli.integers import integer
from gateway.cli.lines.listing import lines_wanted, print_lines
from gateway.cli.output import json_option, print_one
from gateway.domain.lines.line import LineKind
from gateway.usecases.lines import manage, rent

_COUNTRY_HELP = "Where it is, such as DE, for emergency calls whose caller shows no number."
_country_option = click.option("--country", default="", help=f"{_COUNTRY_HELP} Unless given: as its account says.")


@click.group(
    cls=LazyGroup,
    lazy={
        "give-up": LazyCommand("gateway.cli.lines.giving_up", "Give NAME up: it works for 24 h more."),
        "undo": LazyCommand("gateway.cli.lines.giving_up", "Keep NAME, which was given up less than 24 h ago."),
    },
)
def connector() -> None:
    """SIP connectors, the customers' own trunks."""


@connector.command("add")
@click.argument("account_id", metavar="ACCOUNT", type=integer)
@click.argument("name")
@_country_option
@json_option
@click.pass_obj
def add_connector(context: CommandContext, *, account_id: int, name: str, country: str, as_json: bool) -> None:
    """Add a SIP connector; calls give NAME as their line."""
    added = context.run(
        lambda conn: manage.add_connector(
            conn, actor=context.actor, account_id=account_id, name=name, country=country, now=context.now()
        )
    )
    print_one(added, as_json=as_json)


@connector.command("rent")
@click.argument("account_id", metavar="ACCOUNT", type=integer)
@click.argument("name")
@_country_option
@json_option
@click.pass_obj
def rent_connector(context: CommandContext, *, account_id: int, name: str, country: str, as_json: bool) -> None:
    """Subscribe to a SIP connector by the month; calls give NAME as their line."""
    rented = context.run(
        lambda conn: rent.rent_connector(
            conn, actor=context.actor, account_id=account_id, name=name, country=country, now=context.now()
        )
    )
    print_one(rented, as_json=as_json)


@connector.command("set")
@click.argument("name")
@click.option("--country", required=True, help=f'{_COUNTRY_HELP} "": as its account says.')
@json_option
@click.pass_obj
def set_connector(context: CommandContext, *, name: str, country: str, as_json: bool) -> None:
    """Change what is set of a SIP connector."""
    changed = context.run(
        lambda conn: manage.set_connector_country(
            conn, actor=context.actor, name=name, country=country, now=context.now()
        )
    )
    print_one(changed, as_json=as_json)


@connector.command("list")
@lines_wanted
@click.pass_obj
def list_connectors(context: CommandContext, /, **wanted: Any) -> None:
    """List the SIP connectors of all accounts, or of one."""
    print_lines(context, kind=LineKind.CONNECTOR, **wanted)


COMMANDS: tuple[click.Command, ...] = (connector,)
