"""Sign in by a passkey alone: it says whose it is, so nothing is typed in and no mail is waited for.

Its device has made sure that its person holds it, by a finger or a PIN: that is two factors, and the session is proven.
"""

from datetime import datetime
from typing import Any, Final

from gateway.domain.access.second_factor import PROVEN_FOR
from gateway.domain.errors import InvalidInput
from gateway.postgres.access import factors
from gateway.postgres.types import PgConnection
from gateway.usecases.access.sessions import BegunSession, UserAgent, begin_session
from gateway.usecases.access.signed_challenges import (
    USELESS,
    RelyingParty,
    as_json,
    bytes_of,
    give_challenge,
    id_of,
    note_shown,
    take_challenge,
)

# Of whoever has not signed in.
NOBODY: Final = None


async def sign_in_options(conn: PgConnection, *, party: RelyingParty, now: datetime) -> dict[str, Any]:
    """What a browser needs to show any passkey of this address, as JSON: the same for everybody."""
    import webauthn  # noqa: PLC0415 - processes that only serve calls have no need of it
    from webauthn.helpers.structs import UserVerificationRequirement  # noqa: PLC0415 - see above

    challenge = await give_challenge(conn, session_id=NOBODY, now=now)
    return as_json(
        webauthn.generate_authentication_options(
            rp_id=party.host, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
        )
    )


async def sign_in_by_passkey(
    conn: PgConnection, *, party: RelyingParty, credential: dict[str, Any], visitor: UserAgent, now: datetime
) -> BegunSession:
    """Begin a session of whose passkey it is; InvalidInput where it is nobody's who may sign in.

    A device says with the passkey whose it is, and that must be so: else the name that it showed was somebody else's.
    """
    challenge = await take_challenge(conn, session_id=NOBODY, credential=credential, now=now)
    async with conn.transaction():
        known = await factors.find_passkey(conn, passkey_id=id_of(credential))
        if known is None or _person_in(credential) != str(known.person_id):
            raise InvalidInput(USELESS)
        await note_shown(
            conn,
            passkey=known.passkey,
            challenge=challenge,
            credential=credential,
            party=party,
            must_know_its_person=True,
            now=now,
        )
        by, proven_until = f"passkey {known.passkey.name}", now + PROVEN_FOR
        return await begin_session(
            conn, person_id=known.person_id, visitor=visitor, by=by, proven_until=proven_until, now=now
        )


def _person_in(credential: dict[str, Any]) -> str:
    """Whose passkey a device says it is; of no use where it does not."""
    return bytes_of(str(credential["response"].get("userHandle", ""))).decode(errors="replace")
