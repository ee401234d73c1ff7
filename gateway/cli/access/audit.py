"""`audit list`: who did what."""

from datetime import datetime

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import at_utc, csv_option, instant_option, json_option, print_csv, print_many
from gateway.domain.access.actions import Action
from gateway.domain.access.actor import ActorKind
from gateway.postgres.access.audit import AuditFilters, AuditRow
from gateway.usecases.access.show_audit import show_audit

SHOWN = ("id", "at", "actor_kind", "actor_id", "actor_name", "action", "account_id", "object", "note")
COLUMNS = tuple(AuditRow.__dataclass_fields__)


@click.group()
def audit() -> None:
    """Who did what, and what it was before."""


@audit.command("list")
@click.option("--account", "account_id", type=integer, metavar="ID", help="Only what was done to this account.")
@click.option("--actor", metavar="KIND[:ID]", help="Only what this one did: cli:anna, token:12, or cli, token.")
@click.option("--action", type=click.Choice([each.value for each in Action]), metavar="ACTION", help="Only this.")
@click.option("--object", "changed", metavar="KIND:NAME", help="Only what was done to this: number:+15550100001.")
@instant_option("--from", "since", help="Only what was done then (UTC) or later.")
@instant_option("--to", "until", help="Only what was done before then (UTC).")
@click.option("--before", type=integer, help="Only rows before the one of this id.")
@click.option("--limit", default=100, show_default=True, help="At most so many.")
@csv_option
@json_option
@click.pass_obj
def list_audit(
    context: CommandContext,
    *,
    account_id: int | None,
    actor: str | None,
    action: str | None,
    changed: str | None,
    since: datetime | None,
    until: datetime | None,
    before: int | None,
    limit: int,
    as_csv: bool,
    as_json: bool,
) -> None:
    """List who did what, newest first; --json and --csv have what it was before, and after."""
    kind, actor_id = (None, None) if actor is None else _actor(actor)
    filters = AuditFilters(
        account_id=account_id,
        since=at_utc(since),
        until=at_utc(until),
        action=action,
        actor_kind=kind,
        actor_id=actor_id,
        object=changed,
    )
    rows = context.read(lambda conn: show_audit(conn, filters, before=before, limit=limit))
    if as_csv:
        print_csv(rows, columns=COLUMNS)
    else:
        print_many(rows, as_json=as_json, columns=SHOWN)


def _actor(text: str) -> tuple[str, str | None]:
    """KIND or KIND:ID."""
    kind, _, actor_id = text.partition(":")
    if kind not in list(ActorKind):
        raise click.BadParameter(f"{kind!r} is not one of {', '.join(ActorKind)}.", param_hint="--actor")
    return kind, actor_id or None


COMMANDS: tuple[click.Command, ...] = (audit,)
