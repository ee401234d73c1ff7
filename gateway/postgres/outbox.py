"""Queries about mails (sql/queries/mail.sql)."""

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.notices import Notice
from gateway.postgres.rows import rows_in
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


async def queue(conn: PgConnection, notices: Sequence[Notice], *, now: datetime) -> int:
    """Write mails into the outbox, unless their key was there before or the account does not want their kind.

    How many were written. To be called in the transaction that causes them, with their accounts locked.
    """
    if not notices:
        return 0
    rows = rows_in(
        {"account_id": each.account_id, "kind": each.kind, "key": each.key, "facts": each.facts} for each in notices
    )
    return len(await conn.fetch(sql("mail_queue"), rows, now))
