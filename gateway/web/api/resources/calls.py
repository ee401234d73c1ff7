"""Calls: list them, see those that are up, have one cut."""

from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.calls.call import CallState, Flag
from gateway.domain.calls.refusals import Refusal
from gateway.domain.events import Direction
from gateway.postgres.calls.calls import CallRow
from gateway.postgres.calls.found_calls import CallFilters
from gateway.postgres.calls.listed_calls import CallSummary
from gateway.usecases.calls.cut_all import cut_calls_of
from gateway.usecases.calls.shown.listed_totals import ListedTotals, sum_listed
from gateway.usecases.calls.shown.listing import CallListing, list_call_page
from gateway.usecases.calls.shown.search import CallSearch, list_live_calls
from gateway.usecases.calls.shown.show import cut_call
from gateway.usecases.rates.search import full_number
from gateway.web.api.reading import Amount, Id, Instant, LineName, ListQuery, Text, Word
from gateway.web.api.resources.call_detail import owner_of_path
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows

Party = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=128,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="Whoever called, was called or was shown, or the line; a number with or without its plus.",
    ),
]


class CallQuery(
    ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}
):
    """`summary`: the first part says what the newest that fit add up to, too."""

    account_id: Id | None = None
    since: Instant | None = None
    until: Instant | None = None
    number: Party | None = None
    line: LineName | None = None
    state: CallState | None = None
    reason: Refusal | None = None
    direction: Direction | None = None
    country: Text | None = None
    min_charge: Amount | None = None
    flag: Flag | None = None
    connection: Word | None = None
    summary: bool = False


class LiveQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    account_id: Id | None = None
    number: Party | None = None
    line: LineName | None = None
    direction: Direction | None = None
    country: Text | None = None
    connection: Word | None = None


class ShownLiveCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that is up. `can_be_cut`: whether its provider can be asked to end it; it was given the limit anyway."""

    id: int
    account_id: int | None
    connection: str
    line: str
    state: str
    direction: str | None
    caller: str
    callee: str
    caller_id: str
    started_at: datetime
    answered_at: datetime | None
    granted_s: int
    hold: Decimal
    held_s: int
    currency: str | None
    must_end_at: datetime
    can_be_cut: bool
    flags: list[str]


class CutCall(msgspec.Struct, frozen=True, kw_only=True):
    """The call is over when its provider says so: `cut_next_at` is when that is asked, and asked again until then."""

    id: int
    state: str
    cut_reason: str | None
    cut_next_at: datetime | None
    must_end_at: datetime | None


class CutCalls(msgspec.Struct, frozen=True, kw_only=True):
    """How many calls are being ended, and how many go on that the gateway cannot end."""

    cut: int
    uncuttable: int


async def list_calls(asked: Asked[CallQuery, None]) -> Rows[CallSummary]:
    """Newest first. A part may have fewer calls than `limit`, even none, while `next` is there: go on with it.

    With `summary=true` the first part says what those among the newest 20,000 add up to that fit; where nothing is
    asked for but an account, what the newest 2,000 do.
    """
    query = asked.query
    filters = CallFilters(
        line=query.line,
        number=_number(query.number),
        state=query.state,
        reason=query.reason,
        flag=query.flag,
        direction=query.direction,
        connection=query.connection,
        since=query.since,
        until=query.until,
        min_charge=None if query.min_charge is None else Decimal(query.min_charge),
    )
    listing = CallListing(account_id=asked.account_id, country=query.country, filters=filters)
    page = await list_call_page(asked.conn, listing, before=asked.before_id, limit=asked.limit, now=asked.now)
    summary = None
    if query.summary and asked.after is None:
        summary = await sum_listed(asked.conn, listing, now=asked.now, is_whole=page.next is None)
    return Rows(data=page.calls, next=page.next, summary=summary)


async def list_live(asked: Asked[LiveQuery, None]) -> Rows[ShownLiveCall]:
    """Calls that are up, or whose ends have not come."""
    query = asked.query
    search = CallSearch(
        account_id=asked.account_id,
        before=asked.before_id,
        country=query.country,
        filters=CallFilters(
            line=query.line,
            number=_number(query.number),
            direction=query.direction,
            connection=query.connection,
        ),
    )
    found = await list_live_calls(asked.conn, search, limit=asked.one_more)
    return asked.rows([_live(call) for call in found])


async def cut(asked: Asked[NoQuery, None]) -> CutCall:
    """Have a live call ended at once. 409 where it is over, or where its connection has no way to end it."""
    view = await cut_call(asked.conn, actor=asked.actor, reference=asked.path["call"], now=asked.now)
    live = view.call.live
    return CutCall(
        id=view.call.id,
        state=view.call.state,
        cut_reason=view.call.cut_reason,
        cut_next_at=None if live is None else live.cut_next_at,
        must_end_at=None if live is None else live.must_end_at,
    )


async def cut_all(asked: Asked[NoQuery, None]) -> CutCalls:
    """Have all live calls of an account ended that the gateway can end, but for emergency calls; new ones may begin."""
    counts = await cut_calls_of(asked.conn, actor=asked.actor, account_id=asked.path["account_id"], now=asked.now)
    return CutCalls(cut=counts.cut, uncuttable=counts.uncuttable)


def _number(text: str | None) -> str | None:
    return None if text is None else full_number(text) or text


def _live(call: CallRow) -> ShownLiveCall:
    """Of a call that has ended meanwhile, what it held is given back."""
    live = call.live
    plain: dict[str, Any] = {name: getattr(call, name) for name in _PLAIN}
    if live is None:
        return ShownLiveCall(**plain, hold=Decimal(0), held_s=0, must_end_at=call.started_at, can_be_cut=False)
    return ShownLiveCall(
        **plain,
        hold=live.hold,
        held_s=live.held_s,
        must_end_at=live.must_end_at,
        can_be_cut=live.cut_next_at is not None,
    )


_PLAIN: Final = tuple(
    name for name in ShownLiveCall.__struct_fields__ if name not in ("hold", "held_s", "must_end_at", "can_be_cut")
)

ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/calls",
        name="list_calls",
        tag="calls",
        action=Action.CALLS_READ,
        summary="Which calls were there, newest first?",
        handle=list_calls,
        query=CallQuery,
        reply=CallSummary,
        summed=ListedTotals | None,
        is_list=True,
    ),
    Route(
        method=Method.GET,
        path="/calls/live",
        name="list_live_calls",
        tag="calls",
        action=Action.CALLS_READ,
        summary="Which calls are up?",
        handle=list_live,
        query=LiveQuery,
        reply=ShownLiveCall,
        is_list=True,
    ),
    Route(
        method=Method.POST,
        path="/calls/{call}/cut",
        name="cut_call",
        tag="calls",
        action=Action.CALLS_CUT,
        summary="Have a live call ended",
        handle=cut,
        reply=CutCall,
        status=HTTPStatus.ACCEPTED,
        needs_key=True,
        owner=owner_of_path,
    ),
    Route(
        method=Method.POST,
        path="/accounts/{account_id}/calls/cut",
        name="cut_calls",
        tag="calls",
        action=Action.CALLS_CUT,
        summary="Have all live calls of an account ended",
        handle=cut_all,
        reply=CutCalls,
        status=HTTPStatus.ACCEPTED,
        needs_key=True,
    ),
)
