"""`topup`, `refund`, `adjust`: what moves an account's money besides its calls and rents."""

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import json_option, print_one
from gateway.domain.money import parse_amount
from gateway.postgres.accounts.ledger import EntryRow
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts import move_money
from gateway.usecases.calls.shown.show import find_call_id


@click.command()
@click.argument("account_id", metavar="ID", type=integer)
@click.argument("amount")
@click.option("--external-id", required=True, help="The payment's own id: it counts once.")
@json_option
@click.pass_obj
def topup(context: CommandContext, *, account_id: int, amount: str, external_id: str, as_json: bool) -> None:
    """Add money to an account; overdue rents are paid from it first."""
    value = parse_amount(amount)
    settings = context.settings()
    entry = context.run(
        lambda conn: move_money.top_up(
            conn,
            actor=context.actor,
            account_id=account_id,
            amount=value,
            external_id=external_id,
            now=context.now(),
            rule=settings.low_balance,
        ),
        settings=settings,
    )
    print_one(entry, as_json=as_json)


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
    settings = context.settings()

    async def give_back(conn: PgConnection) -> EntryRow:
        return await move_money.refund(
            conn,
            actor=context.actor,
            account_id=account_id,
            amount=value,
            external_id=external_id,
            note=note,
            call_id=None if call is None else await find_call_id(conn, call),
            now=context.now(),
            rule=settings.low_balance,
        )

    print_one(context.run(give_back, settings=settings), as_json=as_json)


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
    settings = context.settings()
    entry = context.run(
        lambda conn: move_money.adjust(
            conn,
            actor=context.actor,
            account_id=account_id,
            amount=value,
            external_id=external_id,
            note=note,
            now=context.now(),
            rule=settings.low_balance,
        ),
        settings=settings,
    )
    print_one(entry, as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (topup, refund, adjust)
