"""`serve`, `work`: the commands that run the gateway itself, which is imported when it is to run."""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import click

from gateway.cli.context import CommandContext
from gateway.clock import SystemClock
from gateway.postgres.session import translated_errors
from gateway.settings import Settings


@click.command()
@click.option("--demo", is_flag=True, help="With a small world to try things in.")
@click.option("--no-browser", is_flag=True, help="The demo opens no browser.")
@click.option("--host", help="Where to listen; else GATEWAY_HOST.")
@click.option("--port", help="Where to listen; else GATEWAY_PORT.")
@click.option("--data", help="Directory of the embedded database and the spool; else GATEWAY_DATA.")
@click.option("--processes", help="How many processes serve; else GATEWAY_PROCESSES.")
@click.option("--no-api", is_flag=True, help="Without the API; as GATEWAY_API=false.")
@click.option("--json", is_flag=True, expose_value=False, help="The first line is JSON anyway.")
@click.pass_obj
def serve(
    context: CommandContext,
    *,
    demo: bool,
    no_browser: bool,
    host: str | None,
    port: str | None,
    data: str | None,
    processes: str | None,
    no_api: bool,
) -> None:
    """Serve webhooks and do the work behind them, until told to stop."""
    from gateway.serve import serve as run_server  # noqa: PLC0415 - see above

    given = {"host": host, "port": port, "data": data, "processes": processes, "api": "false" if no_api else None}
    overrides = {name: value for name, value in given.items() if value is not None}
    _run(lambda: run_server(partial(_load, context.config, overrides), demo=demo, opens_browser=not no_browser))


@click.command()
@click.pass_obj
def work(context: CommandContext) -> None:
    """Do the work behind the webhooks (cutting, holds, lost ends) without serving."""
    from gateway.serve import work as run_workers  # noqa: PLC0415 - see above

    _run(lambda: run_workers(partial(_load, context.config, {})))


def _load(config: Path | None, overrides: Mapping[str, str]) -> Settings:
    """All settings, by whichever process of a gateway needs them, and as often."""
    return CommandContext(config=config, clock=SystemClock()).all_settings(overrides=overrides)


def _run(process: Callable[[], int]) -> None:
    with translated_errors():
        try:
            code = process()
        except OSError as error:
            # The address is taken, the directory cannot be written, the database is not there: the words say which.
            raise click.ClickException(str(error)) from error
    sys.exit(code)


COMMANDS: tuple[click.Command, ...] = (serve, work)
