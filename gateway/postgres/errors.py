"""Which of the driver's exceptions mean that the database is away, and which that it is worth trying again.

Neither kind is a mistake of ours: the first fails closed (R34), the second repeats the transaction.
"""

from collections.abc import Iterator

import asyncpg

AWAY = (
    # Refused, reset, unreachable; TimeoutError is one of them.
    OSError,
    asyncpg.PostgresConnectionError,
    # Starting up, shutting down, in recovery, crashed.
    asyncpg.OperatorInterventionError,
    # Too many connections, no disk space, no memory.
    asyncpg.InsufficientResourcesError,
    # It was in a transaction and did nothing for too long, so its connection was closed.
    asyncpg.IdleInTransactionSessionTimeoutError,
    # A fail-over left us with the standby.
    asyncpg.ReadOnlySQLTransactionError,
    # Cannot connect: the account, the password, the database were changed under us.
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)

RETRYABLE = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
)

# asyncpg has one class for wrong use and for a closed connection or pool, so its words decide. "Has been released"
# is what a borrowed connection says once the server ended it (it left the pool by itself).
CLOSED_WORDS = ("is closed", "is closing", "was closed", "connection has been released back to the pool")


def is_database_away(exc: BaseException) -> bool:
    """Whether no answer could be had from the database: gone, full, or too slow.

    A statement that was cancelled by its timeout counts: for the caller at the telephone it is the same.
    """
    return any(_is_away(each) for each in _with_causes(exc))


def is_retryable(exc: BaseException) -> bool:
    """Whether the same transaction may succeed if it is run again: it only met another one."""
    return any(isinstance(each, RETRYABLE) for each in _with_causes(exc))


def is_statement_cancelled(exc: BaseException) -> bool:
    """Whether the server ended a statement that took too long; the connection lives, and others may be quicker."""
    return any(isinstance(each, asyncpg.QueryCanceledError) for each in _with_causes(exc))


def _is_away(exc: BaseException) -> bool:
    if isinstance(exc, RETRYABLE):
        return False
    if isinstance(exc, AWAY):
        return True
    if isinstance(exc, asyncpg.InterfaceError):
        return any(words in str(exc) for words in CLOSED_WORDS)
    # A statement sent after the server's farewell was read and before the connection's end was noticed: asyncpg
    # (0.32) says "cannot switch to state 11; another operation (2) is in progress".
    return type(exc) in {asyncpg.InternalClientError, asyncpg.ProtocolError}


def _with_causes(exc: BaseException) -> Iterator[BaseException]:
    """The exception and those it was raised from, since each layer that translates keeps its cause."""
    cause: BaseException | None = exc
    while cause is not None:
        yield cause
        cause = cause.__cause__
