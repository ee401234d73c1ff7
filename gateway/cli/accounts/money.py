"""`topup`, `refund`, `adjust`: what moves an account's money besides its calls and rents."""

from collections.abc import Awaitable, Callable

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import json_option, print_one
from gateway.domain.money import parse_amount
from gateway.postgres.accounts.large_sums import LargeSumRow
from gateway.postgres.accounts.ledger import EntryRow
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts.large_sums import move_or_wait
from gateway.usecases.accounts.movements import Movement, correction, given_back, payment
from gateway.usecases.calls.shown.references import find_call_id


@click.command()
@click.argument("account_id", metavar="ID", type=integer)
@click.argument("amount")
@click.option("--external-id", required=True, help="The payment's own id: it counts once.")
@json_option
@click.pass_obj
def topup(context: CommandContext, *, account_id: int, amount: str, external_id: str, as_json: bool) -> None:
    """Add money to an account; overdue rents are paid from it first."""
    value = parse_amount(amount)

    async def paid_in(_: PgConnection) -> Movement:
        return payment(amount=value, external_id=external_id)

    _move(context, account_id, paid_in, as_json=as_json)


@click.command()
@click.argument("account_id", metavar="ID", type=integer)
@click.argument("amount")
@click.option("--external-id", help="With one it counts once, however often it is given.")
@click.option("--note", help="What it is for.")
@click.option("--call", help="The call it is for, by its id or by CONNECTION:PROVIDER_ID: at most what that cost.")
@json_option
@click.pass_obj
def refund(
    context: CommandContext,
    *,
    account_id: int,
    amount: str,
    external_id: str | None,
    note: str | None,
    call: str | None,
    as_json: bool,
) -> None:
    """Give an account money back; overdue rents are paid from it first."""
    value = parse_amount(amount)

    async def give_back(conn: PgConnection) -> Movement:
        call_id = None if call is None else await find_call_id(conn, call)
        return given_back(amount=value, external_id=external_id, note=note, call_id=call_id)

    _move(context, account_id, give_back, as_json=as_json)


# A negative amount is no option.
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("account_id", metavar="ID", type=integer)
@click.argument("amount")
@click.option("--external-id", help="With one it counts once, however often it is given.")
@click.option("--note", help="Why.")
@json_option
@click.pass_obj
def adjust(
    context: CommandContext, *, account_id: int, amount: str, external_id: str | None, note: str | None, as_json: bool
) -> None:
    """Correct an account's balance by AMOUNT, which may be negative."""
    value = parse_amount(amount, negative=True)

    async def correct(_: PgConnection) -> Movement:
        return correction(amount=value, external_id=external_id, note=note)

    _move(context, account_id, correct, as_json=as_json)


def _move(
    context: CommandContext,
    account_id: int,
    find_movement: Callable[[PgConnection], Awaitable[Movement]],
    *,
    as_json: bool,
) -> None:
    """Book it and print the entry; or print what waits, and say on standard error that it does."""
    settings = context.settings()

    async def work(conn: PgConnection) -> EntryRow | LargeSumRow:
        return await move_or_wait(
            conn,
            actor=context.actor,
            account_id=account_id,
            movement=await find_movement(conn),
            large=settings.large_sums,
            now=context.now(),
            rule=settings.low_balance,
        )

    moved = context.run(work, settings=settings)
    print_one(moved, as_json=as_json)
    if isinstance(moved, LargeSumRow):
        click.echo(f"note: nothing is booked until another operator approves large sum {moved.id}", err=True)


COMMANDS: tuple[click.Command, ...] = (topup, refund, adjust)
