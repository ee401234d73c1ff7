"""The accounts that something stops of soon."""

from typing import Annotated, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.usecases.accounts.running_out import AccountStop, find_stops
from gateway.web.api.route import Asked, Method, Route, Rows

DaysAhead = Annotated[int, msgspec.Meta(ge=0, le=30, description="How many days are looked ahead, after today.")]
# Each takes a forecast of its own.
ACCOUNTS_MAX: Final = 50
AccountsMax = Annotated[int, msgspec.Meta(ge=1, le=ACCOUNTS_MAX, description="How many accounts at most.")]


class StopQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    days: DaysAhead = 3
    limit: AccountsMax = ACCOUNTS_MAX


async def list_stops(asked: Asked[StopQuery, None]) -> Rows[AccountStop]:
    """If nobody pays in, and calls cost what they did on average; those who have least first."""
    found = await find_stops(
        asked.conn,
        days=asked.query.days,
        rule=asked.context.settings.low_balance,
        limit=asked.query.limit,
        now=asked.now,
    )
    return Rows(data=found, next=None)


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/stops",
        name="list_stops",
        tag="accounts",
        action=Action.HEALTH_READ,
        summary="Which accounts stop within some days?",
        handle=list_stops,
        query=StopQuery,
        reply=AccountStop,
        is_list=True,
    ),
)
