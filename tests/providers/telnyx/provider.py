"""Both interfaces of Telnyx, as the shared tests need it."""

from gateway.domain.connection import Connection
from tests.providers.specimens import GaveUp, Specimen, Traps
from tests.support.keys import ED25519_KEY, PROJECT

KINDS = (
    Specimen(
        kind="telnyx",
        connections=(
            Connection(
                name="telnyx-1",
                kind="telnyx",
                secrets=(ED25519_KEY,),
                options={"account_sid": PROJECT, "api_key": "KEY1"},
            ),
        ),
        traps=Traps(
            inbound_start="inbound_start",
            own_user_start="sip_start",
            leg_end=("leg_completed", "CallSid"),
            gave_up=GaveUp(sample="leg_busy", says=b"CallStatus=busy", word=b"CallStatus=canceled"),
        ),
        rehearsed=None,
    ),
    Specimen(
        kind="telnyx-call-control",
        connections=(
            Connection(
                name="telnyx-2", kind="telnyx-call-control", secrets=(ED25519_KEY,), options={"api_key": "KEY1"}
            ),
        ),
        traps=Traps(
            inbound_start="inbound_start",
            # No trap: it says `outgoing` of a call that an own user dials out with.
            leg_end=("leg_hung_up", "call_control_id"),
            gave_up=GaveUp(sample="leg_busy", says=b"user_busy", word=b"originator_cancel"),
        ),
        rehearsed=None,
    ),
)
