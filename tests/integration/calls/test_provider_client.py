"""Requests to providers over connections that are kept, and that the provider closes when it likes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.domain.errors import ProviderFailed
from gateway.provider_client import BODY_MAX, ProviderClient, open_provider_client
from gateway.providers.base import ProviderRequest


def answer(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


class Provider:
    """Answers so many requests of each connection, then closes it when the next one has come."""

    def __init__(self, *, answers: int, body: bytes = b"ok", by_reset: bool = False, hangs: bool = False) -> None:
        self.asked: list[list[str]] = []
        self.connections: list[asyncio.Future[None]] = []
        self.url = ""
        self._answers = answers
        self._body = body
        self._by_reset = by_reset
        self._hangs = hangs

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked: list[str] = []
        self.asked.append(asked)
        closed = asyncio.get_running_loop().create_future()
        self.connections.append(closed)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                asked.append(head.decode().partition(" ")[0])
                if self._hangs:
                    continue
                if len(asked) > self._answers:
                    break
                writer.write(answer(self._body))
        except asyncio.IncompleteReadError:
            pass
        if self._by_reset:
            writer.transport.abort()
        writer.close()
        closed.set_result(None)


@asynccontextmanager
async def serving(provider: Provider) -> AsyncIterator[ProviderClient]:
    server = await asyncio.start_server(provider.serve, "127.0.0.1", 0)
    async with server:
        async with open_provider_client() as client:
            provider.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            yield client
        await asyncio.gather(*provider.connections)


@pytest.mark.parametrize("by_reset", [False, True])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
async def test_r18_a_connection_that_the_provider_closed_meanwhile_makes_no_hang_up_late(
    method: str, by_reset: bool
) -> None:
    provider = Provider(answers=1, by_reset=by_reset)
    async with serving(provider) as client:
        request = ProviderRequest(method=method, url=provider.url)

        told = [await client.send("pbx", request) for _ in range(2)]

        assert [response.body for response in told] == [b"ok", b"ok"]
        assert provider.asked == [[method, method], [method]]


async def test_a_provider_that_never_answers_is_asked_twice_and_has_failed() -> None:
    provider = Provider(answers=0)
    async with serving(provider) as client:
        with pytest.raises(ProviderFailed, match="ServerDisconnectedError from the provider of pbx"):
            await client.send("pbx", ProviderRequest(method="POST", url=provider.url))

        assert provider.asked == [["POST"], ["POST"]]


async def test_a_provider_that_is_not_there_has_failed() -> None:
    provider = Provider(answers=0)
    async with serving(provider):
        pass
    async with open_provider_client() as client:
        with pytest.raises(ProviderFailed, match="ClientConnectorError"):
            await client.send("pbx", ProviderRequest(method="POST", url=provider.url))


async def test_a_provider_that_does_not_answer_in_time_has_failed() -> None:
    provider = Provider(answers=0, hangs=True)
    async with serving(provider) as client:
        with pytest.raises(ProviderFailed, match="TimeoutError"):
            await client.send("pbx", ProviderRequest(method="POST", url=provider.url), timeout_s=0.05)

        assert provider.asked == [["POST"]]


@pytest.mark.parametrize(("sent", "read"), [(1_000_000, 1_000_000), (BODY_MAX + 1, BODY_MAX)])
async def test_a_reply_that_comes_in_many_parts_is_read_to_its_end_or_the_most_that_is_read(
    sent: int, read: int
) -> None:
    provider = Provider(answers=1, body=b"x" * sent)
    async with serving(provider) as client:
        told = await client.send("pbx", ProviderRequest(method="GET", url=provider.url))

        assert len(told.body) == read
