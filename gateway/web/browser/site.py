"""Which address a browser came by, and whether it may be trusted with a session there."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from gateway.settings import Settings
from gateway.web.insiders import is_loopback

# A browser takes a cookie of this name over TLS alone, and from nobody else's address.
_SECURE_COOKIE: Final = "__Host-gateway"
_PLAIN_COOKIE: Final = "gateway"
_SAME_SITE: Final = ("same-origin", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`origin` is scheme, name and port as the browser shows them. `is_safe`: nobody on the way can read along."""

    origin: str
    host: str
    is_tls: bool
    is_safe: bool

    @property
    def cookie(self) -> str:
        return _SECURE_COOKIE if self.is_tls else _PLAIN_COOKIE


def site_of(request: web.Request, settings: Settings) -> Site:
    """By TLS where the public address is https and this is it, as a proxy in front has it; else as it came."""
    public = urlsplit(settings.pages_url)
    is_tls = request.secure or (public.scheme == "https" and request.host == public.netloc)
    host = urlsplit(f"//{request.host}").hostname or ""
    return Site(
        origin=f"{'https' if is_tls else 'http'}://{request.host}",
        host=host,
        is_tls=is_tls,
        is_safe=is_tls or is_loopback(host) or settings.insecure,
    )


def is_own_post(request: web.Request, site: Site) -> bool:
    """Whether a post comes from a page of ours. A browser that says neither header is too old to be believed."""
    fetched_by = request.headers.get("Sec-Fetch-Site")
    if fetched_by is not None:
        return fetched_by in _SAME_SITE
    return request.headers.get(hdrs.ORIGIN) == site.origin


def keeps_to_itself(request: web.Request) -> str:
    """The policy for pages whose address has a secret: it is told to nobody.

    With `no-referrer` a browser calls the origin of a post null. Where it does not say by Sec-Fetch-Site that the post
    is ours, which it says over TLS and on loopback, the origin alone is told.
    """
    return "no-referrer" if "Sec-Fetch-Site" in request.headers else "strict-origin"
