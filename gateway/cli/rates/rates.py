"""`rates`: what calls and numbers cost."""

import click

from gateway.cli.groups import LazyGroup


@click.group(
    cls=LazyGroup,
    modules={
        **dict.fromkeys(("import", "versions"), "gateway.cli.rates.imports"),
        **dict.fromkeys(("set", "sniff", "undo"), "gateway.cli.rates.changes"),
        "search": "gateway.cli.rates.search",
    },
)
def rates() -> None:
    """Rate decks."""


COMMANDS: tuple[click.Command, ...] = (rates,)
