"""An event that waits for its batch, and how it is told what became of it."""

import asyncio
from typing import Final, Generic, TypeVar

from gateway.domain.errors import DatabaseAway

E = TypeVar("E")
R = TypeVar("R")


class Again:
    """A result that says: another transaction was quicker, work this event once more."""


AGAIN: Final = Again()


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
