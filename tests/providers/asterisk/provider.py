"""Asterisk, as the shared tests need it."""

from gateway.domain.connection import Connection
from tests.providers.specimens import CALLEE, Rehearsed, Specimen, Traps

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
    ),
)
