"""`connection` and `kit`: the configured providers, what is pasted into them, and whether it works."""

import asyncio
import secrets
from dataclasses import asdict

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import csv_option, json_option, print_list, print_one
from gateway.hook_client import ask_provider, send_hook
from gateway.postgres.provider_accounts import ProviderBalance, balances
from gateway.providers.registry import adapters
from gateway.usecases.calls.clock_differences import APART
from gateway.usecases.calls.shown.rehearse import RehearsedCall, rehearse_call, require_on
from gateway.usecases.calls.try_control import ControlTried, try_control
from gateway.usecases.connections.shown import ConnectionView, list_connection_views, write_kit

COLUMNS = (
    "name",
    "kind",
    "auth",
    "state",
    "last_hook_at",
    "secret_used",
    "webhook_url",
    "control_url",
    "clock_difference_s",
)

BALANCE_COLUMNS = tuple(ProviderBalance.__dataclass_fields__)


@click.group()
def connection() -> None:
    """Configured provider accounts."""


@connection.command("list")
@csv_option
@json_option
@click.pass_obj
def list_connections(context: CommandContext, *, as_csv: bool, as_json: bool) -> None:
    """List the connections; their secrets are counted, not shown.

    The secret used is the one that proved the last webhook: 1 is the newest. With --json each has the instant at which
    it last did, and a fingerprint, which tells two secrets apart and gives none away; the last webhook that was refused
    is there too, and why.

    The clock difference is by how many seconds the gateway's clock is ahead of the provider's, measured at the latest
    call start that told the provider's. One beyond 5 seconds is warned of.
    """
    settings = context.settings(kinds=adapters())
    views = context.run(lambda conn: list_connection_views(conn, settings), settings=settings)
    print_list(views, columns=COLUMNS, as_csv=as_csv, as_json=as_json)
    for each in views:
        if abs(each.clock_difference_s or 0) > APART.total_seconds():
            click.echo(f"warning: {_say_clock(each)}", err=True)


def _say_clock(view: ConnectionView) -> str:
    difference = view.clock_difference_s or 0
    where = "behind" if difference > 0 else "ahead of"
    return f"the clock of {view.name}'s provider is {abs(difference)} s {where} ours"


@connection.command("balances")
@csv_option
@json_option
@click.pass_obj
def list_balances(context: CommandContext, *, as_csv: bool, as_json: bool) -> None:
    """List what our accounts at providers have left, as those told it last that can be asked."""
    settings = context.settings(kinds=adapters())
    found = context.run(lambda conn: balances(conn, settings.connections), settings=settings)
    print_list(found, columns=BALANCE_COLUMNS, as_csv=as_csv, as_json=as_json)


@connection.command("test")
@click.argument("name")
@click.option("--line", required=True, help="The number or SIP connector that calls.")
@click.option("--callee", required=True, help="Whom it calls.")
@click.option("--seconds", type=integer, default=0, show_default=True, help="How long it talks; 0: nobody answers.")
@json_option
@click.pass_obj
def test_connection(context: CommandContext, *, name: str, line: str, callee: str, seconds: int, as_json: bool) -> None:
    """Send the hooks of a call through the running gateway, and say what the provider would have done.

    Nobody is called: the start, the answer and the end are made and signed here as connection NAME's provider makes
    them, and sent to the gateway's own address. But the call is a real one on record, from `gateway-test` and with an
    id that begins with `test-` (with 7e57 or 7357 where the provider's ids have no such letters). It counts for the
    account's caps, and costs what it costs: nothing unless --seconds lets it be answered. Nobody waits for these
    seconds, so no more of them are charged than the setting limits.seconds_tolerance allows; the reply says so.

    A control URL is tried too: it is asked what became of that call, and only "I know no such call" is right, in the
    words of the contract. Anything else is said, and the exit code is 1.
    """
    settings = context.settings(kinds=adapters())
    configured = require_on(settings, name)
    tried = context.run(
        lambda conn: rehearse_call(
            conn,
            actor=context.actor,
            settings=settings,
            connection=configured,
            line=line,
            callee=callee,
            seconds=seconds,
            token=secrets.token_hex(6),
            now=context.now(),
            send=send_hook,
        ),
        settings=settings,
    )
    control = None
    if tried.call is not None:
        call_id = tried.call.partition(":")[2]
        control = asyncio.run(try_control(configured, call_id=call_id, now=context.now(), ask=ask_provider(name)))
    if as_json:
        print_one({**asdict(tried), "control": control}, as_json=True)
    else:
        _print_tried(tried)
        _print_control(control)
    if control is not None and not control.is_right:
        raise SystemExit(1)


def _print_control(control: ControlTried | None) -> None:
    if control is not None:
        click.echo(f"{'control':<8}{'' if control.is_right else 'WRONG: '}{control.says}")


def _print_tried(tried: RehearsedCall) -> None:
    """What the provider would have done, step by step with the replies; then what is on record."""
    for step in tried.steps:
        click.echo(f"{step.name:<8}{step.does}")
        click.echo(f"{'':<8}{f'{step.status} {step.reply}'.strip()}")
    if tried.call is not None:
        click.echo(f"{'call':<8}{tried.call}")
        charged = "nothing" if not tried.charged else f"{tried.charged} {tried.currency} for {tried.billed_s} s"
        click.echo(f"{'charged':<8}{charged}")
    for note in tried.notes:
        click.echo(note)


@click.command()
@click.argument("name", metavar="CONNECTION")
@json_option
@click.pass_obj
def kit(context: CommandContext, *, name: str, as_json: bool) -> None:
    """Print what is pasted into a connection's provider, filled in for this installation."""
    settings = context.settings(kinds=adapters())
    text = write_kit(settings, name, with_secrets=True)
    if as_json:
        print_one({"connection": name, "kit": text}, as_json=True)
    else:
        click.echo(text.rstrip("\n"))


COMMANDS: tuple[click.Command, ...] = (connection, kit)
