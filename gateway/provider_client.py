"""Requests to providers: bounded in time and number, no redirects, our own errors."""

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
                async with self._session.request(
                    request.method,
                    request.url,
                    data=request.body or None,
                    headers=dict(request.headers),
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=timeout_s),
                ) as response:
                    body = await response.content.read(BODY_MAX)
                    return ProviderResponse(status=response.status, body=body)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                # The message of the library names the URL, which may be a capability.
                raise ProviderFailed(f"{type(error).__name__} from the provider of {connection}") from error


@asynccontextmanager
async def open_provider_client() -> AsyncIterator[ProviderClient]:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    connector = aiohttp.TCPConnector(limit=0, limit_per_host=IN_FLIGHT_MAX)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        yield ProviderClient(session)
