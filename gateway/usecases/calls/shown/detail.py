"""A call with all that hangs on it: why it was decided so, what it moved, and what it was given back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from gateway.domain.connection import Connection
from gateway.domain.explanation import Fact
from gateway.domain.money import ZERO
from gateway.postgres.accounts.ledger import EntryKind, EntryRow
from gateway.postgres.calls import listed_calls
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.shown.explain import counterfactual_of, explain
from gateway.usecases.calls.shown.references import find_call_id
from gateway.usecases.calls.shown.show import CallView, show_call


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDetail:
    """`counterfactual` says what would have had a refused call connected; `refunded` is what was given back of it."""

    view: CallView
    counterfactual: Fact | None
    entries: list[EntryRow]
    refunded: Decimal


async def detail_call(
    conn: PgConnection, *, reference: str, connections: Mapping[str, Connection], with_cost: bool
) -> CallDetail:
    """A call by our id or by CONNECTION:PROVIDER_ID; what its provider charges only where that may be seen."""
    view = await show_call(conn, reference=reference, connections=connections)
    if not with_cost:
        view = _without_cost(view, connections)
    entries = await listed_calls.entries_of(conn, call_id=view.call.id)
    refunds = [entry.amount for entry in entries if entry.kind == EntryKind.REFUND]
    return CallDetail(
        view=view, counterfactual=counterfactual_of(view.call), entries=entries, refunded=sum(refunds, start=ZERO)
    )


async def owner_of_call(conn: PgConnection, reference: str) -> int | None:
    """Whose a call is; NotFound where there is none."""
    return await listed_calls.owner_of(conn, call_id=await find_call_id(conn, reference))


def _without_cost(view: CallView, connections: Mapping[str, Connection]) -> CallView:
    call = replace(view.call, cost=None, cost_currency=None)
    connection = connections.get(call.connection)
    facts = explain(call, view.crm, numbers="" if connection is None else connection.numbers)
    return replace(view, call=call, facts=facts)
