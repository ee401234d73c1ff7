"""Who is shown figures and details of health: those inside. Everybody else only learns whether calls can be decided."""

import hmac
from ipaddress import ip_address
from typing import Final

from aiohttp import hdrs, web

from gateway.settings import Settings

_LOCALHOST: Final = "localhost"
# What a proxy says of whom it asks for, who may be anybody.
_FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
_BEARER: Final = "Bearer "


class Insiders:
    """Whoever has the token; where there is none, whoever asks on this machine, and for nobody else.

    `is_own_listener`: only those inside reach it, as the operator says.
    """

    def __init__(self, settings: Settings, *, is_own_listener: bool = False) -> None:
        self._token = settings.metrics_token
        self._is_own_listener = is_own_listener
        self._is_local = is_loopback(settings.host)

    def have(self, request: web.Request) -> bool:
        if self._is_own_listener:
            return True
        if self._token is None:
            return self._is_local and asks_for_itself(request)
        given = request.headers.get(hdrs.AUTHORIZATION, "")
        return hmac.compare_digest(given.encode(errors="replace"), f"{_BEARER}{self._token}".encode())


INSIDERS: Final = web.AppKey("insiders", Insiders)


def is_loopback(host: str) -> bool:
    """Whether a name or an address means this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == _LOCALHOST


def asks_for_itself(request: web.Request) -> bool:
    """Asked by this machine's own name, and not handed on by a proxy."""
    name = request.host.rpartition(":")[0] if request.host[-1:].isdigit() and ":" in request.host else request.host
    return is_loopback(name.strip("[]")) and not any(each in request.headers for each in _FORWARDED)
