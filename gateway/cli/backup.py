"""`backup`, `restore`: an installation with the embedded database as one file."""

from pathlib import Path

import click

from gateway.backups import back_up
from gateway.backups import restore as restore_backup
from gateway.cli.context import CommandContext
from gateway.cli.output import json_option, print_one
from gateway.domain.errors import Conflict
from gateway.log import configure
from gateway.postgres.session import translated_errors
from gateway.settings import Settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_obj
def backup(context: CommandContext, *, file: Path, as_json: bool) -> None:
    """Write the embedded database and the spool to FILE, whether or not a gateway runs.

    FILE must not be there yet. The configuration is not in it. An external database is backed up by its own means.
    """
    settings = _embedded(
        context, 'pg_dump --format=custom --file=FILE "$GATEWAY_DATABASE_URL", or by continuous archiving (PITR)'
    )
    with translated_errors():
        written = back_up(settings, file, now=context.now())
    print_one(written, as_json=as_json)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Delete the database that the data directory has.")
@json_option
@click.pass_obj
def restore(context: CommandContext, *, file: Path, replace: bool, as_json: bool) -> None:
    """Make the backup FILE the data of this installation, while no gateway runs.

    A data directory with a database is refused without --replace. Call events that wait on its disk stay in any case,
    and are applied with those of the backup when the gateway starts. A backup of an older version gets the schema of
    this one; one of a newer version is refused.
    """
    settings = _embedded(context, 'pg_restore --no-owner --dbname="$GATEWAY_DATABASE_URL" FILE, into an empty database')
    with translated_errors():
        restored = restore_backup(settings, file, replaces=replace)
    print_one(restored, as_json=as_json)


def _embedded(context: CommandContext, otherwise: str) -> Settings:
    """The settings of an installation with the embedded database; Conflict says how it is done with another."""
    settings = context.settings()
    configure(settings.log)
    if settings.database_url is not None:
        raise Conflict(
            f"the database is external, so use its own programs: {otherwise}."
            f" Call events that wait for it are in {settings.data / 'spool'}"
        )
    return settings


COMMANDS: tuple[click.Command, ...] = (backup, restore)
