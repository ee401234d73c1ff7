"""Where people have signed in: their own sessions, and those of anybody for who may end them."""

from datetime import datetime
from http import HTTPStatus
from typing import Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.postgres.access.sessions import SessionRow
from gateway.usecases.access import sessions
from gateway.usecases.access.people import show_person
from gateway.web.api.reading import ListQuery
from gateway.web.api.resources.me import person_of
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows


class SessionQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class ShownSession(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody has signed in: `address` of the network, and `agent`, what the browser calls itself."""

    id: int
    person_id: int
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str


async def list_own(asked: Asked[SessionQuery, None]) -> Rows[ShownSession]:
    """Those that count, newest first. 409 for a token."""
    return await _listed(asked, person_of(asked.actor))


async def end_own(asked: Asked[NoQuery, None]) -> None:
    """At once, wherever it is open. 409 for a token."""
    await _end(asked, person_of(asked.actor))


async def list_of_person(asked: Asked[SessionQuery, None]) -> Rows[ShownSession]:
    """Those that count, newest first."""
    person = await show_person(asked.conn, person_id=asked.path["person_id"])
    return await _listed(asked, person.id)


async def end_of_person(asked: Asked[NoQuery, None]) -> None:
    """At once, wherever it is open."""
    await _end(asked, asked.path["person_id"])


async def _listed(asked: Asked[SessionQuery, None], person_id: int) -> Rows[ShownSession]:
    found = await sessions.list_sessions(
        asked.conn, person_id=person_id, now=asked.now, before=asked.before_id, limit=asked.one_more
    )
    return asked.rows([_session(each) for each in found])


async def _end(asked: Asked[NoQuery, None], person_id: int) -> None:
    await sessions.end_session(
        asked.conn, actor=asked.actor, session_id=asked.path["session_id"], person_id=person_id, now=asked.now
    )


def _session(row: SessionRow) -> ShownSession:
    return ShownSession(**{name: getattr(row, name) for name in ShownSession.__struct_fields__})


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/me/sessions",
        name="list_own_sessions",
        tag="me",
        action=Action.ME_READ,
        summary="Where am I signed in?",
        handle=list_own,
        query=SessionQuery,
        reply=ShownSession,
        is_list=True,
    ),
    Route(
        method=Method.DELETE,
        path="/me/sessions/{session_id}",
        name="end_own_session",
        tag="me",
        action=Action.ME_CHANGE,
        summary="Sign myself out somewhere",
        handle=end_own,
        reply=None,
        status=HTTPStatus.NO_CONTENT,
    ),
    Route(
        method=Method.GET,
        path="/people/{person_id}/sessions",
        name="list_sessions",
        tag="people",
        action=Action.PEOPLE_READ,
        summary="Where is somebody signed in?",
        handle=list_of_person,
        query=SessionQuery,
        reply=ShownSession,
        is_list=True,
    ),
    Route(
        method=Method.DELETE,
        path="/people/{person_id}/sessions/{session_id}",
        name="end_session",
        tag="people",
        action=Action.PEOPLE_CHANGE,
        summary="Sign somebody out somewhere",
        handle=end_of_person,
        reply=None,
        status=HTTPStatus.NO_CONTENT,
    ),
)
