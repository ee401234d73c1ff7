"""What happens, for programs that follow it."""

from datetime import datetime
from typing import Any, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.happening import Happening
from gateway.postgres import events
from gateway.web.api.cursors import encode_cursor
from gateway.web.api.reading import Id, ListQuery
from gateway.web.api.route import Asked, Method, Route, Rows

_NAME: Final = "list_events"


class EventQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    account_id: Id | None = None
    kind: Happening | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What happened. `cursor` is where the list goes on after it, at any time: it is what `after` is given."""

    id: int
    cursor: str
    kind: str
    account_id: int | None
    object: str
    at: datetime
    data: dict[str, Any]


async def list_events(asked: Asked[EventQuery, None]) -> Rows[Event]:
    """Oldest first, for thirty days. Who follows it asks again with the `cursor` of the last event that they have.

    An event is there some seconds after it happened, once, and none comes before one that was given already.
    """
    rows = await events.page(
        asked.conn,
        account_id=asked.account_id,
        after=asked.before_id or 0,
        kind=asked.query.kind,
        limit=asked.one_more,
    )
    found = [
        Event(
            id=row.id,
            cursor=encode_cursor(_NAME, row.id),
            kind=row.kind,
            account_id=row.account_id,
            object=row.object,
            at=row.at,
            data=row.data,
        )
        for row in rows
    ]
    return asked.rows(found)


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/events",
        name=_NAME,
        tag="events",
        action=Action.EVENTS_READ,
        summary="What happened, oldest first?",
        handle=list_events,
        query=EventQuery,
        reply=Event,
        is_list=True,
    ),
)
