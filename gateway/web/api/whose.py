"""Whose it is that is asked for, and whether who asks may have it."""

from typing import Any

from gateway.context import Context
from gateway.domain.access.actions import Reach
from gateway.domain.access.actor import Actor
from gateway.domain.access.permissions import Permission, may, reach_of
from gateway.postgres.types import PgConnection
from gateway.web.api.cursors import Cursor, decode_cursor
from gateway.web.api.problems import Declined, ErrorCode
from gateway.web.api.reading import ReadRequest
from gateway.web.api.route import Asked, Route


def require_reach(actor: Actor, route: Route) -> None:
    """Declined where the role may not do it for anybody, before anything is read."""
    if reach_of(actor, route.action) is Reach.NONE:
        raise Declined(code=ErrorCode.FORBIDDEN, detail=f"{actor.role} may not: {route.action.meaning}")


async def asked_of(
    conn: PgConnection,
    route: Route,
    actor: Actor,
    said: ReadRequest,
    *,
    context: Context,
    if_match: str | None = None,
) -> Asked[Any, Any]:
    """What the handler is handed, once it is known whose it is that is asked for."""
    return Asked(
        conn=conn,
        context=context,
        actor=actor,
        now=context.clock.now(),
        path=said.path,
        query=said.query,
        body=said.body,
        account_id=await _account(route, conn, actor, said),
        after=_after(route, said.query),
        limit=getattr(said.query, "limit", 100),
        if_match=if_match,
    )


async def _account(route: Route, conn: PgConnection, actor: Actor, said: ReadRequest) -> int | None:
    """The account that a request is about; what is another's is not there."""
    named: int | None = said.path.get("account_id")
    if named is None and route.owner is not None:
        named = await route.owner(conn, said.path)
    elif named is None and route.narrows:
        named = getattr(said.query, "account_id", None) or getattr(said.body, "account_id", None)
        if named is None and reach_of(actor, route.action) is Reach.OWN:
            return actor.account_id
    elif named is None:
        return actor.account_id
    match may(actor, route.action, named):
        case Permission.ALLOWED:
            return named
        case Permission.FORBIDDEN:
            raise Declined(code=ErrorCode.FORBIDDEN, detail=f"{actor.role} may not: {route.action.meaning}")
        case Permission.HIDDEN:
            raise Declined(code=ErrorCode.NOT_FOUND, detail="there is no such thing")


def _after(route: Route, query: Any) -> Cursor | None:
    text = getattr(query, "after", None)
    if text is None:
        return None
    try:
        return decode_cursor(route.name, text)
    except ValueError as error:
        raise Declined(code=ErrorCode.REFUSED, detail=str(error), field="/query/after") from error
