"""`rates`: what calls and numbers cost."""

from typing import Final

import click

from gateway.cli.groups import LazyCommand, LazyGroup

_CHANGES: Final = "gateway.cli.rates.changes"
_IMPORTS: Final = "gateway.cli.rates.imports"


@click.group(
    cls=LazyGroup,
    lazy={
        "import": LazyCommand(_IMPORTS, "Import a deck (CSV or Excel)."),
        "search": LazyCommand("gateway.cli.rates.search", "Say what calls and numbers cost."),
        "set": LazyCommand(_CHANGES, "Set one price, and leave all others as they are."),
        "sniff": LazyCommand(_CHANGES, "Say by which mapping a price list would be read."),
        "undo": LazyCommand(_CHANGES, "Undo the newest import."),
        "versions": LazyCommand(_IMPORTS, "List the imports there were, the newest first."),
    },
)
def rates() -> None:
    """Rate decks."""


COMMANDS: tuple[click.Command, ...] = (rates,)
