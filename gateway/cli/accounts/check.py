"""`check`: whether the books of all accounts are right."""

import sys
from dataclasses import replace

import click

from gateway.cli.context import CommandContext
from gateway.cli.output import json_option, print_one
from gateway.clock import machine_of
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts import check_ledger as checking


@click.command()
@click.option("--full", is_flag=True, help="Begin with the first entries, as is done by night.")
@json_option
@click.pass_obj
def check(context: CommandContext, *, full: bool, as_json: bool) -> None:
    """Prove that balances, entries, holds and live calls agree; exit 1 if they do not.

    What was proved before is not added up again: it says how many entries were, and since when.
    """

    async def both(conn: PgConnection) -> checking.LedgerCheck:
        clocks = await checking.compare_clocks(conn, machine=machine_of(context.clock))
        books = await checking.check_ledger(conn, full=full, now=context.now())
        return replace(books, ok=books.ok and not clocks, differences=[*clocks, *books.differences])

    checked = context.read(both)
    print_one(checked, as_json=as_json)
    if not checked.ok:
        click.echo(f"Error: {len(checked.differences)} differences", err=True)
        sys.exit(1)


COMMANDS: tuple[click.Command, ...] = (check,)
