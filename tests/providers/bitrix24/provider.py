"""Bitrix24, as the shared tests need it."""

from gateway.domain.connection import Connection
from tests.providers.specimens import Specimen, Traps

KINDS = (
    Specimen(
        kind="bitrix24",
        connections=(Connection(name="bitrix24-1", kind="bitrix24", secrets=("token",)),),
        traps=Traps(),
        rehearsed=None,
    ),
)
