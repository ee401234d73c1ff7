"""`account block`, `unblock`, `close`: whether an account may call and be charged."""

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import json_option, print_one
from gateway.domain.errors import Conflict
from gateway.usecases.accounts import block, close
from gateway.usecases.accounts.close import AccountClosing, ClosingMoney


@click.command("block")
@click.argument("account_id", metavar="ID", type=integer)
@click.option("--reason", required=True, help="Why; `account show` has it.")
@click.option("--cut", is_flag=True, help="End the calls that are up, but for emergency calls.")
@json_option
@click.pass_obj
def block_account(context: CommandContext, *, account_id: int, reason: str, cut: bool, as_json: bool) -> None:
    """Refuse all new calls of an account, incoming ones too; emergency calls still pass, and rents go on."""
    blocked = context.run(
        lambda conn: block.block_account(
            conn, actor=context.actor, account_id=account_id, reason=reason, cut=cut, now=context.now()
        )
    )
    print_one(blocked.account, as_json=as_json)
    if blocked.cut:
        click.echo(f"note: {blocked.cut} calls are being ended", err=True)
    if blocked.uncuttable:
        click.echo(f"warning: {blocked.uncuttable} calls go on, as the gateway cannot end them", err=True)


@click.command("unblock")
@click.argument("account_id", metavar="ID", type=integer)
@json_option
@click.pass_obj
def unblock_account(context: CommandContext, *, account_id: int, as_json: bool) -> None:
    """Let a blocked account call again."""
    account = context.run(
        lambda conn: block.unblock_account(conn, actor=context.actor, account_id=account_id, now=context.now())
    )
    print_one(account, as_json=as_json)


@click.command("close")
@click.argument("account_id", metavar="ID", type=integer)
@click.option(
    "--money",
    type=click.Choice([each.value for each in ClosingMoney]),
    help="What becomes of a balance: paid out or written off by an adjustment, or kept as it is.",
)
@click.option("--yes", "is_sure", is_flag=True, help="Do it; without this, what would be done is said.")
@json_option
@click.pass_obj
def close_account(context: CommandContext, *, account_id: int, money: str | None, is_sure: bool, as_json: bool) -> None:
    """Close an account for ever: its lines end at once, and nothing is booked any more but ends of its calls."""
    if not is_sure:
        raise Conflict(_said(context.run(lambda conn: close.plan_closing(conn, account_id=account_id))))
    settled = None if money is None else ClosingMoney(money)
    closed = context.run(
        lambda conn: close.close_account(
            conn, actor=context.actor, account_id=account_id, money=settled, now=context.now()
        )
    )
    print_one(closed, as_json=as_json)


def _said(closing: AccountClosing) -> str:
    """What closing would do, and how to say that it is wanted."""
    lines = f"these lines end at once, for ever: {', '.join(closing.lines)}" if closing.lines else "it has no lines"
    money = f"its balance is {closing.balance} {closing.currency}"
    needed = f"--money {'|'.join(ClosingMoney)} --yes" if closing.balance else "--yes"
    calls = f"\n{closing.live_calls} calls are up: they must be over first" if closing.live_calls else ""
    return f"nothing was changed. Account {closing.account_id}: {money}; {lines}.{calls}\nTo close it, say {needed}"


COMMANDS: tuple[click.Command, ...] = (block_account, unblock_account, close_account)
