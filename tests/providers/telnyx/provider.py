"""Both interfaces of Telnyx, as the shared tests need it."""

from gateway.domain.connection import Connection
from tests.providers.specimens import GaveUp, Specimen, Traps
from tests.support.keys import ED25519_KEY, PROJECT
from tests.support.setting_problems import DESTINATION, DIGITS, ID, NUMBER, UNKNOWN

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
        wrong_options=(
            ({"account_sid": "acme"}, ID),
            ({"inbound_to": "client:bob"}, DESTINATION),
            ({"outbound_connection_id": "office"}, DIGITS),
            ({"from_number": "+4930123456"}, UNKNOWN),
        ),
        wrong_secrets=(
            ("KEY0123", "must be the public key of the account, base64 of 32 bytes"),
            (ED25519_KEY[:40], "must be the public key of the account"),
        ),
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
        wrong_options=(
            ({"inbound_to": "bob"}, DESTINATION),
            ({"from_number": "office"}, NUMBER),
            ({"account_sid": PROJECT}, UNKNOWN),
        ),
        wrong_secrets=((ED25519_KEY.rstrip("="), "must be the public key of the account"),),
    ),
)
