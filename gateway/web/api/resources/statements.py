"""Statements: the months of an account, and what each of them cost."""

from typing import Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.usecases.accounts.statement import Statement, StatementMonth, list_months, show_statement
from gateway.web.api.problems import Declined, ErrorCode
from gateway.web.api.reading import MONTH, ListQuery
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows


class StatementQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


async def list_statements(asked: Asked[StatementQuery, None]) -> Rows[StatementMonth]:
    """Since the account was opened, newest first; the last one goes on."""
    found = await list_months(
        asked.conn, account_id=asked.path["account_id"], before=_before(asked), limit=asked.one_more, now=asked.now
    )
    data = found[: asked.limit]
    return Rows(data=data, next=data[-1].month if len(found) > asked.limit else None)


async def show(asked: Asked[NoQuery, None]) -> Statement:
    """Balances and entries are the ledger's; calls by number and country are those that began in the month."""
    return await show_statement(
        asked.conn, account_id=asked.path["account_id"], month=asked.path["month"], now=asked.now
    )


def _before(asked: Asked[StatementQuery, None]) -> str | None:
    if asked.after is None:
        return None
    try:
        month: str = msgspec.convert(asked.after, MONTH)
    except msgspec.ValidationError as error:
        detail = "it is no cursor of this list"
        raise Declined(code=ErrorCode.REFUSED, detail=detail, field="/query/after") from error
    return month


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/accounts/{account_id}/statements",
        name="list_statements",
        tag="accounts",
        action=Action.ENTRIES_READ,
        summary="Which months has this account?",
        handle=list_statements,
        query=StatementQuery,
        reply=StatementMonth,
        is_list=True,
    ),
    Route(
        method=Method.GET,
        path="/accounts/{account_id}/statements/{month}",
        name="show_statement",
        tag="accounts",
        action=Action.ENTRIES_READ,
        summary="What did a month cost, by kind, by number and by country?",
        handle=show,
        reply=Statement,
    ),
)
