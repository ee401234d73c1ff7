"""The body of a request: whole, not too large, as it was sent."""

from typing import Final

from aiohttp import hdrs, web

BODY_MAX: Final = 64 * 1024


class BrokenBody(Exception):
    """It broke off, came too slowly, or is framed wrongly."""


class EncodedBody(Exception):
    """It is compressed, which no provider does, and nothing is inflated that nobody has signed."""


async def read_body(request: web.BaseRequest, *, size_max: int) -> bytes:
    """Its bytes; HTTPRequestEntityTooLarge where there are more than that."""
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise EncodedBody
    if size_max != BODY_MAX:
        request = request.clone(client_max_size=size_max)
    try:
        return await request.read()
    except (web.RequestPayloadError, ConnectionError) as error:
        raise BrokenBody(type(error).__name__) from error
    except RuntimeError as error:
        if request.transport is not None:
            raise
        # So aiohttp says that the connection was gone before anybody read.
        raise BrokenBody(ConnectionError.__name__) from error
