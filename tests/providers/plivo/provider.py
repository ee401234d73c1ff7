"""Plivo, as the shared tests need it."""

from gateway.domain.connection import Connection
from tests.providers.specimens import GaveUp, Rehearsed, Specimen, Traps
from tests.support.setting_problems import DESTINATION, TOKEN, UNKNOWN

KINDS = (
    Specimen(
        kind="plivo",
        connections=(
            Connection(
                name="plivo-1",
                kind="plivo",
                secrets=("Y2Q2ZDgxZmY5YWRiOTI5YmQ1",),
                options={"auth_id": "MA0123456789ABCDEFGH", "inbound_to": "sip:{digits}@pbx.example.com"},
            ),
        ),
        traps=Traps(
            inbound_start="inbound_start",
            own_user_start="sip_start",
            leg_end=("leg_ended", "DialBLegUUID"),
            gave_up=GaveUp(sample="hangup_cancel", says=b"CallStatus=cancel", word=b"CallStatus=cancel"),
            not_seconds=("leg_ended", b"DialBLegBillDuration=120&"),
            has_no_plus=True,
        ),
        rehearsed=Rehearsed(busy="refuses as busy (486)", no_money="refuses as rejected, by a code of its own"),
        wrong_options=(
            ({"inbound_to": "client:alice"}, DESTINATION),
            ({"inbound_to": "442079460000"}, DESTINATION),
            ({"auth_id": "M A"}, TOKEN),
            ({"control_url": "https://host/control"}, UNKNOWN),
        ),
        wrong_secrets=(("two words", TOKEN),),
    ),
)
