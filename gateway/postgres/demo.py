"""Queries that only the demo makes (sql/queries/demo.sql)."""

from collections.abc import Sequence
from datetime import datetime

from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


async def foreign_account(conn: PgConnection, *, names: Sequence[str], currency: str) -> str | None:
    """An account that is none of those named."""
    found: str | None = await conn.fetchval(sql("demo_foreign_account"), names, currency)
    return found


async def foreign_deck(conn: PgConnection, *, currency: str, sources: Sequence[str], now: datetime) -> str | None:
    """Where rates of a currency come from that are or will be valid and were not imported from one of these sources."""
    found: str | None = await conn.fetchval(sql("demo_foreign_deck"), currency, sources, now)
    return found


async def deliver_mails_of_then(conn: PgConnection, *, bounced_account_id: int) -> None:
    """Mails of the past are delivered, but for those to one account, whose address is gone."""
    await conn.execute(sql("demo_mails_of_then"), bounced_account_id)
