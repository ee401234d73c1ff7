"""The command line: each command reads its arguments, calls one use case and prints what it gives.

`--json` prints one object or one array on standard output; messages go to standard error. Exit 0: done, 1: refused or
failed, with the reason, 2: wrong usage.
"""

from pathlib import Path

import click

from gateway import __version__
from gateway.cli import crm, database, mail, rates, serving
from gateway.cli.accounts import accounts, caps, money
from gateway.cli.calls import calls, spool
from gateway.cli.connections import connections
from gateway.cli.context import CommandContext, ErrorGroup
from gateway.cli.lines import lines, rents
from gateway.clock import SystemClock


@click.group(cls=ErrorGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", type=click.Path(path_type=Path), help="TOML file of settings; else GATEWAY_CONFIG.")
@click.version_option(__version__)
@click.pass_context
def cli(click_context: click.Context, config: Path | None) -> None:
    """A prepaid call gateway: authorizes, limits, cuts and charges telephone calls by webhook."""
    # Whoever calls this from a program may bring a clock along.
    click_context.obj = CommandContext(config=config, clock=click_context.obj or SystemClock())


for _module in (
    serving,
    accounts,
    money,
    lines,
    rents,
    rates,
    caps,
    calls,
    database,
    connections,
    mail,
    crm,
    spool,
):
    for _command in _module.COMMANDS:
        cli.add_command(_command)


def main() -> None:
    cli(prog_name="gateway")
