"""What the script of the sign-in page asks for: the two halves of signing in by a passkey."""

from http import HTTPStatus

import msgspec
from aiohttp import web

from gateway.domain.errors import InvalidInput
from gateway.postgres.types import PgConnection
from gateway.usecases.access.links import may_try
from gateway.usecases.access.passkey_sign_in import sign_in_by_passkey, sign_in_options
from gateway.web.browser.plain import language_of, words_in
from gateway.web.browser.visiting import Visit
from gateway.web.sign_in.passkeys import NOT_KEPT, TooManyTries, party_of, what_was_sent
from gateway.web.sign_in.signing_in import HOME, TOO_MANY

WRONG_PASSKEY = "wrong_passkey"


async def begin(visit: Visit) -> web.Response:
    """What to sign: the same for whoever asks, as nobody has said yet who they are."""
    try:
        async with visit.database.connection() as conn:
            await _count(conn, visit)
            options = await sign_in_options(conn, party=party_of(visit), now=visit.now)
    except TooManyTries:
        return _told(visit, TOO_MANY, HTTPStatus.TOO_MANY_REQUESTS)
    return web.json_response(options, headers=NOT_KEPT)


async def sign_in(visit: Visit) -> web.Response:
    try:
        sent = await what_was_sent(visit)
        async with visit.database.connection() as conn:
            await _count(conn, visit)
            begun = await sign_in_by_passkey(
                conn, party=party_of(visit), credential=sent.credential, visitor=visit.visitor, now=visit.now
            )
    except TooManyTries:
        return _told(visit, TOO_MANY, HTTPStatus.TOO_MANY_REQUESTS)
    except (InvalidInput, msgspec.DecodeError):
        return _told(visit, WRONG_PASSKEY, HTTPStatus.FORBIDDEN)
    return visit.begin(web.json_response({"next": HOME}, headers=NOT_KEPT), begun)


async def _count(conn: PgConnection, visit: Visit) -> None:
    """As those by a link are: each half is a try of the network address."""
    if not await may_try(conn, address=visit.visitor.address, now=visit.now):
        raise TooManyTries


def _told(visit: Visit, name: str, status: HTTPStatus) -> web.Response:
    """A message that the page shows, in the language that the browser asks for."""
    message = words_in(language_of(visit.request))(name)
    return web.json_response({"message": message}, status=status, headers=NOT_KEPT)
