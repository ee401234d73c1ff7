"""Streams of server-sent events: what is sent, when they end, and how many there are at once."""

from collections.abc import Iterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.web.pages.live_streams import LiveStreams


def showing(*looks: str | None) -> Iterator[str | None]:
    yield from looks
    raise RuntimeError("away")


async def sent(streams: LiveStreams, *looks: str | None) -> tuple[int, str]:
    left = showing(*looks)

    async def show() -> str | None:
        return next(left)

    async def handle(request: web.Request) -> web.StreamResponse:
        return await streams.send(request, show)

    application = web.Application()
    application.router.add_get("/", handle)
    async with TestClient(TestServer(application)) as client:
        answer = await client.get("/")
        return answer.status, await answer.text()


@pytest.fixture
def streams() -> LiveStreams:
    return LiveStreams(every_s=0, lasts_s=5)


async def test_what_looks_the_same_is_sent_once_and_every_line_is_data(streams: LiveStreams) -> None:
    status, text = await sent(streams, "a\nb", "a\nb", "c", None)

    assert (status, text) == (200, "retry: 1000\n\ndata: a\ndata: b\n\ndata: c\n\n")


async def test_a_fault_on_the_way_ends_it_and_one_at_the_beginning_is_answered(streams: LiveStreams) -> None:
    assert await sent(streams, "a") == (200, "retry: 1000\n\ndata: a\n\n")
    assert (await sent(streams))[0] == 500


async def test_what_may_not_be_seen_any_more_is_not_asked_for_again(streams: LiveStreams) -> None:
    assert await sent(streams, None) == (204, "")


async def test_a_stream_ends_by_itself() -> None:
    assert await sent(LiveStreams(every_s=0, lasts_s=0), "a", "b") == (200, "retry: 1000\n\ndata: a\n\n")


async def test_there_are_no_more_than_there_is_room_for() -> None:
    assert (await sent(LiveStreams(streams_max=0), "a"))[0] == 503
