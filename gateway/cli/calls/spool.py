"""`spool`: the call events that wait on disk while the database is away."""

import asyncio
from pathlib import Path
from typing import Any

import click
import msgspec

from gateway.cli.context import CommandContext, database
from gateway.cli.output import data_of, json_option, print_many, print_one
from gateway.clock import SystemClock
from gateway.domain.phone import mask
from gateway.postgres.session import translated_errors
from gateway.providers import adapters
from gateway.settings import Settings
from gateway.spool.file import REJECTED_SUFFIX, Record, read_records, spool_directory, spool_files

COLUMNS = ("file", "received_at", "connection", "event", "call_id", "state")


@click.group()
def spool() -> None:
    """Call events that wait on disk while the database is away."""


@spool.command("show")
@json_option
@click.pass_obj
def show(context: CommandContext, *, as_json: bool) -> None:
    """Show what waits, and what the database would not take."""
    directory = spool_directory(context.settings().data)
    rows = [_row(path, record) for path in spool_files(directory) for record in read_records(path)]
    for path in sorted(directory.glob(f"*{REJECTED_SUFFIX}")):
        for line in path.read_bytes().splitlines():
            rejected = msgspec.json.decode(line)
            rows.append(_row(path, msgspec.convert(rejected["record"], Record), why=rejected["why"]))
    print_many(rows, as_json=as_json, columns=COLUMNS)


@spool.command("replay")
@json_option
@click.pass_obj
def replay(context: CommandContext, *, as_json: bool) -> None:
    """Bring what dead processes left behind into the database; a living one does so with its own by itself."""
    settings = context.settings(kinds=adapters())
    with translated_errors(), database(settings) as dsn:
        count = asyncio.run(_replay(settings, dsn))
    print_one({"replayed": count}, as_json=as_json)


async def _replay(settings: Settings, dsn: str) -> int:
    from gateway.app import running  # noqa: PLC0415 - the web server is only needed here
    from gateway.usecases.calls.ends.replay import replay_spool  # noqa: PLC0415 - as above

    async with running(settings, dsn, SystemClock(), workers=False) as process:
        return await replay_spool(process.context.spool, process.book)


def _row(path: Path, record: Record, *, why: str | None = None) -> dict[str, Any]:
    kind, event = next(
        (name, value)
        for name in ("started", "answered", "ended", "hinted")
        if (value := getattr(record, name)) is not None
    )
    data = data_of(event)
    for key in ("caller", "callee", "line"):
        if data.get(key):
            data[key] = mask(data[key])
    data.pop("control_url", None)
    return {
        "file": path.name,
        "received_at": record.received_at,
        "connection": record.connection,
        "event": kind,
        "call_id": event.call_id,
        "state": "waiting" if why is None else f"not taken: {why}",
        "data": data,
    }


COMMANDS: tuple[click.Command, ...] = (spool,)
