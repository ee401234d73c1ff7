"""Which lines `number list` and `connector list` are asked for, and how they print them."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import csv_option, json_option, print_list
from gateway.countries import find_country
from gateway.domain.lines.line import LineKind, LineState
from gateway.numbers.parties import read_number
from gateway.postgres.lines.lines import LineFilters
from gateway.usecases.lines import manage

F = TypeVar("F", bound=Callable[..., Any])
COLUMNS = (
    "id",
    "account_id",
    "kind",
    "name",
    "state",
    "country",
    "category",
    "rent",
    "due_on",
    "reserved_until",
    "ends_at",
)
_OPTIONS: Sequence[Callable[[Any], Any]] = (
    click.option("--account", "only_account_id", type=integer, metavar="ID", help="Only this account's."),
    click.option("--state", type=click.Choice([state.value for state in LineState]), help="Only those in this state."),
    click.option("--country", help="Only those of this country, by its code or name."),
    click.option("--line", help="Only the one of this name."),
    click.option(
        "--due-before",
        type=click.DateTime(["%Y-%m-%d"]),
        help="Only those whose rent is paid until an earlier day; what is due first comes first.",
    ),
    csv_option,
    json_option,
)


def lines_wanted(command: F) -> F:
    """The options that say which lines, and how they are printed."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def print_lines(
    context: CommandContext,
    *,
    kind: LineKind | None = None,
    account_id: int | None = None,
    as_csv: bool,
    as_json: bool,
    only_account_id: int | None,
    state: str | None,
    country: str | None,
    line: str | None,
    due_before: datetime | None,
) -> None:
    """Those that the options say; `account_id` is of an argument."""
    filters = LineFilters(
        account_id=account_id if only_account_id is None else only_account_id,
        state=None if state is None else LineState(state),
        due_before=_day(due_before),
        kind=kind,
        country=None if country is None else find_country(country),
        name=None if line is None else read_number(line),
    )
    found = context.read(lambda conn: manage.search_lines(conn, filters))
    print_list(found, columns=COLUMNS, as_csv=as_csv, as_json=as_json)


def _day(instant: datetime | None) -> date | None:
    return None if instant is None else instant.date()
