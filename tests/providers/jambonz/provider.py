"""jambonz, as the shared tests need it."""

from gateway.domain.connection import Connection
from gateway.domain.events import Cause
from tests.providers.specimens import GaveUp, Rehearsed, Specimen, Traps
from tests.support.setting_problems import ALONE, DESTINATION, TOKEN, URL

KINDS = (
    Specimen(
        kind="jambonz",
        connections=(Connection(name="jambonz-1", kind="jambonz", secrets=("wh_secret_0123456789",)),),
        traps=Traps(
            inbound_start="inbound_start",
            own_user_start="user_start",
            leg_end=("leg_completed", "call_sid"),
            # It has no word for it: the dialled leg is left ringing.
            gave_up=GaveUp(sample="dial_ended_ringing", says=b'"ringing"', word=b'"ringing"', cause=Cause.NO_ANSWER),
        ),
        rehearsed=Rehearsed(busy="refuses as busy (486)", no_money="refuses with 402 (Payment Required)"),
        wrong_options=(
            ({"inbound_to": "office"}, DESTINATION),
            ({"inbound_to": "user:"}, DESTINATION),
            ({"inbound_to": "client:bob"}, DESTINATION),
            ({"inbound_to": "sip:{number}@pbx.example.com"}, DESTINATION),
            ({"inbound_to": "sip:a b@pbx.example.com"}, DESTINATION),
            ({"api_key": "k"}, ALONE + "api_url and account_sid"),
            ({"api_url": "jambonz", "account_sid": "a", "api_key": "k"}, URL),
        ),
        wrong_secrets=(("two words", TOKEN),),
    ),
)
