"""`caps`: what an account may do at most, whatever its money allows."""

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import json_option, print_one
from gateway.domain.accounts.caps import Cap
from gateway.domain.accounts.caps_change import CapsChange
from gateway.domain.errors import InvalidInput
from gateway.usecases.accounts import set_caps


@click.group()
def caps() -> None:
    """Caps against fraud."""


@caps.command("show")
@click.argument("account_id", metavar="ACCOUNT", type=integer)
@json_option
@click.pass_obj
def show_caps(context: CommandContext, *, account_id: int, as_json: bool) -> None:
    """Show the caps of an account, and what counts against them now."""
    view = context.read(lambda conn: set_caps.show_caps(conn, account_id=account_id, now=context.now()))
    print_one(view, as_json=as_json)


@caps.command("set")
@click.argument("account_id", metavar="ACCOUNT", type=integer)
@click.option("--live-calls", metavar="N", help="Live calls at once.")
@click.option("--starts-a-minute", metavar="N", help="Calls connected within a minute.")
@click.option("--spend-a-day", metavar="AMOUNT", help="What calls may cost on a day of the account's time zone.")
@click.option(
    "--dearest-rate", metavar="AMOUNT", help="What the first minute may cost at most, with the connection fee."
)
@click.option(
    "--block-prefix",
    multiple=True,
    metavar="P",
    help="No calls to numbers that begin so, like +4479; dear: to all that is dear or abused.",
)
@click.option("--unblock-prefix", multiple=True, metavar="P", help="Takes back a --block-prefix.")
@click.option("--block-caller", multiple=True, metavar="C", help="No calls from this; +…: from all that begin so.")
@click.option("--unblock-caller", multiple=True, metavar="C", help="Takes back a --block-caller.")
@click.option("--no", "removed", multiple=True, metavar="CAP", help=f"One of {', '.join(Cap)}: as if never set.")
@json_option
@click.pass_obj
def change_caps(
    context: CommandContext,
    /,
    *,
    account_id: int,
    block_prefix: tuple[str, ...],
    unblock_prefix: tuple[str, ...],
    block_caller: tuple[str, ...],
    unblock_caller: tuple[str, ...],
    removed: tuple[str, ...],
    as_json: bool,
    **limits: str | None,
) -> None:
    """Set caps of an account; those that are not named stay."""
    change = CapsChange(
        limits={Cap(name): text for name, text in limits.items() if text is not None},
        block=_some({Cap.BLOCKED_PREFIXES: block_prefix, Cap.BLOCKED_CALLERS: block_caller}),
        unblock=_some({Cap.BLOCKED_PREFIXES: unblock_prefix, Cap.BLOCKED_CALLERS: unblock_caller}),
        removed=[_cap(text) for text in removed],
    )
    view = context.run(
        lambda conn: set_caps.set_caps(
            conn, actor=context.actor, account_id=account_id, change=change, now=context.now()
        )
    )
    print_one(view, as_json=as_json)


def _some(lists: dict[Cap, tuple[str, ...]]) -> dict[Cap, tuple[str, ...]]:
    return {cap: entries for cap, entries in lists.items() if entries}


def _cap(text: str) -> Cap:
    name = text.replace("-", "_")
    if name not in [cap.value for cap in Cap]:
        raise InvalidInput(f"no: {text!r} is not one of {', '.join(Cap)}")
    return Cap(name)


COMMANDS: tuple[click.Command, ...] = (caps,)
