"""`account`: whose money it is that calls cost."""

import click

from gateway.cli.context import CommandContext
from gateway.cli.groups import LazyGroup
from gateway.cli.integers import integer
from gateway.cli.output import json_option, print_one
from gateway.usecases.accounts import show


@click.group(
    cls=LazyGroup,
    modules={
        **dict.fromkeys(("create", "set"), "gateway.cli.accounts.terms"),
        **dict.fromkeys(("block", "unblock", "close"), "gateway.cli.accounts.standing"),
        "export": "gateway.cli.accounts.export",
        "list": "gateway.cli.accounts.listing",
        "members": "gateway.cli.accounts.members",
        **dict.fromkeys(("statements", "statement", "stops"), "gateway.cli.accounts.statements"),
    },
)
def account() -> None:
    """Open, show, change, block and close accounts."""


@account.command("show")
@click.argument("account_id", metavar="ID", type=integer)
@json_option
@click.pass_obj
def show_account(context: CommandContext, *, account_id: int, as_json: bool) -> None:
    """Show an account, its money and its live calls."""
    account = context.read(lambda conn: show.show_account(conn, account_id=account_id))
    print_one(account, as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (account,)
