"""`rates search`: what calls and numbers cost."""

from decimal import Decimal

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import csv_option, json_option, print_csv, print_many, print_table
from gateway.cli.rates.prefix import shown_prefix
from gateway.domain.rates.prices import DEFAULT_SECONDS
from gateway.usecases.rates import search
from gateway.usecases.rates.search import FoundRate

FOUND_MAX = 200
FOUND_COLUMNS = (
    *("kind", "country", "category", "prefix", "per minute", "fee", "intervals", "1 min", "5 min", "60 min"),
    *("month", "setup", "valid from"),
)


@click.command("search")
@click.argument("query")
@click.option("--currency", help="The account's, or the only one there is, unless given.")
@click.option("--account", "account_id", type=integer, metavar="ID", help="In whose currency and language.")
@click.option(
    "--caller", metavar="NUMBER", help="Who calls a full number; the rates for all and for some, unless given."
)
@csv_option
@json_option
@click.pass_obj
def search_rates(
    context: CommandContext,
    *,
    query: str,
    currency: str | None,
    account_id: int | None,
    caller: str | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Say what calls and numbers cost: QUERY is a country, a prefix like 44, or a full number."""
    answer = context.read(
        lambda conn: search.search_rates(
            conn,
            query=query,
            currency=currency,
            account_id=account_id,
            caller=caller,
            now=context.now(),
            limit=None if as_json or as_csv else FOUND_MAX,
        )
    )
    if as_json:
        print_many(answer.rates, as_json=True, columns=())
        return
    if as_csv:
        print_csv(answer.rates, columns=tuple(FoundRate.__dataclass_fields__))
        return
    if not answer.rates:
        click.echo(f"no rate covers {query}", err=True)
        return
    print_table([FOUND_COLUMNS, *(_found(rate) for rate in answer.rates)])
    for note in filter(None, (rate.note for rate in answer.rates)):
        click.echo(f"note: {note}", err=True)
    if answer.more:
        click.echo(f"and {answer.more} more; ask for a prefix", err=True)


def _found(rate: FoundRate) -> tuple[str, ...]:
    prices = [str(each.price) for each in rate.prices] or ["-"] * len(DEFAULT_SECONDS)
    intervals = "-" if rate.increment_s is None else f"{rate.first_interval_s}/{rate.increment_s} s"
    return (
        *(rate.kind, rate.country or "all", rate.category or "all", shown_prefix(rate) or "-"),
        *(_or_dash(rate.per_minute), _or_dash(rate.connection_fee), intervals, *prices),
        *(_or_dash(rate.month), _or_dash(rate.setup_fee)),
        f"{rate.valid_from:%Y-%m-%d}{' (future)' if rate.is_future else ''}",
    )


def _or_dash(amount: Decimal | None) -> str:
    return "-" if amount is None else str(amount)


COMMANDS: tuple[click.Command, ...] = (search_rates,)
