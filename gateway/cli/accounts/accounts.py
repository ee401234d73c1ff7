"""`account`: whose money it is that calls cost."""

import click

from gateway.cli.context import CommandContext
from gateway.cli.groups import LazyGroup
from gateway.cli.integers import integer
from gateway.cli.output import json_option, print_many, print_one
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts import show
from gateway.usecases.accounts.show import AccountView

ACCOUNT_COLUMNS = ("id", "name", "state", "currency", "balance", "held", "available", "live_calls", "email")


@click.group(
    cls=LazyGroup,
    modules={
        **dict.fromkeys(("create", "set"), "gateway.cli.accounts.terms"),
        **dict.fromkeys(("block", "unblock", "close"), "gateway.cli.accounts.standing"),
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


@account.command("list")
@json_option
@click.pass_obj
def list_accounts(context: CommandContext, *, as_json: bool) -> None:
    """List all accounts."""

    async def collect(conn: PgConnection) -> list[AccountView]:
        return [each async for each in show.list_accounts(conn)]

    print_many(context.read(collect), as_json=as_json, columns=ACCOUNT_COLUMNS)


COMMANDS: tuple[click.Command, ...] = (account,)
