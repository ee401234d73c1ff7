"""Set an account's caps against fraud, show them and what counts against them (R17)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.access.permissions import Permission, may
from gateway.domain.accounts.caps_change import CapsChange, changed_caps, only_tightens
from gateway.domain.errors import Forbidden, NotFound
from gateway.numbers.blocked import spell_blocked
from gateway.postgres.accounts import accounts, caps
from gateway.postgres.accounts.caps import CapsRow
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down


@dataclass(frozen=True, slots=True, kw_only=True)
class CapUseView:
    """What counts against the caps now; what live calls hold counts as spent."""

    day: date
    spent: Decimal
    held: Decimal
    live_calls: int
    starts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsView:
    """The caps of an account, None or empty for those it has not."""

    account_id: int
    currency: str
    live_calls: int | None
    starts_a_minute: int | None
    spend_a_day: Decimal | None
    dearest_rate: Decimal | None
    blocked_prefixes: tuple[str, ...]
    blocked_callers: tuple[str, ...]
    use: CapUseView


async def show_caps(conn: PgConnection, *, account_id: int, now: datetime) -> CapsView:
    """The caps of an account and their use, or NotFound."""
    return _view(await _require(conn, account_id=account_id, now=now))


async def set_caps(conn: PgConnection, *, actor: Actor, account_id: int, change: CapsChange, now: datetime) -> CapsView:
    """Change the caps that are named, or raise InvalidInput naming all that is wrong, and change nothing.

    They hold from the next start on; calls that are up go on. Forbidden where a cap would let more pass, and whoever
    asks may only tighten.
    """
    async with conn.transaction():
        await accounts.lock(conn, account_id=account_id)
        before = await _require(conn, account_id=account_id, now=now)
        after = replace(before, caps=changed_caps(before.caps, spell_blocked(change)))
        action = Action.CAPS_TIGHTEN if only_tightens(before.caps, after.caps) else Action.CAPS_CHANGE
        if may(actor, action, account_id) is not Permission.ALLOWED:
            raise Forbidden("this would let more pass than before: an account's administrator may only tighten caps")
        if after.caps != before.caps:
            await caps.put(conn, after)
            await write_down(
                conn,
                actor,
                action,
                f"caps:{account_id}",
                account_id=account_id,
                before=_view(before),
                after=_view(after),
                now=now,
            )
    return _view(after)


async def _require(conn: PgConnection, *, account_id: int, now: datetime) -> CapsRow:
    row = await caps.find(conn, account_id=account_id, now=now)
    if row is None:
        raise NotFound("there is no account {account}", account=account_id)
    return row


def _view(row: CapsRow) -> CapsView:
    use = row.use
    return CapsView(
        account_id=row.account_id,
        currency=row.currency,
        live_calls=row.caps.live_calls,
        starts_a_minute=row.caps.starts_a_minute,
        spend_a_day=row.caps.spend_a_day,
        dearest_rate=row.caps.dearest_rate,
        blocked_prefixes=row.caps.blocked_prefixes,
        blocked_callers=row.caps.blocked_callers,
        use=CapUseView(day=use.day, spent=use.spent, held=row.held, live_calls=use.live, starts=use.starts),
    )
