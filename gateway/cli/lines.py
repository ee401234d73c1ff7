"""`number` and `connector`: what calls go out by or come in on."""

import click

from gateway.cli.invocation import Invocation
from gateway.cli.output import json_option, print_many, print_one
from gateway.usecases import manage_lines

COLUMNS = ("id", "kind", "name", "state", "country", "category", "created_at")


@click.group()
def number() -> None:
    """Rented numbers."""


@number.command("add")
@click.argument("account_id", metavar="ACCOUNT", type=int)
@click.argument("e164", metavar="+E164")
@click.option("--category", type=click.Choice(manage_lines.CATEGORIES), help="By the number itself unless given.")
@click.option(
    "--state",
    type=click.Choice([state.value for state in manage_lines.FIRST_STATES]),
    default="active",
    show_default=True,
)
@json_option
@click.pass_obj
def add_number(
    invocation: Invocation, *, account_id: int, e164: str, category: str | None, state: str, as_json: bool
) -> None:
    """Add a rented number to an account."""
    added = invocation.run(
        lambda conn: manage_lines.add_number(
            conn, account_id=account_id, number=e164, category=category, state=state, now=invocation.now()
        )
    )
    print_one(added, as_json=as_json)


@number.command("list")
@click.argument("account_id", metavar="ACCOUNT", type=int)
@json_option
@click.pass_obj
def list_numbers(invocation: Invocation, *, account_id: int, as_json: bool) -> None:
    """List an account's lines, its connectors too."""
    found = invocation.run(lambda conn: manage_lines.list_lines(conn, account_id=account_id))
    print_many(found, as_json=as_json, columns=COLUMNS)


@click.group()
def connector() -> None:
    """SIP connectors, the customers' own trunks."""


@connector.command("add")
@click.argument("account_id", metavar="ACCOUNT", type=int)
@click.argument("name")
@json_option
@click.pass_obj
def add_connector(invocation: Invocation, *, account_id: int, name: str, as_json: bool) -> None:
    """Add a SIP connector; calls give NAME as their line."""
    added = invocation.run(
        lambda conn: manage_lines.add_connector(conn, account_id=account_id, name=name, now=invocation.now())
    )
    print_one(added, as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (number, connector)
