"""A session that a pooler hands out though it has ended is not the end of ours."""

from contextlib import nullcontext
from typing import Any, cast

import asyncpg
import pytest

from gateway.postgres.hosts import Hosts
from gateway.postgres.pooler import SettledHosts


class Session:
    """One that is over, or has its settings."""

    def __init__(self, *, is_over: bool) -> None:
        self.is_over = is_over
        self.is_terminated = False

    def transaction(self) -> Any:
        if self.is_over:
            raise asyncpg.ConnectionDoesNotExistError("connection was closed: invalid server parameter")
        return nullcontext()  # which can be entered either way

    async def fetchrow(self, _query: str, *_asked: list[str]) -> dict[str, Any]:
        return {"pid": 7, "names": ["jit"], "settings": ["off"]}

    def get_server_pid(self) -> int:
        return 7

    def terminate(self) -> None:
        self.is_terminated = True


class FakeHosts:
    def __init__(self, sessions: list[Session]) -> None:
        self.left = iter(sessions)

    async def connect(self, **_options: Any) -> Session:
        return next(self.left)


async def test_another_session_is_asked_for() -> None:
    over, fine = Session(is_over=True), Session(is_over=False)

    got = await SettledHosts(cast("Hosts", FakeHosts([over, fine])), {"jit": "off"}).connect()

    assert cast("Any", got) is fine
    assert over.is_terminated


async def test_but_not_for_ever() -> None:
    sessions = [Session(is_over=True) for _ in range(100)]

    with pytest.raises(asyncpg.ConnectionDoesNotExistError):
        await SettledHosts(cast("Hosts", FakeHosts(sessions)), {"jit": "off"}).connect()

    assert sum(each.is_terminated for each in sessions) == 5
