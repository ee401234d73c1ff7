"""Kamailio, as the shared tests need it."""

from gateway.domain.connection import Connection
from tests.providers.specimens import Rehearsed, Specimen, Traps

KINDS = (
    Specimen(
        kind="kamailio",
        connections=(
            Connection(
                name="kamailio-1",
                kind="kamailio",
                secrets=("secret0123456789",),
                options={"listen": "203.0.113.5:5060", "pbx": "10.0.0.20:5060", "carrier": "203.0.113.7:5060"},
            ),
        ),
        traps=Traps(),
        rehearsed=Rehearsed(busy="refuses as busy (486)", no_money="refuses with 402 (no_money)"),
    ),
)
