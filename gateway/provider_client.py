"""Requests to providers: bounded in time and number, no redirects, our own errors.

A provider may close a connection that was kept just as it is used again. aiohttp then sends once more what HTTP calls
idempotent, and a POST is sent once more here, as a hang-up must not wait for its next try. Any request of ours may come
twice: a hang-up finds the call gone, a question moves nothing, a command has an id by which it is known (Telnyx), and a
call is registered once by its id, and finished once, which is looked up (Bitrix24). Everything else is the caller's to
try again: cuts, questions, pulls and registrations by their rows, commands by the webhook that comes again.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp

from gateway.domain.errors import ProviderFailed
from gateway.providers.base import ProviderRequest, ProviderResponse

# Production users of Voximplant give its control URLs four seconds.
TIMEOUT_S: Final = 4.0
# A provider that hangs must not take the places of the others.
IN_FLIGHT_MAX: Final = 64
BODY_MAX: Final = 2 * 1024 * 1024


class ProviderClient:
    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._places: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(IN_FLIGHT_MAX))

    async def send(
        self, connection: str, request: ProviderRequest, *, timeout_s: float = TIMEOUT_S
    ) -> ProviderResponse:
        """Send one request; ProviderFailed if there is no reply in time. The caller decides about another try."""
        async with self._places[connection]:
            try:
                async with asyncio.timeout(timeout_s):
                    return await self._send(request)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                # The message of the library names the URL, which may be a capability.
                raise ProviderFailed(f"{type(error).__name__} from the provider of {connection}") from error

    async def _send(self, request: ProviderRequest) -> ProviderResponse:
        try:
            return await self._exchange(request)
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            if request.method != "POST" or isinstance(error, aiohttp.ClientConnectorError):
                raise
            return await self._exchange(request)

    async def _exchange(self, request: ProviderRequest) -> ProviderResponse:
        async with self._session.request(
            request.method,
            request.url,
            data=request.body or None,
            headers=dict(request.headers),
            allow_redirects=False,
        ) as response:
            return ProviderResponse(status=response.status, body=await _read(response.content))


async def _read(content: aiohttp.StreamReader) -> bytes:
    """A body to its end, or as much as is read of one: `read` alone gives what has arrived."""
    body = b""
    while len(body) < BODY_MAX and (part := await content.read(BODY_MAX - len(body))):
        body += part
    return body


@asynccontextmanager
async def open_provider_client() -> AsyncIterator[ProviderClient]:
    timeout = aiohttp.ClientTimeout(total=None)  # each request has its own
    connector = aiohttp.TCPConnector(limit=0, limit_per_host=IN_FLIGHT_MAX)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        yield ProviderClient(session)
