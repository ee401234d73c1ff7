"""`connection test`: a call through the running gateway, as its provider would make it."""

import asyncio
import secrets
from dataclasses import asdict

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import json_option, print_one
from gateway.hook_client import ask_provider, send_hook
from gateway.usecases.calls.shown.rehearse import RehearsedCall, rehearse_call, require_on
from gateway.usecases.calls.try_control import ControlTried, try_control


@click.command("test")
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
    settings = context.all_settings()
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


COMMANDS: tuple[click.Command, ...] = (test_connection,)
