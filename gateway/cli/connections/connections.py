"""`connection` and `kit`: the configured providers, what is pasted into them, and whether it works."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta

import click

from gateway.cli.connections.hook_client import ask_provider, send_hook
from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import json_option, print_many, print_one
from gateway.domain.errors import NotFound
from gateway.postgres.calls.found_calls import clock_differences
from gateway.postgres.types import PgConnection
from gateway.providers import adapters
from gateway.settings import Settings
from gateway.usecases.calls.clock_differences import APART
from gateway.usecases.calls.shown.rehearse import RehearsedCall, rehearse_call, require_on
from gateway.usecases.calls.try_control import ControlTried, try_control
from gateway.usecases.connections.receipts import HookHistory, read_histories

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


@click.group()
def connection() -> None:
    """Configured provider accounts."""


@connection.command("list")
@json_option
@click.pass_obj
def list_connections(context: CommandContext, *, as_json: bool) -> None:
    """List the connections; their secrets are counted, not shown.

    The secret used is the one that proved the last webhook: 1 is the newest. With --json each has the instant at which
    it last did, and a fingerprint, which tells two secrets apart and gives none away; the last webhook that was refused
    is there too, and why.

    The clock difference is by how many seconds the gateway's clock is ahead of the provider's, measured at the latest
    call start that told the provider's. One beyond 5 seconds is warned of.
    """
    settings = context.settings(kinds=adapters())
    apart, histories = context.run(lambda conn: _read(conn, settings), settings=settings)
    rows = [
        {
            "name": each.name,
            "kind": each.kind,
            "auth": each.auth,
            # R33: a connection without a secret is off.
            "state": "on" if each.secrets else "off",
            "secrets": len(each.secrets),
            **_of_history(histories[each.name]),
            "webhook_url": f"{settings.public_url}/hooks/{each.name}",
            "control_url": each.control_url,
            "clock_difference_s": round(apart[each.name].total_seconds(), 1) if each.name in apart else None,
        }
        for each in settings.connections.values()
    ]
    print_many(rows, as_json=as_json, columns=COLUMNS)
    for name in settings.connections:
        if abs(apart.get(name, timedelta())) > APART:
            click.echo(f"warning: {_say_clock(name, apart[name])}", err=True)


async def _read(conn: PgConnection, settings: Settings) -> tuple[Mapping[str, timedelta], Mapping[str, HookHistory]]:
    return await clock_differences(conn), await read_histories(conn, settings.connections)


def _of_history(history: HookHistory) -> Mapping[str, object]:
    """What the webhooks of a connection were like, as a row of the list has it."""
    hooks, used = history.hooks, history.last_used
    return {
        "last_hook_at": None if hooks is None else hooks.accepted_at,
        "secret_used": None if used is None else used.position,
        "secrets_used": [asdict(each) for each in history.secrets],
        "last_refused_at": None if hooks is None else hooks.refused_at,
        "last_refused_why": None if hooks is None else hooks.refused_why,
    }


def _say_clock(name: str, difference: timedelta) -> str:
    seconds = abs(round(difference.total_seconds(), 1))
    return f"the clock of {name}'s provider is {seconds} s {'behind' if difference > timedelta() else 'ahead of'} ours"


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
    if name not in settings.connections:
        raise NotFound(
            f"there is no connection {name}; the configuration has {', '.join(settings.connections) or 'none'}"
        )
    configured = settings.connections[name]
    text = adapters()[configured.kind].kit(configured, public_url=settings.public_url)
    if as_json:
        print_one({"connection": name, "kit": text}, as_json=True)
    else:
        click.echo(text.rstrip("\n"))


COMMANDS: tuple[click.Command, ...] = (connection, kit)
