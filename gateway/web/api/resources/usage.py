"""What calls add up to."""

from datetime import date
from typing import Annotated, Any, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.access.permissions import Permission, may
from gateway.domain.calls.usage import UsageBy
from gateway.usecases.accounts.show_usage import UsageRow, UsageSearch, show_usage
from gateway.web.api.cursors import Cursor
from gateway.web.api.problems import Declined, ErrorCode
from gateway.web.api.reading import Id, ListQuery
from gateway.web.api.route import Asked, Method, Route, Rows

Day = Annotated[date, msgspec.Meta(description="A day, as 2026-03-31.")]


class AccountUsageQuery(
    ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}
):
    by: UsageBy = UsageBy.DAY
    since: Day | None = None
    until: Day | None = None


class UsageQuery(
    ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}
):
    account_id: Id | None = None
    by: UsageBy = UsageBy.DAY
    since: Day | None = None
    until: Day | None = None


async def list_usage(asked: Asked[Any, None]) -> Rows[UsageRow]:
    """From a day to before another, at most ten years; without them the last thirty days.

    A call counts on the day of its start in its account's time zone, within seconds of its end. `to` is exclusive.
    """
    query = asked.query
    search = UsageSearch(by=query.by, account_id=asked.account_id, since=query.since, until=query.until)
    found = await show_usage(
        asked.conn,
        search,
        with_cost=may(asked.actor, Action.CALLS_COST, asked.account_id) is Permission.ALLOWED,
        after=None if asked.after is None else _place_of(asked.after),
        limit=asked.one_more,
        now=asked.now,
    )
    data = found[: asked.limit]
    last = data[-1] if len(found) > asked.limit else None
    return Rows(data=data, next=None if last is None else f"{last.key}\n{last.currency or ''}")


def _place_of(cursor: Cursor) -> tuple[str, str]:
    key, line_end, currency = str(cursor).rpartition("\n")
    if not line_end or "\0" in key + currency:
        raise Declined(code=ErrorCode.INVALID, detail="it is no cursor of this list", field="/query/after")
    return key, currency


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/accounts/{account_id}/usage",
        name="list_account_usage",
        tag="usage",
        action=Action.USAGE_READ,
        summary="What an account's calls add up to, by day or by what they were",
        handle=list_usage,
        reply=UsageRow,
        query=AccountUsageQuery,
        is_list=True,
    ),
    Route(
        method=Method.GET,
        path="/usage",
        name="list_usage",
        tag="usage",
        action=Action.USAGE_READ,
        summary="What all calls add up to, by day or by what they were",
        handle=list_usage,
        reply=UsageRow,
        query=UsageQuery,
        is_list=True,
    ),
)
