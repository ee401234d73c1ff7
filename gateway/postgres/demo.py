"""Queries that only the demo makes (sql/queries/demo.sql)."""

from collections.abc import Sequence
from datetime import datetime

from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


async def foreign_account(conn: PgConnection, *, names: Sequence[str], currency: str) -> str | None:
    """An account that is none of those named."""
    found: str | None = await conn.fetchval(sql("demo_foreign_account"), names, currency)
    return found


async def foreign_deck(conn: PgConnection, *, currency: str, source: str, now: datetime) -> str | None:
    """Where rates of a currency come from that are or will be valid and were not imported from this source."""
    found: str | None = await conn.fetchval(sql("demo_foreign_deck"), currency, source, now)
    return found
