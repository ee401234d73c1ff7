"""Look at the calls that CRMs are not told of any more, and have one told again."""

from datetime import datetime

from gateway.domain.errors import Conflict, InvalidInput, NotFound
from gateway.postgres import crm
from gateway.postgres.crm import CrmRow
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.shown.show import LIMIT_MAX, find_call_id


async def list_given_up(conn: PgConnection, *, before: int | None = None, limit: int = 100) -> list[CrmRow]:
    """Calls that were given up, newest first; `before` is the id of the last one of the page before."""
    if not 1 <= limit <= LIMIT_MAX:
        raise InvalidInput(f"limit: must be from 1 to {LIMIT_MAX}")
    return await crm.given_up(conn, before=before, limit=limit)


async def try_again(conn: PgConnection, *, reference: str, now: datetime) -> list[CrmRow]:
    """Have a call told again that was given up; how far each of its CRMs is. Conflict where none gave it up."""
    call_id = await find_call_id(conn, reference)
    is_tried = await crm.try_again(conn, call_id=call_id, now=now)
    told = await crm.of_calls(conn, [call_id])
    if not told:
        raise NotFound(f"no CRM is told of call {reference}")
    if not is_tried:
        raise Conflict(
            f"call {call_id} was not given up: {', '.join(f'{each.connection} {each.state}' for each in told)}"
        )
    return told
