"""Kamailio, as the shared tests need it."""

from gateway.domain.connection import Connection
from tests.providers.specimens import Rehearsed, Specimen, Traps
from tests.support.setting_problems import ADDRESS, LONG, URL

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
        wrong_options=(
            ({"listen": "203.0.113.5"}, ADDRESS),
            ({"pbx": "pbx.example.com:5060"}, ADDRESS),
            ({"carrier": "203.0.113.7:65536"}, ADDRESS),
            ({"carrier": "203.0.113.7:05060"}, ADDRESS),
            ({"carrier": "[2001:db8::1]:5060"}, ADDRESS),
            ({"control_url": "10.0.0.5:8090"}, URL),
        ),
        wrong_secrets=(
            ("sixteen/letters/at/least", LONG),
            ("fifteen-letters", LONG),
        ),
    ),
)
