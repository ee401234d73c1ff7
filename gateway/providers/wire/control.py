"""Requests to a control URL as the native contract has them: `call.hangup` and `call.status` as JSON."""

from collections.abc import Mapping
from typing import Final

import msgspec

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Connection
from gateway.domain.errors import ProviderFailed
from gateway.providers.base import CallRef, HangUp, ProviderRequest, ProviderResponse

# Replies to call.status that say nothing about the call: it is not known, or the question is not.
STATUS_UNKNOWN: Final = frozenset({404, 405, 410, 501})


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


def read_hang_up(response: ProviderResponse) -> HangUp:
    """2xx: taken; 404 or 410: no such call any more; all else is asked again."""
    if 200 <= response.status < 300:
        return HangUp.TAKEN
    return HangUp.GONE if response.status in (404, 410) else HangUp.FAILED
