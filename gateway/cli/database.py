"""`migrate`: bring the database to the schema of this version."""

import asyncio

import click

from gateway.cli.context import CommandContext, database_as_it_is
from gateway.cli.output import json_option, print_one
from gateway.postgres.migrate import migrate as apply_migrations
from gateway.postgres.session import translated_errors


@click.command()
@json_option
@click.pass_obj
def migrate(context: CommandContext, *, as_json: bool) -> None:
    """Apply the migrations that the database does not have yet."""
    with translated_errors(), database_as_it_is(context.settings()) as dsn:
        applied = asyncio.run(apply_migrations(dsn))
    print_one({"applied": applied}, as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (migrate,)
