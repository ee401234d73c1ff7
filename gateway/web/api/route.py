"""One route of the API: what it is called, who may, what it is given and what it gives."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final, Generic, TypeVar

import msgspec

from gateway.context import Context
from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.postgres.types import PgConnection
from gateway.web.api.cursors import Cursor

Q = TypeVar("Q", bound=msgspec.Struct)
B = TypeVar("B")
R = TypeVar("R")
JSON: Final = "application/json"
CSV: Final = "text/csv"
ZIP: Final = "application/zip"


class Method(StrEnum):
    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


class NoQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A route that has no parameters refuses all: a name that was mistyped must not pass in silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Generic[Q, B]):
    """One request, once it is known who asks, that they may, and that it is as the document says.

    `account_id` is the account that it is about, or that a list is narrowed to; None: all.
    `after` is where a list goes on, `limit` how many it gives.
    """

    conn: PgConnection
    context: Context
    actor: Actor
    now: datetime
    path: Mapping[str, Any]
    query: Q
    body: B
    account_id: int | None = None
    after: Cursor | None = None
    limit: int = 100
    if_match: str | None = None

    @property
    def before_id(self) -> int | None:
        """Where a list goes on that is sorted by ids."""
        return self.after if isinstance(self.after, int) else None

    @property
    def one_more(self) -> int:
        """How many rows to look for: one more than are given tells whether there are more."""
        return self.limit + 1

    def rows(self, found: Sequence[R], *, summary: object = None) -> "Rows[R]":
        """Of rows that have ids, among which there may be one more than are given."""
        data = found[: self.limit]
        last: Any = data[-1] if len(found) > self.limit else None
        return Rows(data=data, next=None if last is None else last.id, summary=summary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Generic[R]):
    """A part of a list, and where it goes on; None: it is over. `summary` is of all that fits, where a list has one."""

    data: Sequence[R]
    next: Cursor | None
    summary: object = None


# Of an Asked with the query and the body of its route; a list gives Rows.
Handler = Callable[[Asked[Any, Any]], Awaitable[Any]]
# Whose something is that a path names, so that nobody is told of another's; NotFound where it is not there.
Owner = Callable[[PgConnection, Mapping[str, Any]], Awaitable[int | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A row of the table.

    `path` is below /v1. `reply` is what it gives, of a list one of its rows; None: it has no body; bytes: a file of
    `reply_type`, whose handler gives its parts one after the other. `summed`: what the summary of a list is. `body` is
    a struct, or bytes of `body_type`. `waits`: what it gives, as accepted (202), where another has to agree first.
    `needs_key`: it creates something or moves money, so it wants an Idempotency-Key. `tells_secret`: its reply does, so
    that the one that is kept is sealed. `has_version`: it takes If-Match. `owner` says whose it is that the path names,
    where the path has no account.
    """

    method: Method
    path: str
    name: str
    tag: str
    action: Action
    summary: str
    handle: Handler
    reply: Any
    waits: Any = None
    query: type[msgspec.Struct] = NoQuery
    body: type | None = None
    body_type: str = JSON
    reply_type: str = JSON
    status: HTTPStatus = HTTPStatus.OK
    is_list: bool = False
    summed: Any = None
    needs_key: bool = False
    tells_secret: bool = False
    has_version: bool = False
    owner: Owner | None = None
    columns: Sequence[str] = field(default=())

    @property
    def is_write(self) -> bool:
        """Whether it changes something; a quote is asked for by a POST, and changes nothing."""
        return self.method is not Method.GET and self.action.scope.endswith(":write")

    @property
    def is_file(self) -> bool:
        """Whether what it gives can be taken away as a file; asking for it changes nothing."""
        return self.method is Method.GET and (self.is_list or self.reply is bytes)

    @property
    def narrows(self) -> bool:
        """Whether its query or its body may name an account."""
        return any("account_id" in getattr(each, "__struct_fields__", ()) for each in (self.query, self.body))

    @property
    def names_something(self) -> bool:
        """Whether its path, its query or its body names what may not be there."""
        return bool(self.parameters) or self.narrows or "call" in self.query.__struct_fields__

    @property
    def parameters(self) -> list[str]:
        """The names in its path."""
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]
