"""What the script of the page of second factors asks for: the two halves of making a passkey, and of showing one."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

import msgspec
from aiohttp import web

from gateway.domain.errors import Conflict, InvalidInput
from gateway.postgres.access.sessions import OpenSession
from gateway.postgres.types import PgConnection
from gateway.usecases.access import passkeys
from gateway.usecases.access.signed_challenges import RelyingParty
from gateway.web.browser.visiting import Handler, Visit
from gateway.web.sign_in.factors import PATH, may_try_factor, own_actor, own_path, words_for

NOT_KEPT: Final = {"Cache-Control": "no-store"}


class SignedByBrowser(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser sends: what it signed, the name of a new passkey, and where its person wanted to go."""

    credential: dict[str, Any]
    name: str = ""
    next: str = ""


# Of somebody who has signed in: what their script is answered.
OwnAnswer = Callable[[Visit, OpenSession], Awaitable[dict[str, Any]]]


def of_script(handle: OwnAnswer) -> Handler:
    """A handler of JSON for whoever has signed in; a refusal is a message in their language."""

    async def handled(visit: Visit) -> web.StreamResponse:
        session = await visit.session()
        if session is None:
            return web.json_response({"message": ""}, status=HTTPStatus.UNAUTHORIZED, headers=NOT_KEPT)
        try:
            return web.json_response(await handle(visit, session), headers=NOT_KEPT)
        except (Conflict, InvalidInput, msgspec.DecodeError, TooManyTries) as error:
            is_limit = isinstance(error, TooManyTries)
            message = words_for(session)("problems.too_many" if is_limit else "problems.wrong_passkey")
            status = HTTPStatus.TOO_MANY_REQUESTS if is_limit else HTTPStatus.CONFLICT
            return web.json_response({"message": message}, status=status, headers=NOT_KEPT)

    return handled


class TooManyTries(Exception):
    """Somebody tries a second factor too often."""


async def begin_registration(visit: Visit, session: OpenSession) -> dict[str, Any]:
    async with visit.database.connection() as conn:
        return await passkeys.registration_options(conn, session=session, party=party_of(visit), now=visit.now)


async def register(visit: Visit, session: OpenSession) -> dict[str, Any]:
    sent = await what_was_sent(visit)
    async with visit.database.connection() as conn:
        await _count(conn, visit, session)
        await passkeys.register_passkey(
            conn,
            actor=own_actor(visit, session),
            session=session,
            party=party_of(visit),
            credential=sent.credential,
            name=sent.name,
            now=visit.now,
        )
    return {"next": own_path(sent.next) or PATH}


async def begin_proof(visit: Visit, session: OpenSession) -> dict[str, Any]:
    async with visit.database.connection() as conn:
        return await passkeys.proof_options(conn, session=session, party=party_of(visit), now=visit.now)


async def prove(visit: Visit, session: OpenSession) -> dict[str, Any]:
    sent = await what_was_sent(visit)
    async with visit.database.connection() as conn:
        await _count(conn, visit, session)
        await passkeys.show_passkey(
            conn,
            actor=own_actor(visit, session),
            session=session,
            party=party_of(visit),
            credential=sent.credential,
            now=visit.now,
        )
    return {"next": own_path(sent.next) or PATH}


async def what_was_sent(visit: Visit) -> SignedByBrowser:
    """What a browser has signed; DecodeError where it is nothing of the kind."""
    try:
        return msgspec.json.decode(await visit.request.read(), type=SignedByBrowser)
    except RecursionError as error:
        raise msgspec.DecodeError("nested too deeply") from error


async def _count(conn: PgConnection, visit: Visit, session: OpenSession) -> None:
    if not await may_try_factor(conn, visit, session):
        raise TooManyTries


def party_of(visit: Visit) -> RelyingParty:
    return RelyingParty(host=visit.site.host, origin=visit.site.origin)
