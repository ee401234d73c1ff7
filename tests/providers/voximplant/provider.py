"""Voximplant, as the shared tests need it."""

from gateway.domain.connection import Connection
from tests.providers.specimens import Rehearsed, Specimen, Traps

KINDS = (
    Specimen(
        kind="voximplant",
        connections=(Connection(name="voximplant-1", kind="voximplant", secrets=("shared-secret",)),),
        traps=Traps(),
        rehearsed=Rehearsed(busy="refuses as busy (486)", no_money="refuses with 402 (no_money)"),
    ),
)
