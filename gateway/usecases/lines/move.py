"""Move a number from one account to another, with its paid month.

The number's line at its old account ends and a new line begins in the same instant. So calls that are up, and ends that
come later, stay those of the account that they belong to (R21).
"""

from dataclasses import replace
from datetime import datetime

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.errors import Conflict, NotFound
from gateway.domain.lines.line import LineKind, LineState
from gateway.domain.lines.rent_state import Disconnected, GivenUp
from gateway.numbers.parties import read_number
from gateway.postgres.accounts import accounts
from gateway.postgres.accounts.accounts import LockedAccount
from gateway.postgres.lines import lines, subscriptions
from gateway.postgres.lines.lines import LineRow
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down
from gateway.usecases.lines.manage import object_of
from gateway.usecases.lines.run_due import bring_locked_up_to_date, bring_up_to_date, calendars, settle_overdue, write


async def move_number(conn: PgConnection, *, actor: Actor, name: str, account_id: int, now: datetime) -> LineRow:
    """Give a number to another account: rent, due date and state go along, and nothing is charged for what is paid.

    A suspended number is paid for by its new account at once, if that can. NotFound where there is no such number or
    account; Conflict where it is given up or disconnected, is this account's, or has a rent in another currency. In the
    audit it is of no account: neither may know of the other.
    """
    number = read_number(name)
    named = await subscriptions.find(conn, name=number)
    if named is None:
        raise NotFound("there is no line {name}", name=name)
    await accounts.require(conn, account_id=account_id)
    for each in (named.account_id, account_id):
        await bring_up_to_date(conn, account_id=each, now=now)
    async with conn.transaction():
        owner, taker = await _lock_both(conn, named.account_id, account_id, now=now)
        line = await lines.get(conn, line_id=named.id)
        _require_movable(line, owner, taker)
        moved_id = await _move(conn, line, owner, taker, now=now)
        await settle_overdue(conn, taker.id, now=now)
        moved = await lines.get(conn, line_id=moved_id)
        await write_down(conn, actor, Action.NUMBERS_CHANGE, object_of(moved), before=line, after=moved, now=now)
    return moved


async def _lock_both(
    conn: PgConnection, owner_id: int, taker_id: int, *, now: datetime
) -> tuple[LockedAccount, LockedAccount]:
    """Both accounts, locked in the order of their ids and brought up to date."""
    if owner_id == taker_id:
        raise Conflict("the number is a line of account {taker} already", taker=taker_id)
    locked = {
        account_id: await accounts.lock_living(conn, account_id=account_id)
        for account_id in sorted((owner_id, taker_id))
    }
    for account_id, account in locked.items():
        locked[account_id] = await bring_locked_up_to_date(conn, account, now=now)
    return locked[owner_id], locked[taker_id]


def _require_movable(line: LineRow, owner: LockedAccount, taker: LockedAccount) -> None:
    if line.kind != LineKind.NUMBER:
        raise Conflict("{name} is a connector, which is its account's own trunk: it cannot be moved", name=line.name)
    if line.state == LineState.DISCONNECTED:
        raise Conflict(
            "{name} is disconnected: add it to account {taker} with `gateway number add` or `rent`",
            name=line.name,
            taker=taker.id,
        )
    if line.ends_at is not None:
        raise Conflict("{name} is given up: keep it first, with `gateway number undo {name}`", name=line.name)
    if line.rent is not None and owner.currency != taker.currency:
        raise Conflict(
            "the rent of {name} is in {currency}, and account {taker} in {other}: give it up there, and rent it here",
            name=line.name,
            currency=owner.currency,
            taker=taker.id,
            other=taker.currency,
        )


async def _move(conn: PgConnection, line: LineRow, owner: LockedAccount, taker: LockedAccount, *, now: datetime) -> int:
    """End the line at its owner, begin one at the taker in the same state; its id."""
    [calendar] = await calendars(conn, [owner], [line.id], now=now)
    before = calendar.lines[line.id]
    assert not isinstance(before.state, Disconnected | GivenUp), "it was seen to be movable"  # noqa: S101
    calendar.schedule(replace(before, state=Disconnected(disconnected_at=now, before=before.state)))
    await write(conn, [calendar], now=now)
    added = await lines.add(
        conn,
        account_id=taker.id,
        kind=LineKind.NUMBER,
        name=line.name,
        state=before.line_state,
        country=line.country,
        category=line.category,
        now=now,
    )
    assert added is not None, "its name was free a moment ago, and both accounts are locked"  # noqa: S101
    [calendar] = await calendars(conn, [taker], [added.id], now=now)
    calendar.schedule(replace(calendar.lines[added.id], state=before.state))
    await write(conn, [calendar], now=now)
    return added.id
