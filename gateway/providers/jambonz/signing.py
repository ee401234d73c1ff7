"""jambonz' signature, and the time that stands in it. Sources: `http-requestor.js` of jambonz-feature-server."""

import hmac
from datetime import UTC, datetime

from gateway.domain.connection import Connection
from gateway.providers.base import Hook
from gateway.providers.wire.signing import require_match, require_recent, wire


def sign(secret: str, timestamp: str, body: bytes) -> bytes:
    """Hex HMAC-SHA256 over `timestamp.body`."""
    return hmac.new(secret.encode(), b"%b.%b" % (wire(timestamp), body), "sha256").hexdigest().encode()


def require_signature(hook: Hook, connection: Connection) -> None:
    """Raise BadSignature unless a secret of the connection signed the body a short while ago."""
    timestamp, given = _signature(hook)
    keys = [secret for secret in connection.secrets if secret]
    require_match(given, keys, lambda secret: sign(secret, timestamp, hook.body))
    require_recent(timestamp, hook.received_at)


def sent_at(hook: Hook) -> datetime | None:
    """When it was signed, which is when it was sent first."""
    timestamp, _ = _signature(hook)
    is_read = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 10
    return datetime.fromtimestamp(int(timestamp), UTC) if is_read else None


def _signature(hook: Hook) -> tuple[str, list[bytes]]:
    """The time and the signatures of `t=…,v1=…,v1=…`; any of them may match."""
    parts = [part.strip().partition("=") for part in hook.headers.get("jambonz-signature", "").split(",")]
    timestamp = next((value for name, _, value in parts if name == "t"), "")
    return timestamp, [wire(value) for name, _, value in parts if name == "v1"]
