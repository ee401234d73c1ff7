"""FreeSWITCH's API over HTTP, mod_xml_rpc: ending a call and asking for it.

The event socket would do the same over a TCP protocol of its own; this needs none. Every command is answered with 200,
and says in its text whether it worked. Source: mod_xml_rpc.c, mod_commands.c at cc93a68 (2026-08).
"""

import re

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook, ProviderFailed
from gateway.providers.base import CallRef, CallStatus, HangUp, Live, ProviderRequest, ProviderResponse, Unknown
from gateway.providers.freeswitch.cdr import instant
from gateway.providers.freeswitch.dialplan import is_channel
from gateway.providers.wire.sip_server import basic, channel_of

USER = "freeswitch"
_GONE = b"-ERR No such channel"
_CAUSES = {
    CutReason.LIMIT: "ALLOTTED_TIMEOUT",
    CutReason.CREDIT: "ALLOTTED_TIMEOUT",
    CutReason.OPERATOR: "MANAGER_REQUEST",
}
_ANSWERED = re.compile(rb"^Caller-Channel-Answered-Time: ([0-9]{1,16})\r?$", re.MULTILINE)
_DUMPED = re.compile(rb"^Unique-ID: ", re.MULTILINE)


def command(connection: Connection, call: CallRef, name: str, argument: str = "") -> ProviderRequest | None:
    """A command about a call's channel; None where there is no way to give one.

    The query is the command's argument as it stands, so that no text but a UUID may get there.
    """
    password = connection.options.get("api_password")
    channel = channel_of(call)
    if connection.control_url is None or password is None or not is_channel(channel):
        return None
    url = f"{connection.control_url}/txtapi/{name}?{channel}{argument}"
    headers = {"Authorization": basic(connection.options.get("api_user", USER), password)}
    return ProviderRequest(method="GET", url=url, headers=headers)


def hang_up(connection: Connection, call: CallRef, reason: CutReason) -> ProviderRequest:
    """A ringing call can be ended like one that talks; with the caller's channel the callee's goes too."""
    request = command(connection, call, "uuid_kill", f"%20{_CAUSES[reason]}")
    if request is None:
        raise ProviderFailed(f"connection {connection.name} has no control URL, no password, or no such call")
    return request


def read_hang_up(response: ProviderResponse) -> HangUp:
    if response.status != 200:
        return HangUp.FAILED
    if response.body.startswith(b"+OK"):
        return HangUp.TAKEN
    return HangUp.GONE if response.body.startswith(_GONE) else HangUp.FAILED


def read_status(response: ProviderResponse) -> CallStatus:
    """A dump of the channel, or no such channel: of a call that is over FreeSWITCH knows nothing but its record."""
    if response.status != 200:
        raise ProviderFailed(f"uuid_dump was answered with {response.status}")
    if response.body.startswith(_GONE):
        return Unknown()
    if _DUMPED.search(response.body) is None:
        raise ProviderFailed("the reply to uuid_dump is no dump of a channel")
    answered = _ANSWERED.search(response.body)
    try:
        return Live(answered_at=instant(int(answered[1]), "Caller-Channel-Answered-Time") if answered else None)
    except MalformedHook as error:
        raise ProviderFailed(f"the reply to uuid_dump cannot be read: {error}") from error
