"""Show one line: what it is, and what happens to it next."""

from dataclasses import dataclass

from gateway.domain.errors import NotFound
from gateway.domain.lines.life import Next, next_of
from gateway.domain.lines.line import LineKind, LineState
from gateway.numbers.parties import read_number
from gateway.postgres.lines import lines, subscriptions
from gateway.postgres.lines.lines import LineFilters, LineRow
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """A line, and what comes next of it."""

    line: LineRow
    next: Next


async def show_line(conn: PgConnection, *, name: str, kind: LineKind) -> LineView:
    """The line of a name; NotFound where there is none of the kind."""
    return view(await find_line(conn, name=name, kind=kind))


async def find_line(conn: PgConnection, *, name: str, kind: LineKind) -> LineRow:
    named = await subscriptions.find(conn, name=read_number(name))
    line = None if named is None else await lines.get(conn, line_id=named.id)
    if line is None or line.kind != kind:
        raise NotFound("there is no {kind} {name}", kind=kind, name=name)
    return line


async def page_lines(conn: PgConnection, *, after: int, limit: int, filters: LineFilters) -> list[LineRow]:
    """A part of the lines that fit, the oldest first; `after` is the id of the last one of the part before."""
    return await lines.page(conn, after=after, limit=limit, filters=filters)


def view(line: LineRow) -> LineView:
    return LineView(
        line=line,
        next=next_of(
            LineState(line.state), due_on=line.due_on, reserved_until=line.reserved_until, ends_at=line.ends_at
        ),
    )
