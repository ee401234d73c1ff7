"""`quote`: how a call would be decided, and what it would cost."""

from dataclasses import fields

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import json_option, print_one
from gateway.domain.explanation import Fact
from gateway.domain.rates.prices import DEFAULT_SECONDS
from gateway.usecases.calls.shown.quote import NO_CONNECTION, quote_call
from gateway.words.speech import say


@click.command()
@click.argument("line")
@click.argument("callee")
@click.argument("more", nargs=-1, type=integer, metavar="")
@click.option("--connection", metavar="NAME", help="By which it would come; else by one that sends E.164.")
@click.option(
    "--seconds", multiple=True, type=integer, metavar="N …", help="Durations to price; 60 300 3600 unless given."
)
@json_option
@click.pass_obj
def quote(
    context: CommandContext,
    *,
    line: str,
    callee: str,
    more: tuple[int, ...],
    connection: str | None,
    seconds: tuple[int, ...],
    as_json: bool,
) -> None:
    """Say how a call of LINE to CALLEE would be decided and what it would cost."""
    if more and not seconds:
        raise click.UsageError("durations are given with --seconds")
    settings = context.settings()
    # `--seconds 60 300`: the option takes the first, the rest are left over as arguments.
    durations = sorted({*seconds, *more}) or DEFAULT_SECONDS
    by = NO_CONNECTION if connection is None else settings.require_connection(connection)
    quoted = context.run(
        lambda conn: quote_call(
            conn, line=line, callee=callee, seconds=durations, connection=by, limits=settings.limits, now=context.now()
        ),
        settings=settings,
    )
    print_one({each.name: _in_words(getattr(quoted, each.name)) for each in fields(quoted)}, as_json=as_json)


def _in_words(value: object) -> object:
    """What is explained is said in English; all else is what it is."""
    match value:
        case Fact():
            return say(value)
        case list():
            return [_in_words(each) for each in value]
        case _:
            return value


COMMANDS: tuple[click.Command, ...] = (quote,)
