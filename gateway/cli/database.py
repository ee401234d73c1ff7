"""`migrate`: bring the database to the schema of this version."""

import asyncio

import click

from gateway.cli.context import CommandContext
from gateway.cli.output import json_option, print_one
from gateway.embedded.server import embedded_dsn
from gateway.log import configure
from gateway.postgres.migrate import migrate as apply_migrations
from gateway.postgres.session import translated_errors


@click.command()
@json_option
@click.pass_obj
def migrate(context: CommandContext, *, as_json: bool) -> None:
    """Apply the migrations that the database does not have yet."""
    settings = context.settings()
    configure(settings.log)
    with translated_errors():
        if settings.database_url is not None:
            applied = asyncio.run(apply_migrations(settings.database_url))
        else:
            with embedded_dsn(settings.data, bindir=settings.pg_bindir, os_user=settings.pg_os_user) as dsn:
                applied = asyncio.run(apply_migrations(dsn))
    print_one({"applied": applied}, as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (migrate,)
