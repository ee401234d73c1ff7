"""What is tried of Telnyx, as only it can sign."""

from datetime import datetime

from gateway.domain.connection import Connection
from gateway.domain.errors import InvalidInput
from gateway.providers.base import Hook
from gateway.providers.rehearsal import hook_of
from gateway.providers.telnyx.signing import ed25519_key


class TelnyxProbe:
    """Of both of its interfaces: a hook without a signature."""

    proof: tuple[str, ...] = ()
    why = "Only Telnyx has the key that its hooks are signed with, so no call of it can be rehearsed."
    status = 403
    shows = "the gateway has this connection, and refuses a hook that is not signed, as it should"

    def check(self, connection: Connection) -> str:
        for position, secret in enumerate(connection.secrets, start=1):
            if ed25519_key(secret) is None:
                raise InvalidInput(
                    f"secret {position} of connection {connection.name} is no public key of Ed25519: it must be the"
                    " 32 bytes in base64 that the portal shows"
                )
        return "its secrets are public keys of Ed25519, as they must be"

    def hook(self, connection: Connection, *, public_url: str, now: datetime) -> Hook:
        return hook_of(connection, public_url=public_url, now=now, fields={})
