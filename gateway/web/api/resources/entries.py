"""What moved the money of all accounts besides their calls, which are listed as such."""

from typing import Final, Literal

from gateway.domain.access.actions import Action
from gateway.postgres.accounts.ledger import EntryFilters, EntryKind, EntryRow
from gateway.usecases.accounts.show_ledger import page_besides_calls
from gateway.web.api.reading import Id, Instant, ListQuery
from gateway.web.api.route import Asked, Method, Route, Rows


class BookedQuery(
    ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}
):
    account_id: Id | None = None
    kind: Literal["rent", "setup", "connector", "top_up", "refund", "adjustment"] | None = None
    since: Instant | None = None
    until: Instant | None = None


async def list_booked(asked: Asked[BookedQuery, None]) -> Rows[EntryRow]:
    """Payments, refunds, corrections, rents: of all accounts, the last booked first. `to` is exclusive."""
    query = asked.query
    filters = EntryFilters(
        since=query.since, until=query.until, kinds=() if query.kind is None else (EntryKind(query.kind),)
    )
    found = await page_besides_calls(
        asked.conn, account_id=asked.account_id, before=asked.before_id, limit=asked.one_more, filters=filters
    )
    return asked.rows(found)


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/entries",
        name="list_booked",
        tag="accounts",
        action=Action.ENTRIES_READ,
        summary="What came in and went out, besides calls?",
        handle=list_booked,
        query=BookedQuery,
        reply=EntryRow,
        is_list=True,
    ),
)
