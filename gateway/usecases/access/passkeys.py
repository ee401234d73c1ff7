"""Passkeys (WebAuthn) as a second factor: registered, shown, taken away. See signed_challenges for what is signed."""

from datetime import datetime
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
from gateway.usecases.access.signed_challenges import (
    USELESS,
    RelyingParty,
    as_json,
    give_challenge,
    id_of,
    note_shown,
    refusals,
    take_challenge,
)
from gateway.usecases.access.write_down import write_down

PASSKEYS_MAX: Final = 20
ISSUER: Final = "Gateway"
BY: Final = "passkey"


async def registration_options(
    conn: PgConnection, *, session: OpenSession, party: RelyingParty, now: datetime
) -> dict[str, Any]:
    """What a browser needs to make a passkey, as JSON: one that says whose it is, where the device can keep such."""
    import webauthn  # noqa: PLC0415 - processes that only serve calls have no need of it
    from webauthn.helpers.structs import (  # noqa: PLC0415 - see above
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
    )

    require_proven(session, now=now)
    known = await factors.list_passkeys(conn, person_id=session.person_id)
    if len(known) >= PASSKEYS_MAX:
        raise Conflict("there are {most} passkeys already: take one away first", most=PASSKEYS_MAX)
    options = webauthn.generate_registration_options(
        rp_id=party.host,
        rp_name=ISSUER,
        user_id=str(session.person_id).encode(),
        user_name=session.email,
        user_display_name=session.name or session.email,
        challenge=await give_challenge(conn, session_id=session.id, now=now),
        authenticator_selection=AuthenticatorSelectionCriteria(resident_key=ResidentKeyRequirement.PREFERRED),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each.id) for each in known],
    )
    return as_json(options)


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
    challenge = await take_challenge(conn, session_id=session.id, credential=credential, now=now)
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            require_user_verification=False,
        )
    except refusals() as error:
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
        challenge=await give_challenge(conn, session_id=session.id, now=now),
        allow_credentials=[PublicKeyCredentialDescriptor(id=each.id) for each in known],
    )
    return as_json(options)


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
    challenge = await take_challenge(conn, session_id=session.id, credential=credential, now=now)
    async with conn.transaction():
        known = await factors.lock_passkey(conn, person_id=session.person_id, passkey_id=id_of(credential))
        if known is None:
            raise InvalidInput(USELESS)
        await note_shown(
            conn,
            passkey=known,
            challenge=challenge,
            credential=credential,
            party=party,
            must_know_its_person=False,
            now=now,
        )
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
