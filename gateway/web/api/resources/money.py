"""What moved the money of an account, and what moves it besides its calls and rents."""

from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.access.permissions import refund_max
from gateway.postgres.accounts.large_sums import LargeSumRow
from gateway.postgres.accounts.ledger import EntryFilters, EntryKind, EntryPlace, EntryRow
from gateway.usecases.accounts.large_sums import move_or_wait
from gateway.usecases.accounts.movements import Movement, correction, given_back, payment
from gateway.usecases.accounts.show_ledger import LedgerSummary, page_ledger, sum_ledger
from gateway.web.api.cursors import cursor_at, place_of
from gateway.web.api.problems import Declined, ErrorCode
from gateway.web.api.reading import Amount, Id, Instant, JsonBody, ListQuery, SignedAmount, Text
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows

ExternalId = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+( [!-~]+)*$",
        description="An id of your own: what has it counts once, for ever.",
    ),
]


class EntryQuery(
    ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}
):
    """`summary`: the first part says what all that fit add up to, too."""

    kind: EntryKind | None = None
    since: Instant | None = None
    until: Instant | None = None
    call_id: Id | None = None
    summary: bool = False


class PaidIn(JsonBody, frozen=True, kw_only=True):
    """`external_id` is the payment's own id, which is somebody's: it is booked for one account, once."""

    amount: Amount
    external_id: ExternalId


class Refund(JsonBody, frozen=True, kw_only=True):
    """`call_id`: the call it is for, of which no more is given back than it cost."""

    amount: Amount
    external_id: ExternalId | None = None
    note: Text | None = None
    call_id: Id | None = None


class Adjustment(JsonBody, frozen=True, kw_only=True):
    """Up or down; `note` says why."""

    amount: SignedAmount
    note: Text
    external_id: ExternalId | None = None


async def list_entries(asked: Asked[EntryQuery, None]) -> Rows[EntryRow]:
    """What moved the money of an account, newest first.

    With `summary=true` the first part says what all that fit add up to, by kind, and the balance before and after.
    """
    query, account_id = asked.query, asked.path["account_id"]
    filters = EntryFilters(
        since=query.since,
        until=query.until,
        kinds=() if query.kind is None else (query.kind,),
        call_id=query.call_id,
    )
    found = await page_ledger(
        asked.conn, account_id=account_id, before=_place(asked), limit=asked.one_more, filters=filters
    )
    summary = None
    if query.summary and asked.after is None:
        summary = await sum_ledger(asked.conn, account_id=account_id, filters=filters, is_patient=False)
    data = found[: asked.limit]
    last = data[-1] if len(found) > asked.limit else None
    return Rows(data=data, next=None if last is None else cursor_at(last.booked_at, last.id), summary=summary)


def _place(asked: Asked[EntryQuery, None]) -> EntryPlace | None:
    if asked.after is None:
        return None
    try:
        at, entry_id = place_of(asked.after)
    except ValueError as error:
        raise Declined(code=ErrorCode.REFUSED, detail=str(error), field="/query/after") from error
    return EntryPlace(booked_at=at, id=entry_id)


async def top_up(asked: Asked[NoQuery, PaidIn]) -> EntryRow | LargeSumRow:
    """Add money to an account; overdue rents are paid from it first. A repeat of a payment gives its first entry.

    Above what the setting `second_operator_above` says it waits (202) for another operator to approve it.
    """
    movement = payment(amount=Decimal(asked.body.amount), external_id=asked.body.external_id)
    return await _move(asked, movement)


async def refund(asked: Asked[NoQuery, Refund]) -> EntryRow | LargeSumRow:
    """Give money back for what was charged. Support gives back what the setting `support_refund_max` says, at most.

    Above what the setting `second_operator_above` says it waits (202) for another operator to approve it.
    """
    movement = given_back(
        amount=Decimal(asked.body.amount),
        external_id=asked.body.external_id,
        note=asked.body.note,
        call_id=asked.body.call_id,
        amount_max=refund_max(asked.actor, support_max=asked.context.settings.support_refund_max),
    )
    return await _move(asked, movement)


async def adjust(asked: Asked[NoQuery, Adjustment]) -> EntryRow | LargeSumRow:
    """Correct a balance, up or down; it may go below what calls and rents could take it to.

    Above what the setting `second_operator_above` says it waits (202) for another operator to approve it.
    """
    movement = correction(amount=Decimal(asked.body.amount), external_id=asked.body.external_id, note=asked.body.note)
    return await _move(asked, movement)


async def _move(asked: Asked[NoQuery, Any], movement: Movement) -> EntryRow | LargeSumRow:
    settings = asked.context.settings
    return await move_or_wait(
        asked.conn,
        actor=asked.actor,
        account_id=asked.path["account_id"],
        movement=movement,
        large=settings.large_sums,
        now=asked.now,
        rule=settings.low_balance,
    )


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/accounts/{account_id}/entries",
        name="list_entries",
        tag="accounts",
        action=Action.ENTRIES_READ,
        summary="What moved the money of this account?",
        handle=list_entries,
        query=EntryQuery,
        reply=EntryRow,
        summed=LedgerSummary | None,
        is_list=True,
    ),
    Route(
        method=Method.POST,
        path="/accounts/{account_id}/top-ups",
        name="top_up",
        tag="accounts",
        action=Action.MONEY_TOP_UP,
        summary="Add money to an account",
        handle=top_up,
        body=PaidIn,
        reply=EntryRow,
        waits=LargeSumRow,
        status=HTTPStatus.CREATED,
        needs_key=True,
    ),
    Route(
        method=Method.POST,
        path="/accounts/{account_id}/refunds",
        name="refund",
        tag="accounts",
        action=Action.MONEY_REFUND,
        summary="Give money back",
        handle=refund,
        body=Refund,
        reply=EntryRow,
        waits=LargeSumRow,
        status=HTTPStatus.CREATED,
        needs_key=True,
    ),
    Route(
        method=Method.POST,
        path="/accounts/{account_id}/adjustments",
        name="adjust",
        tag="accounts",
        action=Action.MONEY_ADJUST,
        summary="Correct a balance by hand",
        handle=adjust,
        body=Adjustment,
        reply=EntryRow,
        waits=LargeSumRow,
        status=HTTPStatus.CREATED,
        needs_key=True,
    ),
)
