"""`usage`: what calls add up to."""

from datetime import datetime

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import csv_option, json_option, print_csv, print_many
from gateway.domain.calls.usage import UsageBy
from gateway.usecases.accounts.show_usage import DAYS_MAX, UsageSearch, show_usage

COLUMNS = (
    "key",
    "currency",
    "calls",
    "refused",
    "answered",
    "asr",
    "acd_s",
    "talked_s",
    "spend",
    "costed",
    "cost",
    "margin",
)
ROWS_MAX = 100_000
BY = click.Choice([each.value for each in UsageBy])
DAY = click.DateTime(["%Y-%m-%d"])


@click.command("usage")
@click.argument("account_id", metavar="[ACCOUNT]", type=integer, required=False)
@click.option("--by", type=BY, default=UsageBy.DAY.value, show_default=True, help="What calls are added up by.")
@click.option("--from", "since", type=DAY, help=f"From this day on, at most {DAYS_MAX} before --to; else thirty.")
@click.option("--to", "until", type=DAY, help="To before this day; else with today.")
@csv_option
@json_option
@click.pass_obj
def show(
    context: CommandContext,
    *,
    account_id: int | None,
    by: str,
    since: datetime | None,
    until: datetime | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Add up calls by their day in the account's time zone, or by what they were: of an account, or of all."""
    search = UsageSearch(
        by=UsageBy(by),
        account_id=account_id,
        since=None if since is None else since.date(),
        until=None if until is None else until.date(),
    )
    rows = context.read(lambda conn: show_usage(conn, search, with_cost=True, limit=ROWS_MAX, now=context.now()))
    if as_csv:
        print_csv(rows, columns=COLUMNS)
    else:
        print_many(rows, as_json=as_json, columns=COLUMNS)


COMMANDS: tuple[click.Command, ...] = (show,)
