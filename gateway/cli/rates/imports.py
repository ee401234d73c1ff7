"""`rates import`, `versions`: whole decks."""

import gc
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import Data, csv_option, data_of, json_option, print_list, print_one
from gateway.cli.rates.prefix import shown_prefix
from gateway.decks import Terms
from gateway.domain.money import read_decimal
from gateway.usecases.rates import import_deck
from gateway.usecases.rates.import_deck import ChangedRow, ImportedRates, RowChange, RowPrices, TriedRates

SHOWN_MAX = 50
VERSIONS = ("id", "imported_at", "source", "rows")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def percent(text: str) -> Decimal:
    """An exact percentage, such as 12.5; ValueError is wrong usage."""
    amount = read_decimal(text)
    if amount is None:
        raise ValueError(text)
    return amount


@click.command("import")
@click.argument("file", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--mapping", type=_FILE, help="TOML: what the columns of a price list are whose header is not known.")
@click.option("--currency", help="Of a provider's price list.")
@click.option("--valid-from", metavar="DATE", help="From when a price list is valid; now unless given.")
@click.option(
    "--increment", "increment_s", type=integer, metavar="SECONDS", help="What calls are rounded up to; 60 unless given."
)
@click.option("--markup", type=percent, help="Percent added to each price of a price list; above -100.")
@click.option("--dearest-origin", is_flag=True, help="Make no difference between callers: the dearest price counts.")
@click.option("--any-prefix", is_flag=True, help="Take prefixes of no country, or of another than the row's own.")
@click.option("--ends", type=integer, metavar="N", help="How many destinations may end; to be said if most would.")
@json_option
@click.pass_obj
def import_file(
    context: CommandContext,
    /,
    *,
    file: Path,
    dry_run: bool,
    mapping: Path | None,
    ends: int | None,
    as_json: bool,
    **terms: Any,
) -> None:
    """Import a deck (CSV or Excel), the whole deck of each kind and currency in it, or nothing of it.

    FILE has our own columns, or is the price list of a provider (Twilio, Telnyx; others by --mapping), for which
    --currency must be given, as the list does not say it.
    """
    content, mapped = _content(file), None if mapping is None else _content(mapping)
    deck_terms = Terms(**terms)
    # Hundreds of thousands of rows are made and none of them is garbage: looking for some costs a third of the time.
    gc.disable()
    if dry_run:
        tried = context.run(
            lambda conn: import_deck.try_rates(
                conn, content=content, clock=context.clock, terms=deck_terms, mapping=mapped
            )
        )
        _print_tried(tried, as_json=as_json)
        _note(tried)
        return
    imported = context.run(
        lambda conn: import_deck.import_rates(
            conn,
            actor=context.actor,
            content=content,
            source=file.name,
            clock=context.clock,
            terms=deck_terms,
            mapping=mapped,
            ends=ends,
        )
    )
    print_one(_figures(imported), as_json=as_json)
    _note(imported)


@click.command("versions")
@csv_option
@json_option
@click.pass_obj
def list_versions(context: CommandContext, *, as_csv: bool, as_json: bool) -> None:
    """List the imports there were, the newest first."""
    print_list(context.read(import_deck.list_versions), columns=VERSIONS, as_csv=as_csv, as_json=as_json)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise click.FileError(str(file), error.strerror) from error


def _print_tried(tried: TriedRates, *, as_json: bool) -> None:
    if as_json:
        print_one(_figures(tried), as_json=True)
        return
    for change in RowChange:
        rows = [row for row in tried.rows if row.change == change]
        click.echo(f"{change.value:<8} {len(rows)}")
        for line in _lines(rows):
            click.echo(f"  {line}")


def _figures(done: ImportedRates) -> Data:
    """What is printed; warnings are messages, which go to standard error."""
    figures = data_of(done)
    del figures["warnings"]
    return figures


def _note(done: ImportedRates) -> None:
    for warning in done.warnings:
        click.echo(f"warning: {warning}", err=True)
    if done.left_out:
        rows = "row" if done.left_out == 1 else "rows"
        what = f"left out {done.left_out} {rows} for exactly one number"
        click.echo(f"note: {what}: too short to be called, or an ordinary row has its prefix", err=True)


def _lines(rows: list[ChangedRow]) -> Iterator[str]:
    for row in rows[:SHOWN_MAX]:
        where = " ".join(filter(None, (row.kind, shown_prefix(row), row.country, row.category, row.currency)))
        yield f"{where}: {_prices(row.old)} -> {_prices(row.new)} from {row.valid_from:%Y-%m-%d %H:%M:%S} UTC"
    if (more := len(rows) - SHOWN_MAX) > 0:
        yield f"and {more} more"


def _prices(prices: RowPrices | None) -> str:
    """A price with what else makes a row: a fee, and by which intervals."""
    if prices is None:
        return "none"
    fee = f" + {prices.connection_fee}" if prices.connection_fee else ""
    return f"{prices.per_minute}{fee} by {prices.first_interval_s}/{prices.increment_s} s"


COMMANDS: tuple[click.Command, ...] = (import_file, list_versions)
