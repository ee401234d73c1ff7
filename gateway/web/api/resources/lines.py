"""What numbers and connectors are to the API, and what can be done to either."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import msgspec

from gateway.countries import find_country
from gateway.domain.access.actions import Action
from gateway.domain.lines.life import CallersHear, GoesOutBy, Next, callers_hear, goes_out_by
from gateway.domain.lines.line import LineKind, LineState
from gateway.numbers.parties import read_number
from gateway.postgres.lines.lines import LineFilters, LineRow
from gateway.postgres.types import PgConnection
from gateway.usecases.lines import rent, show
from gateway.web.api.problems import Declined, ErrorCode
from gateway.web.api.reading import Id, LineName, ListQuery, Text
from gateway.web.api.route import Asked, Method, NoQuery, Owner, Route, Rows
from gateway.web.api.versions import version_of


class ShownLine(msgspec.Struct, frozen=True, kw_only=True):
    """A number or a connector. `rent` is the price of a month, null where none is charged; `due_on` is not paid for.

    `next` is what happens to it if nobody does anything. `suspended_since` is the day on which its rent was not paid.
    """

    id: int
    version: str
    account_id: int
    kind: LineKind
    name: str
    state: LineState
    country: str
    category: str
    rent: Decimal | None
    currency: str
    due_on: date | None
    reserved_until: datetime | None
    ends_at: datetime | None
    disconnected_at: datetime | None
    created_at: datetime
    next: Next
    suspended_since: date | None
    callers_hear: CallersHear
    goes_out_by: GoesOutBy


class LineQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`due_before`: their rent is paid until an earlier day. `line` is a name, `country` a code or a name."""

    account_id: Id | None = None
    state: LineState | None = None
    due_before: date | None = None
    country: Text | None = None
    line: LineName | None = None


# The use cases that change one line, by its name.
Change = Callable[..., Awaitable[LineRow]]
_STATED = ("account_id", "state", "country", "category", "rent", "due_on", "ends_at", "reserved_until")


def line_of(row: LineRow) -> ShownLine:
    fields: dict[str, Any] = {name: getattr(row, name) for name in LineRow.__dataclass_fields__}
    kind, state = LineKind(row.kind), LineState(row.state)
    fields |= {"kind": kind, "state": state}
    version = version_of({name: fields[name] for name in _STATED})
    return ShownLine(
        version=version,
        next=show.view(row).next,
        suspended_since=row.due_on if state is LineState.SUSPENDED else None,
        callers_hear=callers_hear(state, kind),
        goes_out_by=goes_out_by(state, kind),
        **fields,
    )


async def list_lines(asked: Asked[LineQuery, None], kind: LineKind) -> Rows[ShownLine]:
    query = asked.query
    filters = LineFilters(
        account_id=asked.account_id,
        state=query.state,
        due_before=query.due_before,
        kind=kind,
        country=None if query.country is None else find_country(query.country),
        name=None if query.line is None else read_number(query.line),
    )
    found = await show.page_lines(asked.conn, after=asked.before_id or 0, limit=asked.one_more, filters=filters)
    return asked.rows([line_of(row) for row in found])


def account_for(asked: Asked[Any, Any]) -> int:
    """The account that something is for: an account's people need not say it, and operators must."""
    if asked.account_id is None:
        raise Declined(code=ErrorCode.REFUSED, detail="say for which account", field="/account_id")
    return asked.account_id


def owner_of(kind: LineKind, place: str) -> Owner:
    """Whose the line is that a path names."""

    async def owner(conn: PgConnection, path: Mapping[str, Any]) -> int:
        return (await show.find_line(conn, name=path[place], kind=kind)).account_id

    return owner


def life_routes(kind: LineKind, place: str) -> tuple[Route, ...]:
    """The routes of one line that are the same for numbers and connectors."""
    whose, base = owner_of(kind, place), f"/{kind}s/{{{place}}}"

    async def show_one(asked: Asked[NoQuery, None]) -> ShownLine:
        """What it is, what happens to it next, and why."""
        return line_of((await show.show_line(asked.conn, name=asked.path[place], kind=kind)).line)

    def change(verb: str, action: Action, summary: str, do: Change) -> Route:
        async def handle(asked: Asked[NoQuery, None]) -> ShownLine:
            changed = await do(asked.conn, actor=asked.actor, name=asked.path[place], now=asked.now)
            return line_of(changed)

        handle.__doc__ = do.__doc__
        return Route(
            method=Method.POST,
            path=f"{base}/{verb}",
            name=f"{verb.replace('-', '_')}_{kind}",
            tag=f"{kind}s",
            action=action,
            summary=summary,
            handle=handle,
            reply=ShownLine,
            needs_key=True,
            owner=whose,
        )

    return (
        Route(
            method=Method.GET,
            path=base,
            name=f"show_{kind}",
            tag=f"{kind}s",
            action=Action.NUMBERS_READ,
            summary=f"How is this {kind}, and what happens to it next?",
            handle=show_one,
            reply=ShownLine,
            owner=whose,
        ),
        change("give-up", Action.NUMBERS_GIVE_UP, f"Give a {kind} up, in 24 hours", rent.give_up),
        change("undo", Action.NUMBERS_GIVE_UP, f"Keep a {kind} after all", rent.undo_give_up),
        change("lost", Action.NUMBERS_CHANGE, f"Say that a {kind} is lost", rent.report_lost),
    )


def list_route(kind: LineKind, handle: Callable[[Asked[LineQuery, None]], Awaitable[Rows[ShownLine]]]) -> Route:
    return Route(
        method=Method.GET,
        path=f"/{kind}s",
        name=f"list_{kind}s",
        tag=f"{kind}s",
        action=Action.NUMBERS_READ,
        summary=f"Which {kind}s are there?",
        handle=handle,
        query=LineQuery,
        reply=ShownLine,
        is_list=True,
    )


def create_route(kind: LineKind, place: str, *, action: Action, summary: str, handle: Any, body: type) -> Route:
    """One that makes a line; `place` is below the list."""
    return Route(
        method=Method.POST,
        path=f"/{kind}s{place}",
        name=handle.__name__,
        tag=f"{kind}s",
        action=action,
        summary=summary,
        handle=handle,
        body=body,
        reply=ShownLine,
        status=HTTPStatus.CREATED,
        needs_key=True,
    )
