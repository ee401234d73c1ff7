"""`account`: whose money it is that calls cost."""

from typing import Final

import click

from gateway.cli.context import CommandContext
from gateway.cli.groups import LazyCommand, LazyGroup
from gateway.cli.integers import integer
from gateway.cli.output import json_option, print_one
from gateway.usecases.accounts import show

_STANDING: Final = "gateway.cli.accounts.standing"
_STATEMENTS: Final = "gateway.cli.accounts.statements"
_TERMS: Final = "gateway.cli.accounts.terms"


@click.group(
    cls=LazyGroup,
    lazy={
        "block": LazyCommand(_STANDING, "Refuse all new calls of an account, incoming ones too."),
        "close": LazyCommand(_STANDING, "Close an account for ever."),
        "create": LazyCommand(_TERMS, "Open an account."),
        "export": LazyCommand("gateway.cli.accounts.export", "Write all that is known of an account to a file."),
        "list": LazyCommand("gateway.cli.accounts.listing", "List accounts, oldest first."),
        "members": LazyCommand("gateway.cli.accounts.members", "List the people of an account, newest first."),
        "set": LazyCommand(_TERMS, "Change what is set of an account."),
        "statement": LazyCommand(_STATEMENTS, "Show what a month cost."),
        "statements": LazyCommand(_STATEMENTS, "List the months of an account, newest first."),
        "stops": LazyCommand(_STATEMENTS, "List accounts of which something stops soon."),
        "unblock": LazyCommand(_STANDING, "Let a blocked account call again."),
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
