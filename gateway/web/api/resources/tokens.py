"""Tokens of programs: created, listed, revoked. A secret is told once, to who created it."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.access.roles import Role
from gateway.domain.errors import NotFound
from gateway.postgres.access import tokens
from gateway.postgres.access.tokens import TokenRow
from gateway.postgres.types import PgConnection
from gateway.usecases.access.tokens import CreatedToken, TokenTerms, create_token, revoke_token
from gateway.web.api.reading import Id, Instant, JsonBody, ListQuery
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows

Name = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Scope = Annotated[str, msgspec.Meta(pattern=r"^[a-z_]+:(read|write)$", description="AREA:read or AREA:write.")]
Scopes = Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=100)]


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token but for its secret: `prefix` is how it begins, `scopes` null: all that its role may do."""

    id: int
    prefix: str
    name: str
    role: Role
    account_id: int | None
    scopes: list[str] | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class TokenQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    account_id: Id | None = None


class WantedToken(JsonBody, frozen=True, kw_only=True):
    """`scopes` that are not there: all that the role may do; `expires_at` likewise: never."""

    role: Role
    account_id: Id | None = None
    name: Name = ""
    scopes: Scopes | None = None
    expires_at: Instant | None = None


async def list_tokens(asked: Asked[TokenQuery, None]) -> Rows[Token]:
    found = await tokens.page(asked.conn, account_id=asked.account_id, before=asked.before_id, limit=asked.one_more)
    return asked.rows([_token(each) for each in found])


async def create(asked: Asked[NoQuery, WantedToken]) -> CreatedToken:
    """A token can never do more than who creates it."""
    body = asked.body
    terms = TokenTerms(
        role=body.role,
        account_id=asked.account_id,
        name=body.name,
        scopes=body.scopes,
        expires_at=body.expires_at,
    )
    return await create_token(asked.conn, actor=asked.actor, terms=terms, now=asked.now)


async def revoke(asked: Asked[NoQuery, None]) -> None:
    await revoke_token(asked.conn, actor=asked.actor, token_id=asked.path["token_id"], now=asked.now)


async def _owner(conn: PgConnection, path: Mapping[str, Any]) -> int | None:
    token = await tokens.lock(conn, token_id=path["token_id"])
    if token is None:
        raise NotFound("there is no such thing")
    return token.account_id


def _token(row: TokenRow) -> Token:
    return Token(**{name: getattr(row, name) for name in Token.__struct_fields__})


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/tokens",
        name="list_tokens",
        tag="tokens",
        action=Action.TOKENS_READ,
        summary="Which tokens are there?",
        handle=list_tokens,
        query=TokenQuery,
        reply=Token,
        is_list=True,
    ),
    Route(
        method=Method.POST,
        path="/tokens",
        name="create_token",
        tag="tokens",
        action=Action.TOKENS_CHANGE,
        summary="Create a token, whose secret is told this once",
        handle=create,
        body=WantedToken,
        reply=CreatedToken,
        status=HTTPStatus.CREATED,
        needs_key=True,
        tells_secret=True,
    ),
    Route(
        method=Method.DELETE,
        path="/tokens/{token_id}",
        name="revoke_token",
        tag="tokens",
        action=Action.TOKENS_CHANGE,
        summary="Have a token count no more, at once and for ever",
        handle=revoke,
        reply=None,
        status=HTTPStatus.NO_CONTENT,
        owner=_owner,
    ),
)
