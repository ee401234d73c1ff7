"""`large-sum`: what waits for a second operator."""

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import csv_option, json_option, print_list, print_one
from gateway.domain.accounts.large_sums import LargeSumState
from gateway.postgres.accounts.large_sums import LargeSumRow
from gateway.usecases.accounts.large_sums import approve_large_sum, list_large_sums, refuse_large_sum

COLUMNS = tuple(LargeSumRow.__dataclass_fields__)


@click.group("large-sum")
def large_sum() -> None:
    """Sums above the setting second_operator_above, which wait for another operator."""


@large_sum.command("list")
@click.option("--account", "account_id", type=integer, metavar="ID", help="Only this account's.")
@click.option("--state", type=click.Choice([each.value for each in LargeSumState]), help="Only those in this state.")
@click.option("--before", type=integer, help="Only those before the sum of this id.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most so many.")
@csv_option
@json_option
@click.pass_obj
def list_sums(
    context: CommandContext,
    *,
    account_id: int | None,
    state: str | None,
    before: int | None,
    limit: int,
    as_csv: bool,
    as_json: bool,
) -> None:
    """List sums that wait, and what became of others, newest first."""
    wanted = None if state is None else LargeSumState(state)
    found = context.read(
        lambda conn: list_large_sums(conn, account_id=account_id, state=wanted, before=before, limit=limit)
    )
    print_list(found, columns=COLUMNS, as_csv=as_csv, as_json=as_json)


@large_sum.command("approve")
@click.argument("large_sum_id", metavar="ID", type=integer)
@json_option
@click.pass_obj
def approve(context: CommandContext, *, large_sum_id: int, as_json: bool) -> None:
    """Have a sum booked that another has asked for."""
    settings = context.settings()
    approved = context.run(
        lambda conn: approve_large_sum(
            conn, actor=context.actor, large_sum_id=large_sum_id, now=context.now(), rule=settings.low_balance
        ),
        settings=settings,
    )
    print_one(approved, as_json=as_json)


@large_sum.command("refuse")
@click.argument("large_sum_id", metavar="ID", type=integer)
@json_option
@click.pass_obj
def refuse(context: CommandContext, *, large_sum_id: int, as_json: bool) -> None:
    """Have nothing booked of a sum that waits."""
    refused = context.run(
        lambda conn: refuse_large_sum(conn, actor=context.actor, large_sum_id=large_sum_id, now=context.now())
    )
    print_one(refused, as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (large_sum,)
