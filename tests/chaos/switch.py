"""The provider's control URL: it hangs calls up when it is told, says what became of them, or behaves badly."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.chaos.story import Story

HANGS_S = 6.0


class Manners(StrEnum):
    """How it answers a command, which it has taken in any case."""

    GOOD = "good"
    SILENT = "says nothing"
    GARBAGE = "says garbage"


class Switch:
    def __init__(self) -> None:
        self.manners = Manners.GOOD
        self.stories: dict[str, Story] = {}
        self.url = ""

    async def control(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        story = self.stories.get(body["call_id"])
        if body["type"] == "call.hangup" and story is not None:
            story.hang_up()
        if self.manners is Manners.SILENT:
            await asyncio.sleep(HANGS_S)
        if self.manners is not Manners.GOOD:
            return web.Response(status=500, body=b"\x00\xff<html>{")
        if story is None or not story.is_up:
            return web.json_response({"status": "unknown"}, status=404)
        return web.json_response({"live": True} if body["type"] == "call.status" else {})


@asynccontextmanager
async def running_switch() -> AsyncIterator[Switch]:
    switch = Switch()
    application = web.Application()
    application.router.add_post("/control", switch.control)
    async with TestServer(application) as server:
        switch.url = str(server.make_url("/control"))
        yield switch
