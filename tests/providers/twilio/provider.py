"""Twilio, as the shared tests need it."""

from gateway.domain.connection import Connection
from tests.providers.specimens import GaveUp, Rehearsed, Specimen, Traps
from tests.support.setting_problems import DESTINATION, TOKEN, URL

KINDS = (
    Specimen(
        kind="twilio",
        connections=(
            Connection(
                name="twilio-1",
                kind="twilio",
                secrets=("89abcdef0123456789abcdef01234567",),
                options={"account_sid": "AC0123456789abcdef0123456789abcdef"},
            ),
        ),
        traps=Traps(
            inbound_start="inbound_start",
            own_user_start="sip_start",
            leg_end=("leg_completed", "CallSid"),
            gave_up=GaveUp(sample="leg_busy", says=b"CallStatus=busy", word=b"CallStatus=canceled"),
            not_seconds=("leg_completed", b"Duration=2&"),
        ),
        rehearsed=Rehearsed(busy="refuses as busy (486)", no_money="refuses as rejected, by a code of its own"),
        wrong_options=(
            ({"account_sid": "SK0123456789abcdef0123456789abcdef"}, "must be AC and 32 hexadecimal digits"),
            ({"inbound_to": "client:"}, DESTINATION),
            ({"inbound_to": "https://example.com"}, DESTINATION),
            ({"api_url": "api.twilio.com"}, URL),
        ),
        wrong_secrets=(("two words", TOKEN),),
    ),
)
