"""`account export`: all that is known of an account, as a file."""

from pathlib import Path

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import json_option, print_one
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts.export import export_account
from gateway.web.api.resources.export import zip_of


@click.command("export")
@click.argument("account_id", metavar="ID", type=integer)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_obj
def export(context: CommandContext, *, account_id: int, file: Path, as_json: bool) -> None:
    """Write all that is known of an account to FILE, a ZIP of CSV; FILE must not be there yet."""

    async def write(conn: PgConnection) -> int:
        tables = await export_account(conn, account_id=account_id)
        try:
            with file.open("xb") as opened:
                async for part in zip_of(tables, at=context.now()):
                    opened.write(part)
                return opened.tell()
        except OSError as error:
            raise click.FileError(str(file), error.strerror) from error

    print_one({"file": str(file), "bytes": context.read(write)}, as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (export,)
