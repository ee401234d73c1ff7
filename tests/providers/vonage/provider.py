"""Vonage, as the shared tests need it."""

from gateway.domain.connection import Connection
from tests.providers.specimens import GaveUp, Rehearsed, Specimen, Traps
from tests.support.setting_problems import DESTINATION, ID, NOT_RSA, PEM, TOKEN

KINDS = (
    Specimen(
        kind="vonage",
        connections=(
            Connection(
                name="vonage-1",
                kind="vonage",
                secrets=("qwertyuiopasdfghjklzxcvbnm123456",),
                options={"application_id": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"},
            ),
        ),
        traps=Traps(
            inbound_start="inbound_start",
            own_user_start="app_start",
            leg_end=("leg_completed", "uuid"),
            gave_up=GaveUp(sample="leg_unanswered", says=b'"unanswered"', word=b'"cancelled"'),
            has_no_plus=True,
        ),
        rehearsed=Rehearsed(
            busy="answers, says “The number you called is busy.” and hangs up",
            no_money="answers, says “This call cannot be connected.” and hangs up",
        ),
        wrong_options=(
            ({"application_id": "acme"}, ID),
            ({"private_key": "BEGIN"}, PEM),
            ({"private_key": NOT_RSA}, PEM),
            ({"inbound_to": "app:"}, DESTINATION),
            ({"refusal": "loud"}, "must be silent"),
            ({"language": "Klingon!"}, "must be a language like en-US"),
        ),
        wrong_secrets=(("two words", TOKEN),),
    ),
)
