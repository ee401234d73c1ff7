"""kill -9 between the commit of a change and its answer: who asks again hears what became of it, once."""

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit, urlunsplit

import aiohttp
import pytest

from gateway.domain.access.roles import Role
from gateway.usecases.access.tokens import TokenTerms, create_token
from tests.chaos.proxy import AtCommit, CommitTrap, Target, open_link
from tests.support.actors import CLERK
from tests.support.processes import Installation, assert_books_are_right, connected, until
from tests.support.world import NOON, account

ALL: Final = 1_000_000


# What is asked for, below an account: one moves money, one tells a secret.
WANTED: Final[Mapping[str, dict[str, Any]]] = {
    "/v1/accounts/1/top-ups": {"amount": "5", "external_id": "p-1"},
    "/v1/tokens": {"name": "shop", "role": "reader", "account_id": 1},
}


@pytest.fixture
async def token(dsn: str) -> AsyncIterator[str]:
    async with connected(dsn) as conn:
        created = await create_token(conn, actor=CLERK, terms=TokenTerms(role=Role.OPERATOR, account_id=None), now=NOON)
        yield created.token


@pytest.mark.parametrize("path", WANTED)
async def test_what_was_committed_and_never_answered_is_done_once(
    dsn: str, token: str, tmp_path: Path, path: str
) -> None:
    async with connected(dsn) as conn, open_link([target_of(dsn)], partial(through, dsn)) as link:
        assert await account(conn, balance="100") == 1
        before = await audit_rows(conn)
        installation = Installation(data=tmp_path, database_url=link.dsn)
        async with installation.serve() as gateway:
            # That a token is used is noted with its first request, and not again within a minute.
            await post(gateway.url, token, "/v1/quotes")
            link.trap = CommitTrap(AtCommit.UNANSWERED, left=ALL)
            asked = asyncio.create_task(post(gateway.url, token, path))
            await until(lambda: is_written(conn, before + 1))
            gateway.signal(signal.SIGKILL)
            with pytest.raises(aiohttp.ClientError):
                await asked
        link.heal()
        async with installation.serve() as gateway:
            told, again = [await post(gateway.url, token, path) for _ in range(2)]

        assert told[0] == 201
        assert told == again
        assert await audit_rows(conn) == before + 1
        await assert_books_are_right(conn)


def target_of(dsn: str) -> Target:
    """Where the server listens that a URL names."""
    url = urlsplit(dsn)
    host = parse_qs(url.query).get("host", [url.hostname])[0] or ""
    port = url.port or 5432
    return f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)


def through(dsn: str, addresses: Sequence[str]) -> str:
    """The same database, by the address of a link to it."""
    url = urlsplit(dsn)
    user = url.username or "postgres"
    secret = "" if url.password is None else f":{url.password}"
    return urlunsplit((url.scheme, f"{user}{secret}@{addresses[0]}", url.path, "", ""))


async def post(url: str, token: str, path: str) -> tuple[int, bytes]:
    """With one key for each path."""
    body = WANTED.get(path, {})
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"key of {path}"}
    async with aiohttp.ClientSession() as session, session.post(f"{url}{path}", json=body, headers=headers) as answer:
        return answer.status, await answer.read()


async def audit_rows(conn: Any) -> int:
    count: int = await conn.fetchval("SELECT count(*) FROM audit")
    return count


async def is_written(conn: Any, rows: int) -> bool:
    return await audit_rows(conn) == rows
