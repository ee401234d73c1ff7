"""Every use case that changes something writes down who did it, in the transaction of the change."""

from datetime import datetime

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.postgres.access import audit
from gateway.postgres.types import PgConnection


async def write_down(
    conn: PgConnection,
    actor: Actor,
    action: Action,
    object: str,  # noqa: A002 - what was done something to
    *,
    now: datetime,
    account_id: int | None = None,
    before: object = None,
    after: object = None,
    note: str | None = None,
) -> None:
    """One row of the audit for one change. `object` is KIND:NAME, as `account:1`, `number:+15550100001`, `call:7`.

    `before` and `after` are the object as it is shown, a dataclass or plain values; None where it was not there.
    """
    await audit.append(
        conn, actor, action, account_id=account_id, object=object, before=before, after=after, note=note, now=now
    )
