"""List calls, show one with its decision explained, have one cut."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from types import MappingProxyType
from typing import Final

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.connection import Connection
from gateway.domain.errors import Conflict, InvalidInput, NotFound
from gateway.domain.explanation import Fact
from gateway.domain.lines.rent_dates import add_months
from gateway.postgres import crm
from gateway.postgres.accounts import accounts
from gateway.postgres.calls import archive, calls
from gateway.postgres.calls.calls import CallRow
from gateway.postgres.crm import CrmRow
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down
from gateway.usecases.calls.shown.explain import explain
from gateway.usecases.calls.shown.references import find_call_id
from gateway.words.speech import say

LIMIT_MAX = 1000
_NUMBERS: Final = ("caller", "callee", "caller_id", "line")
NO_CONNECTIONS: Mapping[str, Connection] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """A call, what became of it in CRMs, and what is to be said of all; `explanation` says it in English."""

    call: CallRow
    crm: list[CrmRow]
    facts: list[Fact]

    @property
    def explanation(self) -> list[str]:
        return [say(fact) for fact in self.facts]


async def list_calls(
    conn: PgConnection,
    *,
    account_id: int | None = None,
    is_live: bool = False,
    before: int | None = None,
    limit: int = 100,
) -> list[CallView]:
    """Calls, newest first; `before` is the id of the last one of the page before."""
    if not 1 <= limit <= LIMIT_MAX:
        raise InvalidInput("limit: must be from 1 to {most}", most=LIMIT_MAX)
    if account_id is not None:
        await accounts.require(conn, account_id=account_id)
    ids = await calls.newest_ids(conn, account_id=account_id, is_live=is_live, before=before, limit=limit)
    return await views_of(conn, ids)


async def show_call(
    conn: PgConnection, *, reference: str, connections: Mapping[str, Connection] = NO_CONNECTIONS
) -> CallView:
    """A call by our id or by `CONNECTION:PROVIDER_ID`; NotFound if there is none.

    `connections` are the configured ones: how one's numbers are read is told as it reads them.
    """
    call_id = await find_call_id(conn, reference)
    views = await views_of(conn, [call_id], connections=connections)
    if not views:
        raise NotFound(await _what_became_of(conn, reference, call_id))
    return views[0]


async def _what_became_of(conn: PgConnection, reference: str, call_id: int) -> str:
    """Why a call is not on record: its month was archived, or it never was."""
    archived = await archive.archived_part_of(conn, call_id)
    if archived is None:
        return f"there is no call {reference}"
    months = "" if archived.next_on is None else f", with the calls of {add_months(archived.next_on, -1):%Y-%m}"
    where = "no file has it yet" if archived.file is None else f"see {archived.file}"
    return f"call {reference} was archived on {archived.archived_at:%Y-%m-%d}{months}: {where}"


async def cut_call(conn: PgConnection, *, actor: Actor, reference: str, now: datetime) -> CallView:
    """Have a live call ended at once (R19); Conflict where it is over, or the gateway cannot end it.

    The provider is asked by whichever process works; the provider's end event is the proof.
    """
    async with conn.transaction():
        before = (await show_call(conn, reference=reference)).call
        is_taken = await calls.cut(conn, call_id=before.id, now=now)
        view = await show_call(conn, reference=str(before.id))
        if not is_taken:
            if view.call.live is None:
                raise Conflict("call {call} is not live: it is {state}", call=before.id, state=view.call.state)
            raise Conflict(
                "call {call} cannot be ended by the gateway: its connection has no way to do so", call=before.id
            )
        await write_call(conn, actor, Action.CALLS_CUT, before=before, after=view.call, now=now)
    return view


async def write_call(
    conn: PgConnection,
    actor: Actor,
    action: Action,
    *,
    before: CallRow,
    after: CallRow,
    now: datetime,
    note: str | None = None,
) -> None:
    """Write down what was done to a call, but not who called whom: numbers may have to be forgotten one day."""
    await write_down(
        conn,
        actor,
        action,
        f"call:{after.id}",
        account_id=after.account_id,
        before=_without_numbers(before),
        after=_without_numbers(after),
        note=note,
        now=now,
    )


def _without_numbers(call: CallRow) -> dict[str, object]:
    return {each.name: getattr(call, each.name) for each in fields(call) if each.name not in _NUMBERS}


async def views_of(
    conn: PgConnection, ids: Sequence[int], *, connections: Mapping[str, Connection] = NO_CONNECTIONS
) -> list[CallView]:
    """The calls that exist of these, in their order."""
    crm_rows = await crm.of_calls(conn, ids)
    views: dict[int, CallView] = {}
    for row in await calls.show(conn, ids):
        of_call = [each for each in crm_rows if each.call_id == row.id]
        connection = connections.get(row.connection)
        facts = explain(row, of_call, numbers="" if connection is None else connection.numbers)
        views[row.id] = CallView(call=row, crm=of_call, facts=facts)
    return [views[call_id] for call_id in ids if call_id in views]
