"""The command line: each command reads its arguments, calls one use case and prints what it gives.

`--json` prints one object or one array on standard output; messages go to standard error. Exit 0: done, 1: refused or
failed, with the reason, 2: wrong usage.
"""

from pathlib import Path
from typing import Final

import click

from gateway import __version__
from gateway.cli.context import CommandContext
from gateway.cli.groups import RootGroup
from gateway.clock import DatabaseClock

# Each command, and the module below this package that has it.
MODULES: Final = {
    "account": "accounts.accounts",
    "adjust": "accounts.money",
    "archive": "calls.archive",
    "audit": "access.audit",
    "backup": "backup",
    "calls": "calls.calls",
    "caps": "accounts.caps",
    "cells": "cells",
    "check": "accounts.check",
    "completion": "completion",
    "connection": "connections.connections",
    "connector": "lines.connectors",
    "crm": "crm",
    "doctor": "doctor",
    "events": "events",
    "hook": "connections.hooks",
    "kit": "connections.connections",
    "large-sum": "accounts.large_sums",
    "ledger": "accounts.ledger",
    "mail": "mail",
    "migrate": "database",
    "number": "lines.numbers",
    "person": "access.people",
    "quote": "rates.quote",
    "rates": "rates.rates",
    "refund": "accounts.money",
    "rents": "lines.rents",
    "restore": "backup",
    "serve": "serving",
    "session": "access.sessions",
    "simulate": "lines.rents",
    "spool": "calls.spool",
    "token": "access.tokens",
    "topup": "accounts.money",
    "usage": "accounts.usage",
    "work": "serving",
}


@click.group(
    cls=RootGroup,
    modules={command: f"{__name__}.{module}" for command, module in MODULES.items()},
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--config", type=click.Path(path_type=Path), help="TOML file of settings; else GATEWAY_CONFIG.")
@click.version_option(__version__)
@click.pass_context
def cli(click_context: click.Context, config: Path | None) -> None:
    """A prepaid call gateway: authorizes, limits, cuts and charges telephone calls by webhook."""
    # Whoever calls this from a program may bring a clock along.
    click_context.obj = CommandContext(config=config, clock=click_context.obj or DatabaseClock())


def main() -> None:
    cli(prog_name="gateway")
