"""`spool`: the call events that wait on disk while the database is away."""

import asyncio
from pathlib import Path
from typing import Any

import click

from gateway.cli.context import CommandContext, database
from gateway.cli.output import data_of, json_option, print_many, print_one
from gateway.clock import DatabaseClock
from gateway.domain.phone import mask
from gateway.postgres.session import translated_errors
from gateway.settings import Settings
from gateway.spool.file import read_records, spool_directory, spool_files
from gateway.spool.record import Record
from gateway.spool.set_aside import count_set_aside, files_set_aside, read_set_aside

COLUMNS = ("file", "received_at", "connection", "event", "call_id", "state")
_EVENTS = ("started", "refused", "answered", "ended", "hinted")


@click.group()
def spool() -> None:
    """Call events that wait on disk while the database is away."""


@spool.command("show")
@json_option
@click.pass_obj
def show(context: CommandContext, *, as_json: bool) -> None:
    """Show what waits, and what was put aside."""
    directory = spool_directory(context.settings().data)
    rows = [_row(path, record) for path in spool_files(directory) for record in read_records(path)]
    for path in files_set_aside(directory):
        rows += [_row(path, record, why=why) for why, record in read_set_aside(path)]
    print_many(rows, as_json=as_json, columns=COLUMNS)


@spool.command("replay")
@click.option("--set-aside", "with_set_aside", is_flag=True, help="Try what was put aside as well.")
@json_option
@click.pass_obj
def replay(context: CommandContext, *, with_set_aside: bool, as_json: bool) -> None:
    """Bring what dead processes left behind into the database; a living one does so with its own by itself.

    What still cannot be recorded is put aside again.
    """
    settings = context.all_settings()
    with translated_errors(), database(settings) as dsn:
        told = asyncio.run(_replay(settings, dsn, with_set_aside=with_set_aside))
    print_one(told, as_json=as_json)


async def _replay(settings: Settings, dsn: str, *, with_set_aside: bool) -> dict[str, int]:
    from gateway.app import running  # noqa: PLC0415 - the web server is only needed here
    from gateway.usecases.calls.ends.replay import replay_spool  # noqa: PLC0415 - as above

    async with running(settings, dsn, DatabaseClock(), workers=False) as process:
        spooled = process.context.spool
        if with_set_aside:
            await spooled.take_back()
        replayed = await replay_spool(spooled, process.book)
        return {"replayed": replayed, "waiting": spooled.count, "set_aside": count_set_aside(spooled.directory)}


def _row(path: Path, record: Record | None, *, why: str | None = None) -> dict[str, Any]:
    state = "waiting" if why is None else f"set aside: {why}"
    if record is None or record.event is None:
        unknown = dict.fromkeys(("received_at", "connection", "event", "call_id"))
        return {"file": path.name, **unknown, "state": state, "data": {}}
    data = data_of(record.event)
    for key in ("caller", "callee", "line"):
        if data.get(key):
            data[key] = mask(data[key])
    data.pop("control_url", None)
    return {
        "file": path.name,
        "received_at": record.received_at,
        "connection": record.connection,
        "event": next(name for name in _EVENTS if getattr(record, name) is not None),
        "call_id": record.event.call_id,
        "state": state,
        "data": data,
    }


COMMANDS: tuple[click.Command, ...] = (spool,)
