"""Providers whose calls cannot be rehearsed: Telnyx, as only it can sign, and Bitrix24, which carries no calls."""

from datetime import datetime
from urllib.parse import urlencode

from gateway.domain.connection import Connection
from gateway.domain.errors import InvalidInput
from gateway.providers.base import Hook
from gateway.providers.bitrix24.adapter import REGISTERED, TOKEN
from gateway.providers.rehearsal import SECRET
from gateway.providers.telnyx.signing import ed25519_key

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Telnyx:
    """Both of its interfaces."""

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
        url = f"{public_url}/hooks/{connection.name}"
        return Hook(method="POST", url=url, headers=_FORM, body=b"", received_at=now)


class Bitrix24:
    """The event of a call that an application registered, which is taken and ignored."""

    proof: tuple[str, ...] = (SECRET,)
    why = "Bitrix24 carries no calls, so none can be rehearsed."
    status = 200
    shows = "the gateway takes the portal's token, and ignores the event, as it should"

    def check(self, connection: Connection) -> str:
        return f"it has {len(connection.secrets)} of the two secrets that it may have"

    def hook(self, connection: Connection, *, public_url: str, now: datetime) -> Hook:
        said = {"event": "ONVOXIMPLANTCALLINIT", "data[CALL_ID]": f"{REGISTERED}test", TOKEN: connection.secrets[0]}
        url = f"{public_url}/hooks/{connection.name}"
        return Hook(method="POST", url=url, headers=_FORM, body=urlencode(said).encode(), received_at=now)
