"""One-time passwords by the time (TOTP, RFC 6238) as a second factor: drawn, confirmed, shown, taken away.

Their secret is kept sealed. Each password is good once, for its own half minute and the one on either side of it.
"""

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.errors import Conflict
from gateway.postgres.access import factors
from gateway.postgres.access.factors import TotpRow
from gateway.postgres.access.sessions import OpenSession
from gateway.postgres.types import PgConnection
from gateway.sealing import Seal
from gateway.usecases.access.factors import lock_person, note_proof, require_proven
from gateway.usecases.access.write_down import write_down

STEP_S: Final = 30
DIGITS: Final = 6
# How many steps a clock may be ahead or behind.
APART: Final = 1
ISSUER: Final = "Gateway"
BY: Final = "one-time password"


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpSetup:
    """What an authenticator is given, once: as an address that a QR code has, and as a text to type in."""

    secret: str = field(repr=False)
    address: str = field(repr=False)


async def draw_totp(conn: PgConnection, *, actor: Actor, session: OpenSession, seal: Seal, now: datetime) -> None:
    """Draw a secret, in place of one that was never confirmed. Conflict where there is a confirmed one."""
    import pyotp  # noqa: PLC0415 - processes that only serve calls have no need of it

    require_proven(session, now=now)
    async with conn.transaction():
        await lock_person(conn, person_id=session.person_id)
        secret = seal.close(pyotp.random_base32())
        if not await factors.draw_totp(conn, person_id=session.person_id, secret=secret):
            raise Conflict("one-time passwords are set up already")
        what, note = f"person:{session.person_id}", "a secret of one-time passwords drawn, not confirmed yet"
        await write_down(conn, actor, Action.ME_CHANGE, what, note=note, now=now)


def setup_of(totp: TotpRow, *, email: str, seal: Seal) -> TotpSetup | None:
    """What an authenticator is given of a secret that is not confirmed; None of another, and where none opens it."""
    import pyotp  # noqa: PLC0415 - see above

    secret = None if totp.confirmed_at is not None else seal.open(totp.secret)
    if secret is None:
        return None
    address = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S).provisioning_uri(name=email, issuer_name=ISSUER)
    return TotpSetup(secret=secret, address=address)


async def show_totp(
    conn: PgConnection, *, actor: Actor, session: OpenSession, code: str, seal: Seal, now: datetime
) -> bool:
    """Show a password, the first of which confirms the secret; False where it is wrong, or was used. Audited once."""
    async with conn.transaction():
        totp = await factors.lock_totp(conn, person_id=session.person_id)
        if totp is None:
            return False
        is_first = totp.confirmed_at is None
        if is_first:
            require_proven(session, now=now)
        secret = seal.open(totp.secret)
        step = None if secret is None else step_of(code, secret=secret, after=totp.last_step, now=now)
        if step is None:
            return False
        await factors.note_totp(conn, person_id=session.person_id, step=step, now=now)
        made = {"one_time_passwords": True} if is_first else None
        await note_proof(conn, actor=actor, session=session, by=BY, made=made, now=now)
    return True


async def remove_totp(conn: PgConnection, *, actor: Actor, session: OpenSession, now: datetime) -> None:
    """Take the one-time passwords away; Conflict where there are none."""
    require_proven(session, now=now)
    async with conn.transaction():
        await lock_person(conn, person_id=session.person_id)
        totp = await factors.lock_totp(conn, person_id=session.person_id)
        if totp is None:
            raise Conflict("there are no one-time passwords")
        await factors.delete_totp(conn, person_id=session.person_id)
        before = {"confirmed_at": totp.confirmed_at}
        what, note = f"person:{session.person_id}", "one-time passwords taken away"
        await write_down(conn, actor, Action.ME_CHANGE, what, before=before, note=note, now=now)


def step_of(code: str, *, secret: str, after: int, now: datetime) -> int | None:
    """The step that a password is of, later than one; None where it is of none that is good now."""
    import pyotp  # noqa: PLC0415 - see above

    digits = "".join(code.split())
    here = int(now.timestamp()) // STEP_S
    passwords = pyotp.HOTP(secret, digits=DIGITS)
    # All are compared, so that the time it takes tells nothing.
    good = [
        step
        for step in range(here - APART, here + APART + 1)
        if hmac.compare_digest(passwords.at(step).encode(), digits.encode()) and step > after
    ]
    return good[0] if good else None
