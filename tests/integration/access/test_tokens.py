"""Tokens of programs: never mightier than who gives them, known by a hash alone, over when they are said to be."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from gateway.domain.access.actions import SCOPES, Action
from gateway.domain.access.actor import Actor, ActorKind
from gateway.domain.access.permissions import Permission, may
from gateway.domain.access.roles import Role
from gateway.domain.errors import Conflict, GatewayError, InvalidInput, NotFound
from gateway.usecases.access.tokens import (
    CreatedToken,
    TokenTerms,
    actor_of_token,
    create_token,
    hash_of,
    list_tokens,
    revoke_token,
)
from tests.integration.access.conftest import Stage
from tests.support.actors import CLERK
from tests.support.world import NOON

MINUTE = timedelta(minutes=1)


def terms(stage: Stage, role: Role, **more: Any) -> TokenTerms:
    return TokenTerms(role=role, account_id=stage.account if role.is_of_account else None, **more)


async def create(stage: Stage, role: Role = Role.OPERATOR, *, actor: Actor = CLERK, **more: Any) -> CreatedToken:
    return await create_token(stage.conn, actor=actor, terms=terms(stage, role, **more), now=NOON)


async def known_by(stage: Stage, secret: str, *, later: timedelta = timedelta()) -> Actor | None:
    return await actor_of_token(stage.conn, secret, address="192.0.2.1", request_id="r1", now=NOON + later)


@pytest.mark.parametrize("role", Role)
async def test_who_has_a_token_is_who_it_was_made_for(stage: Stage, role: Role) -> None:
    created = await create(stage, role, name=" billing ")

    actor = await known_by(stage, created.token)

    account_id = stage.account if role.is_of_account else None
    assert created.name == "billing"
    assert actor == Actor(
        kind=ActorKind.TOKEN,
        id=str(created.id),
        role=role,
        account_id=account_id,
        address="192.0.2.1",
        request_id="r1",
    )


async def test_the_database_has_a_hash_and_how_a_token_begins(stage: Stage) -> None:
    created = await create(stage)

    rows = await stage.conn.fetch("SELECT hash, token::text AS text FROM token")
    audit = await stage.conn.fetchval("SELECT string_agg(audit::text, '') FROM audit")

    assert [row["hash"] for row in rows] == [hash_of(created.token)]
    assert created.token.startswith("gw_o_")
    assert len(created.token) == len("gw_o_") + 43
    secret = created.token[len("gw_o_") + 4 :]
    assert secret not in rows[0]["text"]
    assert secret not in audit
    assert rows[0]["hash"].hex() not in audit


async def test_two_tokens_are_never_the_same(stage: Stage) -> None:
    assert (await create(stage)).token != (await create(stage)).token


@pytest.mark.parametrize("secret", ["", "gw_o_", "gw_o_nothing", "gw_x_é"])
async def test_what_is_no_token_is_nobodys(stage: Stage, secret: str) -> None:
    await create(stage)

    assert await known_by(stage, secret) is None


async def test_a_token_is_over_when_it_was_said_to_be(stage: Stage) -> None:
    created = await create(stage, expires_at=NOON + MINUTE)

    assert await known_by(stage, created.token, later=MINUTE - timedelta(microseconds=1)) is not None
    assert await known_by(stage, created.token, later=MINUTE) is None


async def test_a_revoked_token_is_nobodys_at_once_and_for_ever(stage: Stage) -> None:
    created = await create(stage, Role.READER)

    revoked = await revoke_token(stage.conn, actor=CLERK, token_id=created.id, now=NOON)

    assert revoked.revoked_at == NOON
    assert await known_by(stage, created.token) is None
    with pytest.raises(Conflict, match="revoked already"):
        await revoke_token(stage.conn, actor=CLERK, token_id=created.id, now=NOON + MINUTE)
    with pytest.raises(NotFound):
        await revoke_token(stage.conn, actor=CLERK, token_id=created.id + 1, now=NOON)


async def test_a_token_that_is_given_and_taken_is_written_down(stage: Stage) -> None:
    created = await create(stage, Role.READER, name="till", scopes=["calls:read"])
    await revoke_token(stage.conn, actor=CLERK, token_id=created.id, now=NOON)

    revoking, creating = await stage.written()

    for row in (creating, revoking):
        assert (row.action, row.object, row.account_id) == ("tokens.change", f"token:{created.id}", stage.account)
        assert (row.actor_kind, row.actor_id) == ("cli", "clerk")
    assert creating.before is None
    assert creating.after == revoking.before
    assert (creating.after["name"], creating.after["scopes"]) == ("till", ["calls:read"])
    assert revoking.after == {**revoking.before, "revoked_at": "2026-03-11T12:00:00Z"}


async def test_when_a_token_was_used_last_is_known_to_the_minute(stage: Stage) -> None:
    created = await create(stage)
    seen = []
    for seconds in (0, 30, 60, 61, 90, 122):
        await known_by(stage, created.token, later=timedelta(seconds=seconds))
        seen.append((await list_tokens(stage.conn))[0].last_used_at)

    assert [(at - NOON).total_seconds() for at in seen if at is not None] == [0, 0, 0, 61, 61, 122]


@pytest.mark.parametrize(("giver", "given"), list(product(Role, Role)))
async def test_a_token_is_never_mightier_than_who_gives_it(stage: Stage, giver: Role, given: Role) -> None:
    actor = replace(CLERK, role=giver, account_id=stage.account if giver.is_of_account else None)

    if giver.may_give(given):
        assert (await create(stage, given, actor=actor)).role is given
    else:
        with pytest.raises(InvalidInput, match=r"^role: "):
            await create(stage, given, actor=actor)
        assert await stage.written() == []


async def test_a_token_has_no_scopes_that_its_giver_has_not(stage: Stage) -> None:
    given = await create(stage, scopes=["tokens:write", "calls:read"])
    giver = await known_by(stage, given.token)
    assert giver is not None

    narrower = await create(stage, actor=giver, scopes=["calls:read", "calls:read"])
    for wider in (None, ["calls:write"], ["calls:read", "mails:read"]):
        with pytest.raises(InvalidInput, match=r"^scopes: "):
            await create(stage, actor=giver, scopes=wider)

    assert narrower.scopes == ["calls:read"]
    narrow = await known_by(stage, narrower.token)
    assert narrow is not None
    assert may(narrow, Action.CALLS_READ, stage.account) is Permission.ALLOWED
    assert may(narrow, Action.CALLS_CUT, stage.account) is Permission.FORBIDDEN


WRONG: Mapping[str, tuple[dict[str, Any], type[GatewayError], str]] = {
    "of an account, without one": ({"role": Role.READER, "account_id": None}, InvalidInput, "account: "),
    "of the operator, with an account": ({"account_id": 1}, InvalidInput, "account: "),
    "of no account": ({"role": Role.READER, "account_id": 0}, NotFound, "there is no account"),
    "with a scope that is none": ({"scopes": ["calls:fly"]}, InvalidInput, "scopes: calls:fly is no scope"),
    "with no scopes": ({"scopes": []}, InvalidInput, "scopes: none is no scope"),
    "with a name of lines": ({"name": "a\nb"}, InvalidInput, "name: "),
    "with a name too long": ({"name": "x" * 201}, InvalidInput, "name: "),
    "over before it begins": ({"expires_at": NOON}, InvalidInput, "expires_at: "),
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_token_is_not_made_of_what_is_wrong(stage: Stage, name: str) -> None:
    wrong, error, said = WRONG[name]
    asked = TokenTerms(**{"role": Role.OPERATOR, "account_id": None, **wrong})

    with pytest.raises(error, match=f"^{said}"):
        await create_token(stage.conn, actor=CLERK, terms=asked, now=NOON)

    assert (await stage.written(), await list_tokens(stage.conn)) == ([], [])


async def test_all_scopes_can_be_given(stage: Stage) -> None:
    assert (await create(stage, scopes=SCOPES, name="x" * 200)).scopes == list(SCOPES)


async def test_tokens_are_listed_newest_first_those_of_an_account_too(stage: Stage) -> None:
    first, second, third = [await create(stage, role) for role in (Role.READER, Role.OPERATOR, Role.ADMINISTRATOR)]

    async def ids(**asked: Any) -> list[int]:
        return [each.id for each in await list_tokens(stage.conn, **asked)]

    assert await ids() == [third.id, second.id, first.id]
    assert await ids(account_id=stage.account) == [third.id, first.id]
    assert await ids(before=third.id, limit=1) == [second.id]
    for limit in (0, 1001):
        with pytest.raises(InvalidInput, match="limit"):
            await ids(limit=limit)
    with pytest.raises(NotFound):
        await ids(account_id=0)
