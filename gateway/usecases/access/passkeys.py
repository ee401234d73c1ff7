"""Passkeys (WebAuthn) as a second factor: registered, shown, taken away.

A browser signs a challenge that was given to its session: good once, for five minutes, at the address that it shows.
"""

import base64
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.errors import Conflict, InvalidInput, NotFound
from gateway.postgres.access import factors
from gateway.postgres.access.factors import PasskeyRow
from gateway.postgres.access.sessions import OpenSession
from gateway.postgres.types import PgConnection
from gateway.usecases.access.factors import lock_person, note_proof, require_proven
from gateway.usecases.access.people import valid_name
from gateway.usecases.access.write_down import write_down

CHALLENGE_BYTES: Final = 32
CHALLENGE_LIFE: Final = timedelta(minutes=5)
PASSKEYS_MAX: Final = 20
ISSUER: Final = "Gateway"
BY: Final = "passkey"
USELESS: Final = "this passkey was not accepted: try again"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingParty:
    """Where passkeys are shown: the name of the host, and the origin as a browser says it."""

    host: str
    origin: str


async def registration_options(
    conn: PgConnection, *, session: OpenSession, party: RelyingParty, now: datetime
) -> dict[str, Any]:
    """What a browser needs to make a passkey, as JSON."""
    import webauthn  # noqa: PLC0415 - processes that only serve calls have no need of it
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor  # noqa: PLC0415 - see above

    require_proven(session, now=now)
    known = await factors.list_passkeys(conn, person_id=session.person_id)
    if len(known) >= PASSKEYS_MAX:
        raise Conflict(f"there are {PASSKEYS_MAX} passkeys already: take one away first")
    options = webauthn.generate_registration_options(
        rp_id=party.host,
        rp_name=ISSUER,
        user_id=str(session.person_id).encode(),
        user_name=session.email,
        user_display_name=session.name or session.email,
        challenge=await _challenge(conn, session, now),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each.id) for each in known],
    )
    return _as_json(options)


async def register_passkey(
    conn: PgConnection,
    *,
    actor: Actor,
    session: OpenSession,
    party: RelyingParty,
    credential: dict[str, Any],
    name: str,
    now: datetime,
) -> PasskeyRow:
    """Keep a passkey that a browser has made; with it the session is proven, as it has just been shown."""
    import webauthn  # noqa: PLC0415 - see above

    require_proven(session, now=now)
    challenge = await _taken(conn, session, credential, now)
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            require_user_verification=False,
        )
    except _refusals() as error:
        raise InvalidInput(USELESS) from error
    new = PasskeyRow(
        id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=valid_name(name) or "passkey",
        created_at=now,
        last_used_at=None,
    )
    async with conn.transaction():
        await lock_person(conn, person_id=session.person_id)
        if await factors.add_passkey(conn, new, person_id=session.person_id) is None:
            raise Conflict("this passkey is known already")
        await note_proof(conn, actor=actor, session=session, by=BY, made={"passkey": new.name}, now=now)
    return new


async def proof_options(
    conn: PgConnection, *, session: OpenSession, party: RelyingParty, now: datetime
) -> dict[str, Any]:
    """What a browser needs to show a passkey, as JSON; Conflict where there is none."""
    import webauthn  # noqa: PLC0415 - see above
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor  # noqa: PLC0415 - see above

    known = await factors.list_passkeys(conn, person_id=session.person_id)
    if not known:
        raise Conflict("there is no passkey")
    options = webauthn.generate_authentication_options(
        rp_id=party.host,
        challenge=await _challenge(conn, session, now),
        allow_credentials=[PublicKeyCredentialDescriptor(id=each.id) for each in known],
    )
    return _as_json(options)


async def show_passkey(
    conn: PgConnection,
    *,
    actor: Actor,
    session: OpenSession,
    party: RelyingParty,
    credential: dict[str, Any],
    now: datetime,
) -> None:
    """Prove a session by a passkey that its person has; InvalidInput where it is not that."""
    import webauthn  # noqa: PLC0415 - see above

    challenge = await _taken(conn, session, credential, now)
    async with conn.transaction():
        known = await factors.lock_passkey(
            conn, person_id=session.person_id, passkey_id=bytes_of(str(credential.get("rawId", "")))
        )
        if known is None:
            raise InvalidInput(USELESS)
        try:
            shown = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=party.host,
                expected_origin=party.origin,
                credential_public_key=known.public_key,
                credential_current_sign_count=known.sign_count,
                require_user_verification=False,
            )
        except _refusals() as error:
            raise InvalidInput(USELESS) from error
        await factors.note_passkey(conn, passkey_id=known.id, sign_count=shown.new_sign_count, now=now)
        await note_proof(conn, actor=actor, session=session, by=f"{BY} {known.name}", now=now)


async def remove_passkey(
    conn: PgConnection, *, actor: Actor, session: OpenSession, passkey_id: bytes, now: datetime
) -> None:
    require_proven(session, now=now)
    async with conn.transaction():
        await lock_person(conn, person_id=session.person_id)
        known = await factors.lock_passkey(conn, person_id=session.person_id, passkey_id=passkey_id)
        if known is None:
            raise NotFound("there is no such passkey")
        await factors.delete_passkey(conn, passkey_id=known.id)
        before = {"name": known.name, "created_at": known.created_at, "last_used_at": known.last_used_at}
        what, note = f"person:{session.person_id}", "a passkey taken away"
        await write_down(conn, actor, Action.ME_CHANGE, what, before=before, note=note, now=now)


def bytes_of(text: str) -> bytes:
    """Of the characters of a URL, as browsers write what is signed; empty where they are none."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""


async def _challenge(conn: PgConnection, session: OpenSession, now: datetime) -> bytes:
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    await factors.keep_challenge(conn, challenge, session_id=session.id, expires_at=now + CHALLENGE_LIFE)
    return challenge


async def _taken(conn: PgConnection, session: OpenSession, credential: dict[str, Any], now: datetime) -> bytes:
    """The challenge that a browser says it has signed, used up whatever comes of it."""
    try:
        said = json.loads(bytes_of(credential["response"]["clientDataJSON"]))
        challenge = bytes_of(said["challenge"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(USELESS) from error
    if not await factors.take_challenge(conn, challenge, session_id=session.id, now=now):
        raise InvalidInput(USELESS)
    return challenge


def _as_json(options: Any) -> dict[str, Any]:
    import webauthn  # noqa: PLC0415 - see above

    plain: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return plain


def _refusals() -> tuple[type[Exception], ...]:
    """What the library raises where a response is not what was asked for."""
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415 - see above

    return (WebAuthnException, ValueError)
