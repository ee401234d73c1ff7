"""`cells`: databases beside each other, each with whole accounts."""

import asyncio
import sys

import click

from gateway.cli.context import CommandContext
from gateway.cli.output import json_option, print_one
from gateway.postgres import cells as rows
from gateway.postgres.cells import Cell
from gateway.postgres.session import connected, translated_errors
from gateway.usecases.cells import begin_cell, compare_cells


@click.group()
def cells() -> None:
    """Several databases beside each other, each with whole accounts."""


@cells.command()
@click.argument("number", type=int)
@json_option
@click.pass_obj
def begin(context: CommandContext, *, number: int, as_json: bool) -> None:
    """Make this database, which is migrated and empty, cell NUMBER (1 to 899): its ids are those of no other cell."""
    print_one(
        context.run(lambda conn: begin_cell(conn, number, actor=context.actor, now=context.now())), as_json=as_json
    )


@cells.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@json_option
def check(*, urls: tuple[str, ...], as_json: bool) -> None:
    """Prove that no line and no connection is in two cells, and that their ids are apart; exit 1 if not.

    Leave passwords out of the databases' URLs: they are read from ~/.pgpass.
    """
    with translated_errors():
        found = asyncio.run(_read_all(urls))
    checked = compare_cells(found)
    print_one(checked, as_json=as_json)
    if not checked.ok:
        click.echo(f"Error: {len(checked.twice)} things are in more than one cell", err=True)
        sys.exit(1)


async def _read_all(urls: tuple[str, ...]) -> list[Cell]:
    return list(await asyncio.gather(*(_read(url) for url in urls)))


async def _read(url: str) -> Cell:
    async with connected(url, application_name="gateway-cli") as conn:
        return await rows.read(conn)


COMMANDS: tuple[click.Command, ...] = (cells,)
