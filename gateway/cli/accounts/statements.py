"""`account statements`, `statement` and `stops`: what months cost, and whose money is gone soon."""

import re
from typing import Final

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import csv_option, json_option, print_list, print_one
from gateway.usecases.accounts.running_out import find_stops
from gateway.usecases.accounts.statement import list_months, show_statement

MONTH_COLUMNS = ("month", "since", "until", "is_over")
STOP_COLUMNS = ("account_id", "name", "currency", "available", "on", "money_gone", "lines")
_MONTH: Final = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
MONTHS_MAX = 1200
STOPS_MAX = 50


def a_month(text: str) -> str:
    """Such as 2026-11; ValueError is wrong usage."""
    if _MONTH.fullmatch(text) is None:
        raise ValueError(text)
    return text


@click.command("statements")
@click.argument("account_id", metavar="ID", type=integer)
@csv_option
@json_option
@click.pass_obj
def list_statements(context: CommandContext, *, account_id: int, as_csv: bool, as_json: bool) -> None:
    """List the months of an account, newest first."""
    months = context.read(
        lambda conn: list_months(conn, account_id=account_id, before=None, limit=MONTHS_MAX, now=context.now())
    )
    print_list(months, columns=MONTH_COLUMNS, as_csv=as_csv, as_json=as_json)


@click.command("statement")
@click.argument("account_id", metavar="ID", type=integer)
@click.argument("month", type=a_month)
@json_option
@click.pass_obj
def show_month(context: CommandContext, *, account_id: int, month: str, as_json: bool) -> None:
    """Show what a MONTH, such as 2026-11, cost: by kind, by number and by country."""
    statement = context.read(lambda conn: show_statement(conn, account_id=account_id, month=month, now=context.now()))
    print_one(statement, as_json=as_json)


@click.command("stops")
@click.option("--days", type=click.IntRange(0, 30), default=3, show_default=True, help="How far to look, after today.")
@click.option(
    "--limit", type=click.IntRange(1, STOPS_MAX), default=STOPS_MAX, show_default=True, help="At most so many."
)
@csv_option
@json_option
@click.pass_obj
def list_stops(context: CommandContext, *, days: int, limit: int, as_csv: bool, as_json: bool) -> None:
    """List accounts of which something stops soon if nobody pays in, those who have least first."""
    settings = context.settings()
    stops = context.read(
        lambda conn: find_stops(conn, days=days, rule=settings.low_balance, limit=limit, now=context.now())
    )
    print_list(stops, columns=STOP_COLUMNS, as_csv=as_csv, as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (list_statements, show_month, list_stops)
