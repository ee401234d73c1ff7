"""An event that waits for its batch, what can be done of it at once, and how it is told what became of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, Protocol, TypeVar

from gateway.domain.errors import DatabaseAway
from gateway.postgres.types import PgConnection

E = TypeVar("E")
R = TypeVar("R")
E_contra = TypeVar("E_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)


class Again:
    """A result that says: another transaction was quicker, work this event once more."""


AGAIN: Final = Again()

# One statement, which commits by itself; no lock is waited for in it longer than the turn, given as PostgreSQL has it.
QuickWork = Callable[[PgConnection, str], Awaitable[Sequence[R_co | Again]]]


class QuickWay(Protocol[E_contra, R_co]):
    """What can be done at once of events; None where nothing can. `is_held`: whether an account is not waited for."""

    def __call__(self, events: Sequence[E_contra], *, is_held: Callable[[int], bool]) -> QuickWork[R_co] | None: ...


class Item(Generic[E, R]):
    """An event of a group commit."""

    __slots__ = ("account_id", "event", "future", "is_alone", "looks", "since", "tries")

    def __init__(self, event: E, future: "asyncio.Future[R]", since: float) -> None:
        self.event = event
        self.future = future
        self.since = since
        self.tries = 0
        # Its batch failed: it gets a transaction of its own.
        self.is_alone = False
        # The account that it found locked, and how often it was put aside for a lock.
        self.account_id: int | None = None
        self.looks = 0


def away(why: str, error: Exception | None, kind: type[DatabaseAway] = DatabaseAway) -> DatabaseAway:
    away = kind(why)
    away.__cause__ = error
    return away


def settle(future: "asyncio.Future[R]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
