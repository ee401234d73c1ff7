"""Tokens of programs: drawn, shown once, kept as a hash, revoked."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.domain.access.actions import SCOPES, Action
from gateway.domain.access.actor import Actor, ActorKind
from gateway.domain.access.roles import Role
from gateway.domain.errors import Conflict, InvalidInput, NotFound
from gateway.postgres.access import tokens
from gateway.postgres.access.tokens import NewToken, TokenRow
from gateway.postgres.accounts import accounts
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down

SECRET_BYTES: Final = 32
NAME_LENGTH_MAX: Final = 200
LIMIT_MAX: Final = 1000
# `gw_`, the letter of the role, `_`, and four characters of the secret: enough to know it by, too little to find it.
PREFIX_LENGTH: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedToken:
    """A token, and its secret, which is told this once."""

    id: int
    token: str
    name: str
    role: Role
    account_id: int | None
    scopes: list[str] | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTerms:
    """What a token shall be; `scopes` None: all that its role may do, `expires_at` None: never."""

    role: Role
    account_id: int | None
    name: str = ""
    scopes: Sequence[str] | None = None
    expires_at: datetime | None = None


def hash_of(secret: str) -> bytes:
    """What is kept of a secret. It is random, so a fast hash is enough."""
    return hashlib.sha256(secret.encode()).digest()


def draw_secret() -> str:
    """32 random bytes, in the characters of a URL."""
    return base64.urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).rstrip(b"=").decode()


async def create_token(conn: PgConnection, *, actor: Actor, terms: TokenTerms, now: datetime) -> CreatedToken:
    """Draw a token. It may never do more than who creates it: not by its role, and not by its scopes."""
    _require_valid(actor, terms, now)
    secret = f"gw_{terms.role.value[0]}_{draw_secret()}"
    new = NewToken(
        hash=hash_of(secret),
        prefix=secret[:PREFIX_LENGTH],
        name=terms.name.strip(),
        role=terms.role,
        account_id=terms.account_id,
        scopes=None if terms.scopes is None else sorted(set(terms.scopes)),
        created_by=actor.name,
        expires_at=terms.expires_at,
    )
    async with conn.transaction():
        if terms.account_id is not None:
            await accounts.require(conn, account_id=terms.account_id)
        row = await tokens.create(conn, new, now=now)
        what = f"token:{row.id}"
        await write_down(conn, actor, Action.TOKENS_CHANGE, what, account_id=row.account_id, after=row, now=now)
    return CreatedToken(
        id=row.id,
        token=secret,
        name=row.name,
        role=row.role,
        account_id=row.account_id,
        scopes=row.scopes,
        expires_at=row.expires_at,
    )


def _require_valid(actor: Actor, terms: TokenTerms, now: datetime) -> None:
    if terms.role.is_of_account is (terms.account_id is None):
        is_needed = terms.role.is_of_account
        raise InvalidInput(
            "account: a token of {role} needs one" if is_needed else "account: a token of {role} has none",
            role=terms.role,
        )
    if not actor.role.may_give(terms.role):
        raise InvalidInput("role: who is {who} cannot give {role}", who=actor.role, role=terms.role)
    unknown = sorted(set(terms.scopes or ()) - set(SCOPES))
    if unknown or (terms.scopes is not None and not terms.scopes):
        raise InvalidInput(
            "scopes: {scopes} is no scope; they are {choices}",
            scopes=", ".join(unknown) or "none",
            choices=", ".join(SCOPES),
        )
    if actor.scopes is not None and (terms.scopes is None or not set(terms.scopes) <= actor.scopes):
        raise InvalidInput("scopes: a token cannot have scopes that who creates it has not")
    if len(terms.name.strip()) > NAME_LENGTH_MAX or not terms.name.isprintable():
        raise InvalidInput("name: must be at most {most} printable characters", most=NAME_LENGTH_MAX)
    if terms.expires_at is not None and terms.expires_at <= now:
        raise InvalidInput("expires_at: must be in the future")


async def revoke_token(conn: PgConnection, *, actor: Actor, token_id: int, now: datetime) -> TokenRow:
    """Have a token count no more, at once and for ever; Conflict where it does not."""
    async with conn.transaction():
        before = await tokens.lock(conn, token_id=token_id)
        if before is None:
            raise NotFound("there is no token {token}", token=token_id)
        if before.revoked_at is not None:
            raise Conflict("token {token} is revoked already", token=token_id)
        await tokens.revoke(conn, token_id=token_id, now=now)
        after = await tokens.lock(conn, token_id=token_id)
        assert after is not None, "tokens are never deleted"  # noqa: S101
        await write_down(
            conn,
            actor,
            Action.TOKENS_CHANGE,
            f"token:{token_id}",
            account_id=before.account_id,
            before=before,
            after=after,
            now=now,
        )
    return after


async def list_tokens(
    conn: PgConnection, *, account_id: int | None = None, before: int | None = None, limit: int = 100
) -> list[TokenRow]:
    """Tokens, newest first, those that count no more too; `before` is the id of the last one of the page before."""
    if not 1 <= limit <= LIMIT_MAX:
        raise InvalidInput("limit: must be from 1 to {most}", most=LIMIT_MAX)
    if account_id is not None:
        await accounts.require(conn, account_id=account_id)
    return await tokens.page(conn, account_id=account_id, before=before, limit=limit)


async def actor_of_token(
    conn: PgConnection, secret: str, *, address: str | None, request_id: str | None, now: datetime
) -> Actor | None:
    """Who has this token; None where nobody has, or it has expired or been revoked. Its use is noted."""
    token = await tokens.find(conn, hash=hash_of(secret))
    if token is None or token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now):
        return None
    await tokens.note_use(conn, token, now=now)
    return Actor(
        kind=ActorKind.TOKEN,
        id=str(token.id),
        role=token.role,
        account_id=token.account_id,
        scopes=None if token.scopes is None else frozenset(token.scopes),
        address=address,
        request_id=request_id,
    )
