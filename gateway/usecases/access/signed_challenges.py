"""What a browser signs by a passkey (WebAuthn): a challenge, good once, for five minutes, at the address that it shows.

A challenge is given to a session; or to nobody, where what is signed begins one.
"""

import base64
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from gateway.domain.errors import InvalidInput
from gateway.postgres.access import factors
from gateway.postgres.access.factors import PasskeyRow
from gateway.postgres.types import PgConnection

CHALLENGE_BYTES: Final = 32
CHALLENGE_LIFE: Final = timedelta(minutes=5)
USELESS: Final = "this passkey was not accepted: try again"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingParty:
    """Where passkeys are shown: the name of the host, and the origin as a browser says it."""

    host: str
    origin: str


async def give_challenge(conn: PgConnection, *, session_id: int | None, now: datetime) -> bytes:
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    await factors.keep_challenge(conn, challenge, session_id=session_id, expires_at=now + CHALLENGE_LIFE)
    return challenge


async def take_challenge(
    conn: PgConnection, *, session_id: int | None, credential: dict[str, Any], now: datetime
) -> bytes:
    """The challenge that a browser says it has signed, used up whatever comes of it."""
    try:
        said = json.loads(bytes_of(credential["response"]["clientDataJSON"]))
        challenge = bytes_of(said["challenge"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(USELESS) from error
    if not await factors.take_challenge(conn, challenge, session_id=session_id, now=now):
        raise InvalidInput(USELESS)
    return challenge


async def note_shown(
    conn: PgConnection,
    *,
    passkey: PasskeyRow,
    challenge: bytes,
    credential: dict[str, Any],
    party: RelyingParty,
    must_know_its_person: bool,
    now: datetime,
) -> None:
    """Note that a passkey, which is locked, has signed a challenge; InvalidInput where it has not.

    `must_know_its_person`: whoever held it has shown the device that it is they, by a finger or a PIN.
    """
    import webauthn  # noqa: PLC0415 - processes that only serve calls have no need of it

    try:
        shown = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=must_know_its_person,
        )
    except refusals() as error:
        raise InvalidInput(USELESS) from error
    await factors.note_passkey(conn, passkey_id=passkey.id, sign_count=shown.new_sign_count, now=now)


def id_of(credential: dict[str, Any]) -> bytes:
    """The id of the passkey that a browser says it has signed by."""
    return bytes_of(str(credential.get("rawId", "")))


def bytes_of(text: str) -> bytes:
    """Of the characters of a URL, as browsers write what is signed; empty where they are none."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""


def as_json(options: Any) -> dict[str, Any]:
    """What a browser is asked, as its script reads it."""
    import webauthn  # noqa: PLC0415 - see above

    plain: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return plain


def refusals() -> tuple[type[Exception], ...]:
    """What the library raises where a response is not what was asked for."""
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415 - see above

    return (WebAuthnException, ValueError)
