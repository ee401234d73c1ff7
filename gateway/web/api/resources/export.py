"""All that is known of an account, as files."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final

from gateway.domain.access.actions import Action
from gateway.usecases.accounts.export import ExportedTable
from gateway.usecases.accounts.export import export_account as read_tables
from gateway.web.api import csv
from gateway.web.api.route import ZIP, Asked, Method, NoQuery, Route
from gateway.web.api.zip import zipped


async def export_account(asked: Asked[NoQuery, None]) -> AsyncIterator[bytes]:
    """A ZIP of CSV: the account, what moved its money, its calls, numbers and connectors, and mails."""
    tables = await read_tables(asked.conn, account_id=asked.path["account_id"])
    return zip_of(tables, at=asked.now)


def zip_of(tables: Sequence[ExportedTable], *, at: datetime) -> AsyncIterator[bytes]:
    """A file of CSV for each table, part by part."""
    return zipped([(f"{table.name}.csv", _lines(table)) for table in tables], at=at)


async def _lines(table: ExportedTable) -> AsyncIterator[bytes]:
    yield csv.header_of(table.columns)
    async for rows in table.pages:
        yield csv.lines_of(rows, table.columns)


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/accounts/{account_id}/export",
        name="export_account",
        tag="accounts",
        action=Action.ACCOUNTS_EXPORT,
        summary="Take all that is known of an account away",
        handle=export_account,
        reply=bytes,
        reply_type=ZIP,
    ),
)
