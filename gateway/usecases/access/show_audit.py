"""Who did what, newest first."""

from typing import Final

from gateway.domain.errors import InvalidInput
from gateway.postgres.access import audit
from gateway.postgres.access.audit import AuditFilters, AuditRow
from gateway.postgres.types import PgConnection

LIMIT_MAX: Final = 1000


async def show_audit(
    conn: PgConnection, filters: AuditFilters, *, before: int | None = None, limit: int = 100
) -> list[AuditRow]:
    """What was done that fits; `before` is the id of the last row of the page before."""
    if not 1 <= limit <= LIMIT_MAX:
        raise InvalidInput("limit: must be from 1 to {most}", most=LIMIT_MAX)
    return await audit.page(conn, filters, before=before, limit=limit)
