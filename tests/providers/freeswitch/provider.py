"""FreeSWITCH, as the shared tests need it."""

from gateway.domain.connection import Connection
from tests.providers.specimens import CALLEE, Rehearsed, Specimen, Traps

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
    ),
)
