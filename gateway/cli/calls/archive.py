"""`archive`: write the calls of an old month to a file, and drop them."""

from pathlib import Path

import click

from gateway.cli.context import CommandContext
from gateway.cli.output import json_option, print_one
from gateway.domain.errors import Conflict
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts.check_ledger import check_ledger
from gateway.usecases.calls.archive import ArchivedMonth, archive_month, find_archivable, read_month


@click.command()
@click.argument("month")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--dry-run", is_flag=True, help="Say what would be archived, and change nothing.")
@json_option
@click.pass_obj
def archive(context: CommandContext, *, month: str, file: Path | None, dry_run: bool, as_json: bool) -> None:
    """Write the calls of MONTH (2026-01, by UTC), and the entries that charge them, to FILE, and drop them.

    FILE must not be there yet; it has a line of JSON for each call, in gzip. The ids stay known: a repeat of what was
    archived is refused, and an end of it is charged nothing. Gateways may run meanwhile.
    """
    if file is None and not dry_run:
        raise click.UsageError("name the FILE to write, or --dry-run")
    limits, now = context.settings().limits, context.now()

    async def work(conn: PgConnection) -> ArchivedMonth:
        asked = read_month(month)
        if dry_run or file is None:
            return await find_archivable(conn, asked, limits=limits, now=now)
        if not (await check_ledger(conn)).ok:
            raise Conflict("the books are not right, so nothing is archived: see `gateway check --full`")
        return await archive_month(conn, asked, file, actor=context.actor, limits=limits, now=now)

    print_one(context.run(work), as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (archive,)
