"""Rows on their way in and out: many as one JSON document, and the parts of rows that several queries return."""

from collections.abc import Iterable, Mapping

import asyncpg
import msgspec

from gateway.domain.decision import Funds, Line, LineKind, LineState
from gateway.domain.rating import Rate

_KINDS = {kind.value: kind for kind in LineKind}
_STATES = {state.value: state for state in LineState}

_encode = msgspec.json.Encoder(decimal_format="string").encode


def rows_in(rows: Iterable[Mapping[str, object]]) -> str:
    """Rows for a query that reads them with json_to_recordset($n::json).

    The driver looks at every element of every array: 28 arrays of 17 texts cost it 240 us, the same as a document 10.
    Amounts go as texts of their digits, instants in ISO 8601, bytes in base64.
    """
    return _encode(list(rows)).decode()


def read_rate(row: asyncpg.Record) -> Rate | None:
    if row["rate_id"] is None:
        return None
    return Rate(
        id=row["rate_id"],
        prefix=row["rate_prefix"],
        per_minute=row["per_minute"],
        connection_fee=row["connection_fee"],
        first_interval_s=row["first_interval_s"],
        increment_s=row["increment_s"],
    )


def read_line(row: asyncpg.Record) -> Line | None:
    if row["line_id"] is None:
        return None
    return Line(
        id=row["line_id"],
        account_id=row["account_id"],
        kind=_KINDS[row["line_kind"]],
        name=row["line_name"],
        state=_STATES[row["line_state"]],
        country=row["line_country"],
        category=row["line_category"],
    )


def read_funds(row: asyncpg.Record) -> Funds | None:
    if row["balance"] is None:
        return None
    return Funds(
        account_id=row["account_id"],
        currency=row["currency"],
        balance=row["balance"],
        held=row["held"],
        credit_limit=row["credit_limit"],
        main_number=row["main_number"],
        free_inbound_needs_balance=row["free_inbound_needs_balance"],
    )
