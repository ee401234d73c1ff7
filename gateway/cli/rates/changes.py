"""`rates set`, `rates undo` and `rates sniff`: one price without a file, an import taken back, a list looked at."""

from pathlib import Path
from typing import Any

import click
import msgspec

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import data_of, json_option, print_one
from gateway.decks import Terms, read_deck, recognise
from gateway.decks.sniffing import propose
from gateway.domain.errors import InvalidInput
from gateway.domain.rates.deck import DeckRow
from gateway.domain.rates.rate import RateKind
from gateway.usecases.rates.set_rate import set_rate
from gateway.usecases.rates.undo_import import undo_import

SHOWN_ROWS = 10
SHOWN = (
    *("line", "prefix", "caller_prefixes", "country", "per_minute", "connection_fee"),
    *("first_interval_s", "increment_s", "valid_from", "currency"),
)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("set")
@click.argument("row", nargs=-1, metavar="[PREFIX] PER_MINUTE")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in RateKind]),
    default=RateKind.OUTBOUND.value,
    show_default=True,
    help="What it prices.",
)
@click.option("--currency", required=True, help="Of ISO 4217, like USD.")
@click.option("--country", default="", help="Of our number; of an outbound rate it is a label.")
@click.option("--category", default="", help="Of our number; `short` for short numbers of the country.")
@click.option(
    "--callers", "caller_prefixes", default="", help="What callers begin with whom it is for; all unless given."
)
@click.option("--fee", "connection_fee", default="", help="What an answered call costs at once.")
@click.option("--first", "first_interval_s", default="", metavar="SECONDS", help="Charged at least.")
@click.option("--increment", "increment_s", default="", metavar="SECONDS", help="Charged after those; 60 unless given.")
@click.option("--valid-from", default="", metavar="DATE", help="Now unless given.")
@click.option("--any-prefix", is_flag=True, help="Take a prefix of no country, or of another than the row's own.")
@json_option
@click.pass_obj
def set_price(
    context: CommandContext, /, *, row: tuple[str, ...], any_prefix: bool, as_json: bool, **texts: Any
) -> None:
    """Set one price, and leave all others as they are. Inbound rates and rents have no PREFIX."""
    if not 1 <= len(row) <= 2:
        raise click.UsageError("a prefix and a price are needed, or a price alone for inbound rates and rents")
    prefix, per_minute = ("", *row)[-2:]
    said = {
        **texts,
        "prefix": prefix,
        "per_minute": per_minute,
        "valid_from": texts["valid_from"] or context.now().isoformat(),
    }
    done = context.run(
        lambda conn: set_rate(conn, actor=context.actor, texts=said, any_prefix=any_prefix, clock=context.clock)
    )
    print_one({**said, "version": done.version}, as_json=as_json)


@click.command("undo")
@click.argument("version", type=integer)
@json_option
@click.pass_obj
def undo(context: CommandContext, *, version: int, as_json: bool) -> None:
    """Undo the newest import: what was valid before VERSION is so again from now on, by another version."""
    done = data_of(
        context.run(lambda conn: undo_import(conn, actor=context.actor, version=version, clock=context.clock))
    )
    print_one({name: done[name] for name in ("added", "changed", "removed", "version")}, as_json=as_json)


@click.command("sniff")
@click.argument("file", type=_FILE)
@json_option
@click.pass_obj
def sniff(context: CommandContext, *, file: Path, as_json: bool) -> None:
    """Say by which mapping a price list would be read, and its first rows as read.

    Save what it prints, correct it, and give it to `rates import --mapping`.
    """
    content = file.read_bytes()
    layout, _ = recognise(content)
    mapping = None if layout is not None else propose(content).toml
    terms = Terms(currency="USD") if layout is not None else Terms()
    try:
        rows = read_deck(content, terms, mapping=None if mapping is None else mapping.encode(), now=context.now()).rows
        problems: list[str] = []
    except InvalidInput as error:
        rows, problems = [], str(error).splitlines()
    if as_json:
        known = None if layout is None else layout.name
        found = {"known": known, "mapping": mapping, "rows": list(map(_shown, rows[:SHOWN_ROWS])), "problems": problems}
        click.echo(msgspec.json.encode(found))
        return
    click.echo(mapping if layout is None else f"# the price list of {layout.name}: it needs no mapping")
    for row in rows[:SHOWN_ROWS]:
        click.echo("# " + " ".join(f"{name} {value}" for name, value in _shown(row).items() if value))
    for problem in problems:
        click.echo(problem, err=True)


def _shown(row: DeckRow) -> dict[str, object]:
    """A row as it was read, so that its columns can be told apart."""
    data = {**data_of(row.rate), "line": row.line}
    return {name: data[name] for name in SHOWN}


COMMANDS: tuple[click.Command, ...] = (set_price, sniff, undo)
