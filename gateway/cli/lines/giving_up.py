"""`number give-up`, `undo`, and the same of connectors."""

import click

from gateway.cli.context import CommandContext
from gateway.cli.output import json_option, print_one
from gateway.usecases.lines import rent


@click.command("give-up")
@click.argument("name")
@json_option
@click.pass_obj
def give_up(context: CommandContext, *, name: str, as_json: bool) -> None:
    """Give NAME up: it works for 24 h more, and is not renewed."""
    given_up = context.run(lambda conn: rent.give_up(conn, actor=context.actor, name=name, now=context.now()))
    print_one(given_up, as_json=as_json)


@click.command("undo")
@click.argument("name")
@json_option
@click.pass_obj
def undo(context: CommandContext, *, name: str, as_json: bool) -> None:
    """Keep NAME, which was given up less than 24 h ago."""
    kept = context.run(lambda conn: rent.undo_give_up(conn, actor=context.actor, name=name, now=context.now()))
    print_one(kept, as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (give_up, undo)
