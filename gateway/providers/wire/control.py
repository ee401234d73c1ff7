"""Requests to a control URL as the native contract has them: `call.hangup` and `call.status` as JSON."""

from collections.abc import Mapping
from typing import Final

import msgspec

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook, ProviderFailed
from gateway.providers.base import CallRef, HangUp, ProviderRequest, ProviderResponse
from gateway.providers.wire.fields import decode

# A reply that takes no call.status at all: what became of the call nobody can say.
NOT_ASKED: Final = frozenset({405, 501})


class _Told(msgspec.Struct, frozen=True):
    status: str = ""


_TOLD = msgspec.json.Decoder(_Told)


def hang_up_body(call: CallRef, reason: CutReason) -> Mapping[str, str]:
    return {"type": "call.hangup", "call_id": call.call_id, "reason": str(reason)}


def status_body(call: CallRef) -> Mapping[str, str]:
    return {"type": "call.status", "call_id": call.call_id}


def secrets(connection: Connection) -> tuple[str, ...]:
    if not connection.secrets or connection.control_url is None:
        raise ProviderFailed(f"connection {connection.name} has no secret or no control URL")
    return connection.secrets


def bearer(connection: Connection) -> Mapping[str, str]:
    """A header has room for one secret, the newest: it is changed here when the other side takes it already."""
    return {"Authorization": f"Bearer {secrets(connection)[0]}"}


def control_request(connection: Connection, raw: bytes, proof: Mapping[str, str]) -> ProviderRequest:
    """A request to the connection's control URL, with the headers that prove it."""
    headers = {"Content-Type": "application/json", **proof}
    return ProviderRequest(method="POST", url=connection.control_url or "", headers=headers, body=raw)


def encoded(body: Mapping[str, str]) -> bytes:
    return msgspec.json.encode(body)


def says_unknown(response: ProviderResponse) -> bool:
    """Whether the contract's own words say that there is no such call: `{"status": "unknown"}`.

    A bare status proves nothing: a typo in the address and a proxy on the way answer with 404 too.
    """
    if response.status not in (200, 404, 410):
        return False
    try:
        return decode(_TOLD, response.body).status == "unknown"
    except MalformedHook:
        return False


def read_hang_up(response: ProviderResponse) -> HangUp:
    """No such call any more, in the contract's words; 2xx: taken; all else is asked again."""
    if says_unknown(response):
        return HangUp.GONE
    return HangUp.TAKEN if 200 <= response.status < 300 else HangUp.FAILED
