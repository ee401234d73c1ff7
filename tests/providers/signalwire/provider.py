"""SignalWire, as the shared tests need it."""

from gateway.domain.connection import Connection
from tests.providers.specimens import GaveUp, Rehearsed, Specimen, Traps
from tests.support.keys import PROJECT
from tests.support.setting_problems import DESTINATION, ID, TOKEN

KINDS = (
    Specimen(
        kind="signalwire",
        connections=(
            Connection(
                name="signalwire-1",
                kind="signalwire",
                secrets=("PSK_7xkPq",),
                options={
                    "project_id": PROJECT,
                    "space": "acme",
                    "api_token": "PT1",
                    "inbound_to": "sip:{digits}@pbx.example.com",
                },
            ),
        ),
        traps=Traps(
            inbound_start="inbound_start",
            own_user_start="sip_start",
            leg_end=("leg_completed", "CallSid"),
            gave_up=GaveUp(sample="leg_completed", says=b"CallStatus=completed", word=b"CallStatus=canceled"),
        ),
        rehearsed=Rehearsed(busy="refuses as busy (486)", no_money="refuses as rejected, by a code of its own"),
        wrong_options=(
            ({"project_id": "acme"}, ID),
            ({"space": "acme.signalwire.com"}, "must be the name of the space"),
            ({"inbound_to": "alice@acme.verto.signalwire.com"}, DESTINATION),
        ),
        wrong_secrets=(("two words", TOKEN),),
    ),
)
