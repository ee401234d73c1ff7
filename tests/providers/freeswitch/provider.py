"""FreeSWITCH, as the shared tests need it."""

from gateway.domain.connection import Connection
from tests.providers.specimens import CALLEE, Rehearsed, Specimen, Traps
from tests.support.setting_problems import ALONE, DIAL, DIALLED, PLAIN

KINDS = (
    Specimen(
        kind="freeswitch",
        connections=(
            Connection(
                name="freeswitch-1",
                kind="freeswitch",
                secrets=("secret1",),
                options={"outbound_to": "sofia/gateway/trunk/{digits}"},
            ),
        ),
        traps=Traps(),
        rehearsed=Rehearsed(
            busy="refuses as busy (486)",
            no_money="refuses with 402 (Payment Required)",
            dials=f"sofia/gateway/trunk/{CALLEE[1:]}",
        ),
        wrong_options=(
            ({"outbound_to": "sofia/gateway/trunk"}, DIALLED),
            ({"inbound_to": "user/"}, DIAL),
            ({"control_url": "http://10.0.0.5:8080"}, ALONE + "api_password"),
            ({"api_password": "s3cret"}, ALONE + "control_url"),
            ({"api_user": "me"}, ALONE + "api_password"),
        ),
        wrong_secrets=(("with&ampersand", PLAIN),),
    ),
)
