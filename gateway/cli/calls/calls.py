"""`calls`: list them, explain one, cut one."""

import click

from gateway.cli.context import CommandContext
from gateway.cli.output import Data, data_of, json_option, print_many, print_one
from gateway.usecases.calls import show
from gateway.usecases.calls.show import CallView

COLUMNS = (
    "id",
    "state",
    "direction",
    "caller",
    "callee",
    "started_at",
    "granted_s",
    "billed_s",
    "charge",
    "reason",
    "flags",
)


@click.group()
def calls() -> None:
    """Calls and why they were decided as they were."""


@calls.command("list")
@click.option("--account", "account_id", type=int, help="Only this account's.")
@click.option("--live", "is_live", is_flag=True, help="Only those that are up.")
@click.option("--before", type=int, help="Only those before the call of this id.")
@click.option("--limit", default=100, show_default=True, help="At most so many.")
@json_option
@click.pass_obj
def list_calls(
    context: CommandContext, *, account_id: int | None, is_live: bool, before: int | None, limit: int, as_json: bool
) -> None:
    """List calls, newest first."""
    views = context.run(
        lambda conn: show.list_calls(conn, account_id=account_id, is_live=is_live, before=before, limit=limit)
    )
    print_many([_data(each) for each in views], as_json=as_json, columns=COLUMNS)


@calls.command("show")
@click.argument("reference", metavar="CALL")
@json_option
@click.pass_obj
def show_call(context: CommandContext, *, reference: str, as_json: bool) -> None:
    """Show a call, by its id or by CONNECTION:PROVIDER_ID, with its decision explained."""
    view = context.run(lambda conn: show.show_call(conn, reference=reference))
    print_one(_data(view), as_json=as_json)


@calls.command("cut")
@click.argument("reference", metavar="CALL")
@json_option
@click.pass_obj
def cut_call(context: CommandContext, *, reference: str, as_json: bool) -> None:
    """End a live call: the provider is asked at once by the process that works."""
    view = context.run(lambda conn: show.cut_call(conn, reference=reference, now=context.now()))
    print_one(_data(view), as_json=as_json)


def _data(view: CallView) -> Data:
    return data_of(view.call) | {"crm": [data_of(each) for each in view.crm], "explanation": view.explanation}


COMMANDS: tuple[click.Command, ...] = (calls,)
