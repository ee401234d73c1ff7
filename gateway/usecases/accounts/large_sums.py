"""Sums so large that two operators must agree: one asks, another approves or refuses; until then nothing is booked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.accounts.large_sums import LargeSums, LargeSumState
from gateway.domain.accounts.low_balance import LowBalanceRule
from gateway.domain.errors import Conflict, NotFound
from gateway.postgres.accounts import large_sums
from gateway.postgres.accounts.accounts import require
from gateway.postgres.accounts.large_sums import LargeSumRow
from gateway.postgres.accounts.ledger import EntryRow
from gateway.postgres.types import PgConnection
from gateway.usecases.access.behind import person_behind
from gateway.usecases.access.write_down import write_down
from gateway.usecases.accounts.move_money import DEFAULT_RULE, book_movement, move, require_movable, warn_at_once
from gateway.usecases.accounts.movements import Movement
from gateway.usecases.lines.run_due import bring_up_to_date


async def move_or_wait(
    conn: PgConnection,
    *,
    actor: Actor,
    account_id: int,
    movement: Movement,
    large: LargeSums,
    now: datetime,
    rule: LowBalanceRule = DEFAULT_RULE,
) -> EntryRow | LargeSumRow:
    """Book a movement, or have it wait where it is large; a repeat gives what became of the first.

    Whoever asks again for what was refused, asks anew.
    """
    account = await require(conn, account_id=account_id)
    if not large.has(movement.amount, account.currency):
        return await move(conn, actor=actor, account_id=account_id, movement=movement, now=now, rule=rule)
    async with conn.transaction():
        found = await require_movable(conn, account_id=account_id, movement=movement)
        if isinstance(found, EntryRow):
            return found
        waiting = await large_sums.find_waiting(
            conn, account_id=account_id, kind=movement.kind, external_id=movement.external_id
        )
        return await _ask(conn, actor, account_id, movement, now) if waiting is None else _same(waiting, movement)


async def _ask(conn: PgConnection, actor: Actor, account_id: int, movement: Movement, now: datetime) -> LargeSumRow:
    large_sum_id = await large_sums.create(
        conn,
        account_id=account_id,
        kind=movement.kind,
        amount=movement.amount,
        external_id=movement.external_id,
        note=movement.note,
        call_id=movement.call_id,
        asked_by=await person_behind(conn, actor),
        now=now,
    )
    asked = await _found(conn, large_sum_id)
    what = f"large_sum:{large_sum_id}"
    await write_down(
        conn, actor, movement.action, what, account_id=account_id, after=asked, note=movement.note, now=now
    )
    return asked


def _same(waiting: LargeSumRow, movement: Movement) -> LargeSumRow:
    if (waiting.amount, waiting.call_id) != (movement.amount, movement.call_id):
        raise Conflict(
            "under the external id {external!r} another sum waits, {amount} {currency}",
            external=waiting.external_id,
            amount=waiting.amount,
            currency=waiting.currency,
        )
    return waiting


async def list_large_sums(
    conn: PgConnection,
    *,
    account_id: int | None = None,
    state: LargeSumState | None = None,
    before: int | None = None,
    limit: int = 100,
) -> Sequence[LargeSumRow]:
    """Newest first; of one account, or of all."""
    return await large_sums.page(conn, account_id=account_id, state=state, before=before, limit=limit)


async def approve_large_sum(
    conn: PgConnection, *, actor: Actor, large_sum_id: int, now: datetime, rule: LowBalanceRule = DEFAULT_RULE
) -> LargeSumRow:
    """Book it, as another than who asked: Conflict for whoever stands behind both."""
    account_id = (await _found(conn, large_sum_id)).account_id
    await bring_up_to_date(conn, account_id=account_id, now=now)
    async with conn.transaction():
        waiting = await _locked(conn, large_sum_id)
        approver = await person_behind(conn, actor)
        if approver == waiting.asked_by:
            raise Conflict("{approver} has asked for it: another operator is to approve it", approver=approver)
        booked = await book_movement(conn, account_id=account_id, movement=_movement_of(waiting), now=now)
        approved = replace(
            waiting,
            state=LargeSumState.APPROVED,
            decided_by=approver,
            decided_at=now,
            entry_id=booked.entry.id,
        )
        await _decide(conn, actor, waiting, approved, now=now)
    await warn_at_once(conn, account_id, rule=rule, now=now)
    return approved


async def refuse_large_sum(conn: PgConnection, *, actor: Actor, large_sum_id: int, now: datetime) -> LargeSumRow:
    """Have nothing booked; whoever asked takes it back so."""
    async with conn.transaction():
        waiting = await _locked(conn, large_sum_id)
        refused = replace(
            waiting, state=LargeSumState.REFUSED, decided_by=await person_behind(conn, actor), decided_at=now
        )
        await _decide(conn, actor, waiting, refused, now=now)
    return refused


async def _decide(
    conn: PgConnection, actor: Actor, waiting: LargeSumRow, decided: LargeSumRow, *, now: datetime
) -> None:
    await large_sums.decide(conn, decided)
    await write_down(
        conn,
        actor,
        Action.MONEY_APPROVE,
        f"large_sum:{waiting.id}",
        account_id=waiting.account_id,
        before=waiting,
        after=decided,
        note=waiting.note,
        now=now,
    )


async def _locked(conn: PgConnection, large_sum_id: int) -> LargeSumRow:
    """One that still waits, and is nobody else's to decide."""
    await large_sums.lock(conn, large_sum_id=large_sum_id)
    found = await _found(conn, large_sum_id)
    if found.state is not LargeSumState.WAITING:
        raise Conflict("it is {state} already, by {decided_by}", state=found.state, decided_by=found.decided_by)
    return found


async def _found(conn: PgConnection, large_sum_id: int) -> LargeSumRow:
    found = await large_sums.find(conn, large_sum_id=large_sum_id)
    if found is None:
        raise NotFound("there is no large sum {large_sum}", large_sum=large_sum_id)
    return found


def _movement_of(waiting: LargeSumRow) -> Movement:
    return Movement(
        kind=waiting.kind,
        amount=waiting.amount,
        external_id=waiting.external_id,
        note=waiting.note,
        call_id=waiting.call_id,
    )
