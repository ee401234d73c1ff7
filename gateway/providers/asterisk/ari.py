"""Asterisk's REST interface, ARI: ending a call and asking for it. Source: run against 16.28 and 22.10 (2026-11)."""

import re

import msgspec

from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook, ProviderFailed
from gateway.providers.base import CallRef, CallStatus, HangUp, Live, ProviderRequest, ProviderResponse, Unknown
from gateway.providers.wire.fields import ShortText, decode
from gateway.providers.wire.sip_server import basic, channel_of

USER = "gateway"
# UNIQUEID: the name of the system, if it has one, unix seconds and a counter.
_CHANNEL = re.compile(r"(?:[A-Za-z0-9_-]{1,64}-)?[0-9]{1,12}\.[0-9]{1,10}")


class _Channel(msgspec.Struct, frozen=True):
    id: ShortText


class _Refusal(msgspec.Struct, frozen=True):
    message: ShortText = ""


_CHANNELS = msgspec.json.Decoder(_Channel)
_REFUSALS = msgspec.json.Decoder(_Refusal)


def is_channel(text: str) -> bool:
    return _CHANNEL.fullmatch(text) is not None


def request(method: str, connection: Connection, call: CallRef) -> ProviderRequest | None:
    """A request about a call's channel; None where there is no ARI, or the id is none and would make another URL."""
    password = connection.options.get("ari_password")
    channel = channel_of(call)
    if connection.control_url is None or password is None or not is_channel(channel):
        return None
    url = f"{connection.control_url}/channels/{channel}"
    headers = {"Authorization": basic(connection.options.get("ari_user", USER), password)}
    return ProviderRequest(method=method, url=url, headers=headers)


def hang_up(connection: Connection, call: CallRef) -> ProviderRequest:
    """The caller's channel, ringing or talking; the callee's goes with it. 16.28 takes no `reason_code`."""
    asked = request("DELETE", connection, call)
    if asked is None:
        raise ProviderFailed(f"connection {connection.name} has no control URL, no password, or no such call")
    return asked


def read_hang_up(response: ProviderResponse) -> HangUp:
    """204, and 204 again while the channel goes down, then 404 in ARI's words."""
    if response.status == 204:
        return HangUp.TAKEN
    return HangUp.GONE if _says_gone(response) else HangUp.FAILED


def read_status(response: ProviderResponse) -> CallStatus:
    """A channel that exists is up or rings; since when it talks is not said. Of others nothing is known."""
    if _says_gone(response):
        return Unknown()
    if response.status != 200:
        raise ProviderFailed(f"the channel was answered with {response.status}")
    try:
        decode(_CHANNELS, response.body)
    except MalformedHook as error:
        raise ProviderFailed(f"the channel cannot be read: {error}") from error
    return Live()


def _says_gone(response: ProviderResponse) -> bool:
    """Whether it is ARI that knows no such channel: `{"message": "Channel not found"}`, and not any web server."""
    if response.status != 404:
        return False
    try:
        return decode(_REFUSALS, response.body).message == "Channel not found"
    except MalformedHook:
        return False
