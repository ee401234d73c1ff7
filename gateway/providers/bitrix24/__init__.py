"""Bitrix24, a CRM beside the others."""

from typing import Final

from gateway.providers.bitrix24.adapter import Bitrix24
from gateway.providers.bitrix24.rehearsal import Bitrix24Probe
from gateway.providers.provider import Features, Provider, ProviderKind

BITRIX24: Final = Provider(
    package=__package__,
    title="Bitrix24",
    kinds=(
        ProviderKind(
            title="Bitrix24",
            adapter=Bitrix24(),
            rehearsal=Bitrix24Probe(),
            features=Features(
                call_start="a CRM beside the others: carries no calls",
                signature="the application's token",
                verified_with="`b24pysdk`; a portal of our own making",
            ),
        ),
    ),
)
