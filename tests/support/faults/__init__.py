"""What can be done to a healthy installation, for as long as a block lasts; then it is mended."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from gateway.domain.problems import ProblemCode
from tests.support.faults import connections, database, machine, records
from tests.support.installation import Installation

Fault = Callable[[Installation], AbstractAsyncContextManager[None]]
FAULTS: dict[ProblemCode, Fault] = {
    ProblemCode.DATABASE_UNUSABLE: database.database_unusable,
    ProblemCode.MIGRATIONS_PENDING: database.migrations_pending,
    ProblemCode.DATABASE_READ_ONLY: database.database_read_only,
    ProblemCode.CRASH_MAY_LOSE: database.crash_may_lose,
    ProblemCode.LEDGER_DIFFERS: records.ledger_differs,
    ProblemCode.CALLS_NOT_CUT: records.calls_not_cut,
    ProblemCode.MONTH_MISSING: database.month_missing,
    ProblemCode.DISK_LOW: machine.disk_low,
    ProblemCode.DATABASE_CLOCK_APART: database.database_clock_apart,
    ProblemCode.SPOOL_WAITS: machine.spool_waits,
    ProblemCode.SPOOL_UNUSABLE: machine.spool_unusable,
    ProblemCode.SPOOL_REJECTED: machine.spool_rejected,
    ProblemCode.HOOKS_REFUSED: connections.hooks_refused,
    ProblemCode.CONTROL_UNPROVEN: connections.control_unproven,
    ProblemCode.NO_SMTP: records.no_smtp,
    ProblemCode.MAILS_LATE: records.mails_late,
    ProblemCode.MAILS_REFUSED: records.mails_refused,
    ProblemCode.HOLDS_OWED: records.holds_owed,
    ProblemCode.NO_OPERATOR_EMAIL: machine.no_operator_email,
    ProblemCode.OPERATOR_WITHOUT_FACTOR: records.operator_without_factor,
    ProblemCode.BOOKS_UNSEEN: records.books_unseen,
    ProblemCode.LARGE_SUMS_WAIT: records.large_sums_wait,
    ProblemCode.LOG_LOST: machine.log_lost,
    ProblemCode.SOME_HOOKS_REFUSED: connections.some_hooks_refused,
    ProblemCode.NO_HOOKS: connections.no_hooks,
    ProblemCode.PROVIDER_CLOCK_APART: connections.provider_clock_apart,
    ProblemCode.OLD_SECRET_IN_USE: connections.old_secret_in_use,
    ProblemCode.OLD_SECRET_UNUSED: connections.old_secret_unused,
}
