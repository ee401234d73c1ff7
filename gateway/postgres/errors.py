"""What a failure says: that an event is at fault itself, that the database is away, or that it is worth trying again.

Only of the first kind is a verdict about the event. Whatever else goes wrong, known or not, is no reason to lose it.
Neither of the others is a mistake of ours: the second fails closed (R34), the third repeats the transaction.
"""

from collections.abc import Iterator
from decimal import InvalidOperation

import asyncpg

from gateway.domain.errors import DatabaseAway, GatewayError, ProviderFailed

# What is in the event itself cannot be kept, however often it is tried: too large, no text, no instant.
OWN_FAULTS = (
    asyncpg.DataError,
    asyncpg.CheckViolationError,
    asyncpg.NotNullViolationError,
    UnicodeEncodeError,
    OverflowError,
    InvalidOperation,
)

AWAY = (
    # Refused, reset, unreachable; TimeoutError and what goes wrong with TLS are some of them.
    OSError,
    # The stream ended in the middle of something.
    EOFError,
    asyncpg.PostgresConnectionError,
    # The server ended the connection with this.
    asyncpg.FatalPostgresError,
    # Its disk cannot be read or written.
    asyncpg.PostgresSystemError,
    # Starting up, shutting down, in recovery, crashed.
    asyncpg.OperatorInterventionError,
    # The database takes no connections, as somebody has it to themselves.
    asyncpg.ObjectNotInPrerequisiteStateError,
    # Too many connections, no disk space, no memory.
    asyncpg.InsufficientResourcesError,
    # The session is not in the state that we left it in: a fail-over left us with the standby, the server ended it
    # as it did nothing for too long, a pooler gave it to somebody else.
    asyncpg.InvalidTransactionStateError,
    # A pooler gave us a session that does not have the statements that we prepared, or has others by their names.
    asyncpg.InvalidSQLStatementNameError,
    asyncpg.DuplicatePreparedStatementError,
    # Cannot connect: the account, the password, the database were changed under us.
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    # The driver's view of the connection is broken: only standbys answered, types have changed, or a statement was sent
    # after the server's farewell was read and before the connection's end was noticed: asyncpg (0.32) says "cannot
    # switch to state 11; another operation (2) is in progress".
    asyncpg.InternalClientError,
)

RETRYABLE = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
)

# asyncpg has one class for wrong use and for a closed connection or pool, so its words decide. "Has been released"
# is what a borrowed connection says once the server ended it (it left the pool by itself).
CLOSED_WORDS = ("is closed", "is closing", "was closed", "connection has been released back to the pool")


def is_own_fault(exc: BaseException) -> bool:
    """Whether an event cannot be recorded for what it says itself, now or later; all others are kept.

    Constraints between rows say nothing of the event: the other row may come, or go. Nor do the checks on an account's
    figures, a row that no partition is there for, which is a check without a name, or a sequence at its end.
    """
    if isinstance(exc, GatewayError):
        return not isinstance(exc, DatabaseAway | ProviderFailed)
    if isinstance(exc, asyncpg.CheckViolationError):
        return exc.constraint_name is not None and exc.table_name != "account"
    return isinstance(exc, OWN_FAULTS) and not isinstance(exc, asyncpg.SequenceGeneratorLimitExceededError)


def is_database_away(exc: BaseException) -> bool:
    """Whether no answer could be had from the database: gone, full, or too slow.

    A statement that was cancelled by its timeout counts: for the caller at the telephone it is the same.
    """
    return any(_is_away(each) for each in _with_causes(exc))


def is_retryable(exc: BaseException) -> bool:
    """Whether the same transaction may succeed if it is run again: it only met another one."""
    return any(isinstance(each, RETRYABLE) for each in _with_causes(exc))


def is_lock_held(exc: BaseException) -> bool:
    """Whether a lock was waited for in vain: somebody keeps it for longer than a transaction of ours takes."""
    return any(isinstance(each, asyncpg.LockNotAvailableError) for each in _with_causes(exc))


def is_statement_cancelled(exc: BaseException) -> bool:
    """Whether the server ended a statement that took too long; the connection lives, and others may be quicker."""
    return any(isinstance(each, asyncpg.QueryCanceledError) for each in _with_causes(exc))


def _is_away(exc: BaseException) -> bool:
    if isinstance(exc, RETRYABLE):
        return False
    if isinstance(exc, AWAY):
        return True
    return isinstance(exc, asyncpg.InterfaceError) and any(words in str(exc) for words in CLOSED_WORDS)


def _with_causes(exc: BaseException) -> Iterator[BaseException]:
    """The exception and those it was raised from, since each layer that translates keeps its cause."""
    cause: BaseException | None = exc
    while cause is not None:
        yield cause
        cause = cause.__cause__
