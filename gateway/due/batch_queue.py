"""Rows that are worked together in one transaction; where that fails, one by one."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.errors import is_database_away, is_retryable, is_statement_cancelled
from gateway.postgres.types import PgConnection

Row = TypeVar("Row")
Row_contra = TypeVar("Row_contra", contravariant=True)
Result = TypeVar("Result")


class PostponeRow(Protocol[Row_contra]):
    """One statement: have a row come back at `until`; one that would come back later is left alone."""

    async def __call__(self, conn: PgConnection, row: Row_contra, /, *, until: datetime) -> None: ...


@dataclass(slots=True, kw_only=True)
class Worked(Generic[Row, Result]):
    """The results of the transactions that were made, and the rows that failed alone."""

    results: list[Result] = field(default_factory=list)
    failed: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchQueue(Generic[Row]):
    """A declaration of what is due and is cheaper done together: its batch, and what becomes of a row that fails alone.

    The work opens its own transaction, so that nothing is left of one that fails.
    """

    name: str
    interval_s: float
    batch: int
    postpone: PostponeRow[Row]
    # A row that cannot be worked must not keep the others waiting.
    postponed_for: timedelta
    failed: LogEvent
    # What names a row in the log.
    identify: Callable[[Row], Mapping[str, object]]

    async def run(
        self,
        conn: PgConnection,
        rows: Sequence[Row],
        work: Callable[[Sequence[Row]], Awaitable[Result]],
        *,
        now: datetime,
    ) -> Worked[Row, Result]:
        """Work rows together, or else one by one."""
        if not rows:
            return Worked()
        try:
            return Worked(results=[await work(rows)])
        except Exception as error:
            if _is_no_rows_fault(conn, error):
                raise
            return await self._work_each(conn, rows, work, now=now)

    async def _work_each(
        self,
        conn: PgConnection,
        rows: Sequence[Row],
        work: Callable[[Sequence[Row]], Awaitable[Result]],
        *,
        now: datetime,
    ) -> Worked[Row, Result]:
        """Work rows one by one after they failed together; one that fails alone waits longer than the others."""
        worked: Worked[Row, Result] = Worked()
        met: Exception | None = None
        for row in rows:
            try:
                worked.results.append(await work([row]))
            except Exception as error:
                if _is_no_rows_fault(conn, error):
                    raise
                if is_retryable(error):
                    met = error
                    continue
                await self._postpone(conn, row, error, now=now)
                worked.failed.append(row)
        if met is not None:
            # Who only met somebody else's transaction is not postponed, but tried again when the others are done.
            raise met
        return worked

    async def _postpone(self, conn: PgConnection, row: Row, error: Exception, *, now: datetime) -> None:
        why = str(error) or type(error).__name__
        logger().error(self.failed, **self.identify(row), why=why, exc_info=error)
        await self.postpone(conn, row, until=now + self.postponed_for)


def _is_no_rows_fault(conn: PgConnection, error: Exception) -> bool:
    """Whether the database is away. A statement that took too long may well be one row's fault."""
    return conn.is_closed() or (is_database_away(error) and not is_statement_cancelled(error))
