"""`account list`: which accounts there are."""

import click

from gateway.cli.context import CommandContext
from gateway.cli.output import csv_option, json_option, print_list
from gateway.domain.accounts.account_state import AccountState
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts.search import AccountSearch, every_account
from gateway.usecases.accounts.show import AccountView

COLUMNS = ("id", "name", "state", "currency", "balance", "held", "available", "live_calls", "email")


@click.command("list")
@click.option("--q", "text", help="Only those with this in their name or address, or with this number.")
@click.option("--state", type=click.Choice([each.value for each in AccountState]), help="Only those in this state.")
@csv_option
@json_option
@click.pass_obj
def list_accounts(context: CommandContext, *, text: str | None, state: str | None, as_csv: bool, as_json: bool) -> None:
    """List all accounts, or those that fit, oldest first."""
    search = AccountSearch(text=text, state=None if state is None else AccountState(state))

    async def collect(conn: PgConnection) -> list[AccountView]:
        return [each async for each in every_account(conn, search)]

    print_list(context.read(collect), columns=COLUMNS, as_csv=as_csv, as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (list_accounts,)
