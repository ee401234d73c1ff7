"""Sums that wait for a second operator: which there are, and what becomes of them."""

from typing import Final

from gateway.domain.access.actions import Action
from gateway.domain.accounts.large_sums import LargeSumState
from gateway.postgres.accounts.large_sums import LargeSumRow
from gateway.usecases.accounts.large_sums import approve_large_sum, list_large_sums, refuse_large_sum
from gateway.web.api.reading import Id, ListQuery
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows


class LargeSumQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    account_id: Id | None = None
    state: LargeSumState | None = None


async def list_sums(asked: Asked[LargeSumQuery, None]) -> Rows[LargeSumRow]:
    """Top-ups, refunds and adjustments above what the setting `second_operator_above` says, the last one first."""
    found = await list_large_sums(
        asked.conn,
        account_id=asked.account_id,
        state=asked.query.state,
        before=asked.before_id,
        limit=asked.one_more,
    )
    return asked.rows(found)


async def approve(asked: Asked[NoQuery, None]) -> LargeSumRow:
    """Have it booked. 409 for whoever asked, also by another token that they made; and where it waits no more."""
    return await approve_large_sum(
        asked.conn,
        actor=asked.actor,
        large_sum_id=asked.path["large_sum_id"],
        now=asked.now,
        rule=asked.context.settings.low_balance,
    )


async def refuse(asked: Asked[NoQuery, None]) -> LargeSumRow:
    """Have nothing booked; whoever asked takes it back so. 409 where it waits no more."""
    return await refuse_large_sum(asked.conn, actor=asked.actor, large_sum_id=asked.path["large_sum_id"], now=asked.now)


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/large-sums",
        name="list_large_sums",
        tag="accounts",
        action=Action.MONEY_READ,
        summary="Which sums wait for a second operator?",
        handle=list_sums,
        query=LargeSumQuery,
        reply=LargeSumRow,
        is_list=True,
    ),
    Route(
        method=Method.POST,
        path="/large-sums/{large_sum_id}/approve",
        name="approve_large_sum",
        tag="accounts",
        action=Action.MONEY_APPROVE,
        summary="Approve a sum that another has asked for",
        handle=approve,
        reply=LargeSumRow,
        needs_key=True,
    ),
    Route(
        method=Method.POST,
        path="/large-sums/{large_sum_id}/refuse",
        name="refuse_large_sum",
        tag="accounts",
        action=Action.MONEY_APPROVE,
        summary="Refuse a sum that waits, or take it back",
        handle=refuse,
        reply=LargeSumRow,
        needs_key=True,
    ),
)
