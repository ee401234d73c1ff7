"""Queries about second factors: passkeys and one-time passwords (sql/queries/access/factors.sql)."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRow:
    """A passkey; `sign_count` is how often it had signed when it was shown last, where it counts at all."""

    id: bytes
    public_key: bytes = field(repr=False)
    sign_count: int
    name: str
    created_at: datetime
    last_used_at: datetime | None

    @property
    def key(self) -> str:
        """Its id as browsers write it."""
        return base64.urlsafe_b64encode(self.id).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedPasskey:
    """A passkey, and whose it is."""

    person_id: int
    passkey: PasskeyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpRow:
    """One-time passwords; they count once they are confirmed. `last_step` is the last one that was used."""

    secret: str = field(repr=False)
    confirmed_at: datetime | None
    last_step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorCount:
    """Which second factors somebody has."""

    passkeys: int
    has_totp: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorsWithoutFactor:
    """How many there are, and since when the first is one."""

    operators: int
    since: datetime | None


async def add_passkey(conn: PgConnection, new: PasskeyRow, *, person_id: int) -> PasskeyRow | None:
    """None where it is known already."""
    row = await conn.fetchrow(
        sql("passkey_create"), new.id, person_id, new.public_key, new.sign_count, new.name, new.created_at
    )
    return None if row is None else PasskeyRow(**row)


async def list_passkeys(conn: PgConnection, *, person_id: int) -> list[PasskeyRow]:
    """Oldest first."""
    return [PasskeyRow(**row) for row in await conn.fetch(sql("passkey_list"), person_id)]


async def lock_passkey(conn: PgConnection, *, person_id: int, passkey_id: bytes) -> PasskeyRow | None:
    row = await conn.fetchrow(sql("passkey_lock"), person_id, passkey_id)
    return None if row is None else PasskeyRow(**row)


async def find_passkey(conn: PgConnection, *, passkey_id: bytes) -> OwnedPasskey | None:
    """Whosever it is, unless they are disabled; locked."""
    row = await conn.fetchrow(sql("passkey_find"), passkey_id)
    if row is None:
        return None
    fields = dict(row)
    return OwnedPasskey(person_id=fields.pop("person_id"), passkey=PasskeyRow(**fields))


async def note_passkey(conn: PgConnection, *, passkey_id: bytes, sign_count: int, now: datetime) -> None:
    await conn.execute(sql("passkey_use"), passkey_id, sign_count, now)


async def delete_passkey(conn: PgConnection, *, passkey_id: bytes) -> None:
    await conn.execute(sql("passkey_delete"), passkey_id)


async def draw_totp(conn: PgConnection, *, person_id: int, secret: str) -> bool:
    """Keep a secret that is to be confirmed; False where there is a confirmed one."""
    return await conn.fetchval(sql("totp_draw"), person_id, secret) is not None


async def lock_totp(conn: PgConnection, *, person_id: int) -> TotpRow | None:
    row = await conn.fetchrow(sql("totp_lock"), person_id)
    return None if row is None else TotpRow(**row)


async def show_totp(conn: PgConnection, *, person_id: int) -> TotpRow | None:
    row = await conn.fetchrow(sql("totp_show"), person_id)
    return None if row is None else TotpRow(**row)


async def note_totp(conn: PgConnection, *, person_id: int, step: int, now: datetime) -> None:
    """A password of this step was shown, which confirms the secret; it was locked before."""
    await conn.execute(sql("totp_use"), person_id, step, now)


async def delete_totp(conn: PgConnection, *, person_id: int) -> None:
    await conn.execute(sql("totp_delete"), person_id)


async def delete_all(conn: PgConnection, *, person_id: int) -> None:
    await conn.execute(sql("passkey_delete_of_person"), person_id)
    await conn.execute(sql("totp_delete"), person_id)


async def count(conn: PgConnection, *, person_ids: Sequence[int]) -> Mapping[int, FactorCount]:
    """By people."""
    return {
        row["person_id"]: FactorCount(passkeys=row["passkeys"], has_totp=row["has_totp"])
        for row in await conn.fetch(sql("factor_counts"), list(person_ids))
    }


async def operators_without(conn: PgConnection, *, since: datetime) -> OperatorsWithoutFactor:
    """Those who were operators at an instant, and have none now."""
    row = await conn.fetchrow(sql("factor_operators_without"), since)
    assert row is not None, "an aggregate gives one row"  # noqa: S101
    return OperatorsWithoutFactor(**row)


async def keep_challenge(conn: PgConnection, challenge: bytes, *, session_id: int | None, expires_at: datetime) -> None:
    """Of a session; of none, what is signed begins one."""
    await conn.execute(sql("challenge_keep"), challenge, session_id, expires_at)


async def take_challenge(conn: PgConnection, challenge: bytes, *, session_id: int | None, now: datetime) -> bool:
    """Use it up; False where it was never given to this session, or to none, was used, or has expired."""
    return await conn.fetchval(sql("challenge_take"), challenge, session_id, now) is not None
