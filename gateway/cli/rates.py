"""`rates` and `quote`: what calls cost."""

import gc
from pathlib import Path

import click

from gateway.cli.invocation import Invocation
from gateway.cli.output import json_option, print_one
from gateway.usecases import import_rates, quote_call


@click.group()
def rates() -> None:
    """Rate decks."""


@rates.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@json_option
@click.pass_obj
def import_deck(invocation: Invocation, *, file: Path, dry_run: bool, as_json: bool) -> None:
    """Import a rate deck (CSV), the whole deck of each kind and currency in it, or nothing of it."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise click.FileError(str(file), error.strerror) from error
    # Hundreds of thousands of rows are made and none of them is garbage: looking for some costs a third of the time.
    gc.disable()
    imported = invocation.run(
        lambda conn: import_rates.import_rates(
            conn, content=content, source=file.name, now=invocation.now(), is_dry_run=dry_run
        )
    )
    print_one(imported, as_json=as_json)


@click.command()
@click.argument("line")
@click.argument("callee")
@click.argument("more", nargs=-1, type=int, metavar="")
@click.option("--seconds", multiple=True, type=int, metavar="N …", help="Durations to price; 60 300 3600 unless given.")
@json_option
@click.pass_obj
def quote(
    invocation: Invocation, *, line: str, callee: str, more: tuple[int, ...], seconds: tuple[int, ...], as_json: bool
) -> None:
    """Say how a call of LINE to CALLEE would be decided and what it would cost."""
    if more and not seconds:
        raise click.UsageError("durations are given with --seconds")
    settings = invocation.settings()
    # `--seconds 60 300`: the option takes the first, the rest are left over as arguments.
    durations = sorted({*seconds, *more}) or quote_call.DEFAULT_SECONDS
    quoted = invocation.run(
        lambda conn: quote_call.quote_call(
            conn, line=line, callee=callee, seconds=durations, limits=settings.limits, now=invocation.now()
        ),
        settings=settings,
    )
    print_one(quoted, as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (rates, quote)
