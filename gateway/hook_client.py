"""How a hook that nobody dialled is sent to the running gateway, and how the server at a control URL is asked."""

from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp
from yarl import URL

from gateway.domain.errors import Conflict
from gateway.provider_client import open_provider_client
from gateway.providers.base import ProviderRequest, ProviderResponse

# The gateway refuses within 1.5 s where its database is away; commands to a provider take 1.5 s more.
TIMEOUT_S: Final = 10.0


async def send_hook(request: ProviderRequest) -> ProviderResponse:
    """The reply; Conflict if nobody answers. The URL is sent to the letter, as it is what a provider signs."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session,
            session.request(
                request.method,
                URL(request.url, encoded=True),
                data=request.body,
                headers=dict(request.headers),
                allow_redirects=False,
            ) as response,
        ):
            return ProviderResponse(status=response.status, body=await response.read())
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        address = URL(request.url).origin()
        raise Conflict(
            f"no gateway answers at {address}, by GATEWAY_HOST and GATEWAY_PORT: is `gateway serve` running?"
            f" ({type(error).__name__})"
        ) from error


def ask_provider(connection: str) -> Callable[[ProviderRequest], Awaitable[ProviderResponse]]:
    """How the provider of a connection is asked; ProviderFailed where it does not answer."""

    async def ask(request: ProviderRequest) -> ProviderResponse:
        async with open_provider_client() as client:
            return await client.send(connection, request)

    return ask
