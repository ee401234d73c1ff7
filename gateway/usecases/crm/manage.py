"""Look at the calls that CRMs are not told of any more, and have one told again."""

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.errors import Conflict, InvalidInput, NotFound
from gateway.postgres import crm
from gateway.postgres.crm import CrmPlace, CrmRow
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down
from gateway.usecases.calls.shown.show import LIMIT_MAX, show_call


async def list_given_up(conn: PgConnection, *, before: int | None = None, limit: int = 100) -> list[CrmRow]:
    """Calls that were given up, newest first; `before` is the id of the last one of the page before."""
    if not 1 <= limit <= LIMIT_MAX:
        raise InvalidInput("limit: must be from 1 to {most}", most=LIMIT_MAX)
    return await crm.given_up(conn, before=before, limit=limit)


async def page_given_up(conn: PgConnection, *, after: CrmPlace | None, limit: int) -> list[CrmRow]:
    """Calls that were given up, newest first, from after a row on."""
    return await crm.page_given_up(conn, after=after, limit=limit)


async def try_again(conn: PgConnection, *, actor: Actor, reference: str, now: datetime) -> list[CrmRow]:
    """Have a call told again that was given up; how far each of its CRMs is. Conflict where none gave it up."""
    async with conn.transaction():
        view = await show_call(conn, reference=reference)
        call = view.call
        is_tried = await crm.try_again(conn, call_id=call.id, now=now)
        told = await crm.of_calls(conn, [call.id])
        if not told:
            raise NotFound("no CRM is told of call {call}", call=reference)
        if not is_tried:
            raise Conflict(
                "call {call} was not given up: {states}",
                call=call.id,
                states=", ".join(f"{each.connection} {each.state}" for each in told),
            )
        await write_down(
            conn,
            actor,
            Action.CRM_CHANGE,
            f"call:{call.id}",
            account_id=call.account_id,
            before=_states(view.crm),
            after=_states(told),
            now=now,
        )
    return told


def _states(told: Sequence[CrmRow]) -> dict[str, str]:
    """How far each CRM is; not its replies, which may tell anything."""
    return {each.connection: each.state for each in told}
