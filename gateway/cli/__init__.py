"""The command line: each command reads its arguments, calls one use case and prints what it gives.

`--json` prints one object or one array on standard output; messages go to standard error. Exit 0: done, 1: refused or
failed, with the reason, 2: wrong usage.
"""

from pathlib import Path
from typing import Final

import click

from gateway import __version__
from gateway.cli.context import CommandContext
from gateway.cli.groups import LazyCommand, RootGroup
from gateway.clock import DatabaseClock

# Each command: the module below this package that has it, and what is said of it where all are listed. For that none is
# imported.
COMMANDS: Final = {
    "account": LazyCommand("accounts.accounts", "Open, show, change, block and close accounts."),
    "adjust": LazyCommand("accounts.money", "Correct an account's balance by an amount."),
    "archive": LazyCommand("calls.archive", "Write a month's calls to a file and take them out."),
    "audit": LazyCommand("access.audit", "Who did what, and what it was before."),
    "backup": LazyCommand("backup", "Write the embedded database and the spool to a file."),
    "calls": LazyCommand("calls.calls", "Calls, and why they were decided as they were."),
    "caps": LazyCommand("accounts.caps", "Caps against fraud."),
    "cells": LazyCommand("cells", "Several databases beside each other, with whole accounts each."),
    "check": LazyCommand("accounts.check", "Prove that balances, entries, holds and live calls agree."),
    "completion": LazyCommand("completion", "What a shell needs to complete commands."),
    "connection": LazyCommand("connections.connections", "Configured provider accounts."),
    "connector": LazyCommand("lines.connectors", "SIP connectors, the customers' own trunks."),
    "crm": LazyCommand("crm", "Calls on their way into CRMs."),
    "doctor": LazyCommand("doctor", "Find what is wrong right now, and what to do about it."),
    "events": LazyCommand("events", "What happens: calls, money, numbers."),
    "hook": LazyCommand("connections.hooks", "The last webhooks, as they came, without what is secret."),
    "kit": LazyCommand("connections.connections", "What is pasted into a connection's provider, filled in."),
    "large-sum": LazyCommand("accounts.large_sums", "Sums that wait for a second operator."),
    "ledger": LazyCommand("accounts.ledger", "What moved money."),
    "mail": LazyCommand("mail", "Mails to administrators and to the operator."),
    "migrate": LazyCommand("database", "Apply the migrations that the database does not have yet."),
    "number": LazyCommand("lines.numbers", "Rented numbers."),
    "person": LazyCommand("access.people", "People: who can sign in, and as what."),
    "quote": LazyCommand("rates.quote", "Say how a call would be decided, and what it would cost."),
    "rates": LazyCommand("rates.rates", "Rate decks."),
    "refund": LazyCommand("accounts.money", "Give an account money back."),
    "rents": LazyCommand("lines.rents", "Rents of numbers and connectors."),
    "restore": LazyCommand("backup", "Make a backup the data of this installation."),
    "serve": LazyCommand("serving", "Serve webhooks and do the work behind them."),
    "session": LazyCommand("access.sessions", "What people have open in their browsers."),
    "simulate": LazyCommand("lines.rents", "Say what will become of an account's money and numbers."),
    "spool": LazyCommand("calls.spool", "Call events that wait on disk while the database is away."),
    "token": LazyCommand("access.tokens", "What programs show to be let in."),
    "topup": LazyCommand("accounts.money", "Add money to an account."),
    "usage": LazyCommand("accounts.usage", "Add up calls by their day, or by something else."),
    "work": LazyCommand("serving", "Do the work behind the webhooks, without serving any."),
}


@click.group(
    cls=RootGroup,
    modules={name: f"{__name__}.{command.module}" for name, command in COMMANDS.items()},
    about={name: command.about for name, command in COMMANDS.items()},
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
