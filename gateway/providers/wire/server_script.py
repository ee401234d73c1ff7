"""What the scripts of SIP servers of one's own share."""

from gateway.providers.base import Hook
from gateway.providers.rehearsal import Rehearsal, with_proof
from gateway.providers.wire.sip_server import basic


def logged_in(call: Rehearsal, hook: Hook) -> Hook:
    return with_proof(hook, {"Authorization": basic(call.connection.name, call.secret)})
