"""What became of calls in each of the last hours."""

from typing import Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.postgres.calls.call_hours import CallHour
from gateway.usecases.calls.shown.hours import show_hours
from gateway.web.api.reading import Id
from gateway.web.api.route import Asked, Method, Route, Rows


class HoursQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    account_id: Id | None = None


async def list_hours(asked: Asked[HoursQuery, None]) -> Rows[CallHour]:
    """The newest first, those without calls left out. Of more than 50,000 calls there are only the newest hours."""
    return Rows(data=await show_hours(asked.conn, account_id=asked.account_id, now=asked.now), next=None)


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/calls/hours",
        name="list_call_hours",
        tag="calls",
        action=Action.CALLS_READ,
        summary="What became of the calls of the last 24 hours, hour by hour?",
        handle=list_hours,
        query=HoursQuery,
        reply=CallHour,
        is_list=True,
    ),
)
