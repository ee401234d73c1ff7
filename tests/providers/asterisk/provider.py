"""Asterisk, as the shared tests need it."""

from gateway.domain.connection import Connection
from tests.providers.specimens import CALLEE, Rehearsed, Specimen, Traps
from tests.support.setting_problems import ALONE, DIAL, DIALLED, PLAIN

KINDS = (
    Specimen(
        kind="asterisk",
        connections=(
            Connection(
                name="asterisk-1",
                kind="asterisk",
                secrets=("secret1",),
                options={"outbound_to": "PJSIP/{callee}@trunk"},
            ),
        ),
        traps=Traps(),
        rehearsed=Rehearsed(
            busy="refuses as busy (486)", no_money="refuses with 403 (cause 21)", dials=f"PJSIP/{CALLEE}@trunk"
        ),
        wrong_options=(
            ({"outbound_to": "PJSIP/office"}, DIALLED),
            ({"outbound_to": "{callee}"}, DIALLED),
            ({"inbound_to": "office"}, DIAL),
            ({"inbound_to": "+12"}, DIAL),
            ({"inbound_to": "4930123456"}, DIAL),
            ({"default_line": " "}, "must be text"),
            ({"control_url": "http://10.0.0.6:8088/ari"}, ALONE + "ari_password"),
            ({"ari_password": "s3cret"}, ALONE + "control_url"),
            ({"ari_user": "me"}, ALONE + "ari_password"),
        ),
        wrong_secrets=(("with:colon", PLAIN),),
    ),
)
