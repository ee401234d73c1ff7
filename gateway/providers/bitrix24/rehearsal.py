"""What is tried of Bitrix24, as it carries no calls."""

from datetime import datetime

from gateway.domain.connection import Connection
from gateway.providers.base import Hook
from gateway.providers.bitrix24.adapter import REGISTERED, TOKEN
from gateway.providers.rehearsal import SECRET, hook_of


class Bitrix24Probe:
    """The event of a call that an application registered, which is taken and ignored."""

    proof: tuple[str, ...] = (SECRET,)
    why = "Bitrix24 carries no calls, so none can be rehearsed."
    status = 200
    shows = "the gateway takes the portal's token, and ignores the event, as it should"

    def check(self, connection: Connection) -> str:
        return f"it has {len(connection.secrets)} of the two secrets that it may have"

    def hook(self, connection: Connection, *, public_url: str, now: datetime) -> Hook:
        echo = {"event": "ONVOXIMPLANTCALLINIT", "data[CALL_ID]": f"{REGISTERED}test", TOKEN: connection.secrets[0]}
        return hook_of(connection, public_url=public_url, now=now, fields=echo)
