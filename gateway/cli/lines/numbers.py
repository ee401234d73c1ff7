"""`number`: the numbers that calls go out by or come in on."""

from datetime import datetime
from typing import Any

import click

from gateway.cli.context import CommandContext
from gateway.cli.groups import LazyCommand, LazyGroup
from gateway.cli.integers import integer
from gateway.cli.lines.listing import lines_wanted, print_lines
from gateway.cli.output import json_option, print_many, print_one
from gateway.domain.lines.line import CATEGORIES, LineState
from gateway.postgres.lines.lines import LineRow
from gateway.postgres.types import PgConnection
from gateway.usecases.lines import manage, rent, search
from gateway.usecases.lines.move import move_number

FOUND = ("country", "country_name", "currency", "number", "is_taken")
PRICES = ("category", "month", "setup_fee", "inbound_per_minute", "inbound_connection_fee", "valid_from")


@click.group(
    cls=LazyGroup,
    lazy={
        "give-up": LazyCommand("gateway.cli.lines.giving_up", "Give NAME up: it works for 24 h more."),
        "undo": LazyCommand("gateway.cli.lines.giving_up", "Keep NAME, which was given up less than 24 h ago."),
    },
)
def number() -> None:
    """Rented numbers."""


@number.command("add")
@click.argument("account_id", metavar="ACCOUNT", type=integer)
@click.argument("e164", metavar="+E164")
@click.option("--category", type=click.Choice(CATEGORIES), help="By the number itself unless given.")
@click.option(
    "--state",
    type=click.Choice([state.value for state in manage.FIRST_STATES]),
    default="active",
    show_default=True,
    help="What the number is from now on.",
)
@click.option(
    "--due",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day until which its rent is paid, for a number that is rented already; without: no rent is charged.",
)
@json_option
@click.pass_obj
def add_number(
    context: CommandContext,
    *,
    account_id: int,
    e164: str,
    category: str | None,
    state: str,
    due: datetime | None,
    as_json: bool,
) -> None:
    """Add a number to an account without charging anything."""
    if due is not None and state != LineState.ACTIVE:
        raise click.UsageError("--due decides the state, so --state is not given with it")

    async def add(conn: PgConnection) -> LineRow:
        if due is None:
            return await manage.add_number(
                conn,
                actor=context.actor,
                account_id=account_id,
                number=e164,
                category=category,
                state=state,
                now=context.now(),
            )
        return await rent.add_rented(
            conn,
            actor=context.actor,
            account_id=account_id,
            number=e164,
            category=category,
            due_on=due.date(),
            now=context.now(),
        )

    print_one(context.run(add), as_json=as_json)


@number.command("rent")
@click.argument("account_id", metavar="ACCOUNT", type=integer)
@click.argument("e164", metavar="+E164")
@click.option("--category", type=click.Choice(CATEGORIES), help="By the number itself unless given.")
@json_option
@click.pass_obj
def rent_number(context: CommandContext, *, account_id: int, e164: str, category: str | None, as_json: bool) -> None:
    """Rent a number: the setup fee and the first month are charged at once."""
    rented = context.run(
        lambda conn: rent.rent_number(
            conn, actor=context.actor, account_id=account_id, number=e164, category=category, now=context.now()
        )
    )
    print_one(rented, as_json=as_json)


@number.command("lost")
@click.argument("name", metavar="+E164")
@json_option
@click.pass_obj
def lost(context: CommandContext, *, name: str, as_json: bool) -> None:
    """Disconnect a number that its provider reports as lost."""
    disconnected = context.run(lambda conn: rent.report_lost(conn, actor=context.actor, name=name, now=context.now()))
    print_one(disconnected, as_json=as_json)


@number.command("list")
@click.argument("account_id", metavar="[ACCOUNT]", type=integer, required=False)
@lines_wanted
@click.pass_obj
def list_numbers(context: CommandContext, /, **wanted: Any) -> None:
    """List the lines of all accounts, or of one, their connectors too."""
    print_lines(context, **wanted)


@number.command("move")
@click.argument("name", metavar="NUMBER")
@click.argument("account_id", metavar="ACCOUNT", type=integer)
@json_option
@click.pass_obj
def move(context: CommandContext, *, name: str, account_id: int, as_json: bool) -> None:
    """Give a number to another account at once, with the month that is paid.

    Calls that are up, and ends that come later, are still those of the account it leaves.
    """
    moved = context.run(
        lambda conn: move_number(conn, actor=context.actor, name=name, account_id=account_id, now=context.now())
    )
    print_one(moved, as_json=as_json)


@number.command("search")
@click.argument("query")
@click.option("--category", type=click.Choice(CATEGORIES), help="All unless given.")
@click.option("--currency", help="The account's, or the only one there are prices in, unless given.")
@click.option("--account", "account_id", type=integer, metavar="ID", help="In whose currency and language.")
@json_option
@click.pass_obj
def search_numbers(
    context: CommandContext,
    *,
    query: str,
    category: str | None,
    currency: str | None,
    account_id: int | None,
    as_json: bool,
) -> None:
    """Say what renting a number costs: QUERY is a country, or the number itself."""
    answer = context.read(
        lambda conn: search.search_numbers(
            conn, query=query, category=category, currency=currency, account_id=account_id, now=context.now()
        )
    )
    if as_json:
        print_one(answer, as_json=True)
        return
    print_one({name: getattr(answer, name) for name in FOUND}, as_json=False)
    print_many(answer.prices, as_json=False, columns=PRICES)


COMMANDS: tuple[click.Command, ...] = (number,)
