"""The command line: each command reads its arguments, calls one use case and prints what it gives.

`--json` prints one object or one array on standard output; messages go to standard error. Exit 0: done, 1: refused or
failed, with the reason, 2: wrong usage.
"""

import atexit
import gc
from pathlib import Path
from typing import Final

import click

from gateway import __version__
from gateway.cli.groups import LazyCommand, RootGroup

COMMANDS: Final = {
    "account": LazyCommand(f"{__name__}.accounts.accounts", "Open, show, change, block and close accounts."),
    "adjust": LazyCommand(f"{__name__}.accounts.money", "Correct an account's balance by an amount."),
    "archive": LazyCommand(f"{__name__}.calls.archive", "Write a month's calls to a file and take them out."),
    "audit": LazyCommand(f"{__name__}.access.audit", "Who did what, and what it was before."),
    "backup": LazyCommand(f"{__name__}.backup", "Write the embedded database and the spool to a file."),
    "calls": LazyCommand(f"{__name__}.calls.calls", "Calls, and why they were decided as they were."),
    "caps": LazyCommand(f"{__name__}.accounts.caps", "Caps against fraud."),
    "cells": LazyCommand(f"{__name__}.cells", "Several databases beside each other, with whole accounts each."),
    "check": LazyCommand(f"{__name__}.accounts.check", "Prove that balances, entries, holds and live calls agree."),
    "completion": LazyCommand(f"{__name__}.completion", "What a shell needs to complete commands."),
    "connection": LazyCommand(f"{__name__}.connections.connections", "Configured provider accounts."),
    "connector": LazyCommand(f"{__name__}.lines.connectors", "SIP connectors, the customers' own trunks."),
    "crm": LazyCommand(f"{__name__}.crm", "Calls on their way into CRMs."),
    "doctor": LazyCommand(f"{__name__}.doctor", "Find what is wrong right now, and what to do about it."),
    "events": LazyCommand(f"{__name__}.events", "What happens: calls, money, numbers."),
    "hook": LazyCommand(f"{__name__}.connections.hooks", "The last webhooks, as they came, without what is secret."),
    "kit": LazyCommand(
        f"{__name__}.connections.connections", "What is pasted into a connection's provider, filled in."
    ),
    "large-sum": LazyCommand(f"{__name__}.accounts.large_sums", "Sums that wait for a second operator."),
    "ledger": LazyCommand(f"{__name__}.accounts.ledger", "What moved money."),
    "mail": LazyCommand(f"{__name__}.mail", "Mails to administrators and to the operator."),
    "migrate": LazyCommand(f"{__name__}.database", "Apply the migrations that the database does not have yet."),
    "number": LazyCommand(f"{__name__}.lines.numbers", "Rented numbers."),
    "person": LazyCommand(f"{__name__}.access.people", "People: who can sign in, and as what."),
    "quote": LazyCommand(f"{__name__}.rates.quote", "Say how a call would be decided, and what it would cost."),
    "rates": LazyCommand(f"{__name__}.rates.rates", "Rate decks."),
    "refund": LazyCommand(f"{__name__}.accounts.money", "Give an account money back."),
    "rents": LazyCommand(f"{__name__}.lines.rents", "Rents of numbers and connectors."),
    "restore": LazyCommand(f"{__name__}.backup", "Make a backup the data of this installation."),
    "serve": LazyCommand(f"{__name__}.serving", "Serve webhooks and do the work behind them."),
    "session": LazyCommand(f"{__name__}.access.sessions", "What people have open in their browsers."),
    "simulate": LazyCommand(f"{__name__}.lines.rents", "Say what will become of an account's money and numbers."),
    "spool": LazyCommand(f"{__name__}.calls.spool", "Call events that wait on disk while the database is away."),
    "token": LazyCommand(f"{__name__}.access.tokens", "What programs show to be let in."),
    "topup": LazyCommand(f"{__name__}.accounts.money", "Add money to an account."),
    "usage": LazyCommand(f"{__name__}.accounts.usage", "Add up calls by their day, or by something else."),
    "work": LazyCommand(f"{__name__}.serving", "Do the work behind the webhooks, without serving any."),
}


@click.group(
    cls=RootGroup,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--config", type=click.Path(path_type=Path), help="TOML file of settings; else GATEWAY_CONFIG.")
@click.version_option(__version__)
@click.pass_context
def cli(click_context: click.Context, config: Path | None) -> None:
    """A prepaid call gateway: authorizes, limits, cuts and charges telephone calls by webhook."""
    from gateway.cli.context import CommandContext  # noqa: PLC0415 - what only lists commands needs none
    from gateway.clock import DatabaseClock  # noqa: PLC0415 - as above

    # Off since `main`: the command is imported by now.
    gc.enable()
    # Whoever calls this from a program may bring a clock along.
    click_context.obj = CommandContext(config=config, clock=click_context.obj or DatabaseClock())


def main() -> None:
    # What is imported is no garbage: looking for some in it, on the way and at the end, costs a sixth of a command.
    gc.disable()
    atexit.register(gc.freeze)
    cli(prog_name="gateway")
