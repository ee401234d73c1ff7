"""The registry of providers: a literal table, no import by string. What else is known of one is in its package.

Whoever only reads rows of calls needs none of them: so this is no part of the package itself.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from gateway.providers.asterisk import ASTERISK
from gateway.providers.base import Adapter
from gateway.providers.bitrix24 import BITRIX24
from gateway.providers.freeswitch import FREESWITCH
from gateway.providers.jambonz import JAMBONZ
from gateway.providers.kamailio import KAMAILIO
from gateway.providers.native import NATIVE
from gateway.providers.plivo import PLIVO
from gateway.providers.provider import Provider, ProviderKind
from gateway.providers.rehearsal import HookProbe, Script
from gateway.providers.signalwire import SIGNALWIRE
from gateway.providers.telnyx import TELNYX
from gateway.providers.twilio import TWILIO
from gateway.providers.vonage import VONAGE
from gateway.providers.voximplant import VOXIMPLANT

# In the order in which they are shown: servers of one's own, the contract, those on the Internet, a CRM.
_PROVIDERS: Final[Sequence[Provider]] = (
    KAMAILIO,
    FREESWITCH,
    ASTERISK,
    NATIVE,
    TWILIO,
    SIGNALWIRE,
    PLIVO,
    TELNYX,
    JAMBONZ,
    VONAGE,
    VOXIMPLANT,
    BITRIX24,
)


def providers() -> Sequence[Provider]:
    """Every provider, in the order in which they are shown."""
    return _PROVIDERS


def kinds() -> Mapping[str, ProviderKind]:
    """Every kind of connection, by its name."""
    return {kind.adapter.name: kind for provider in _PROVIDERS for kind in provider.kinds}


def adapters() -> Mapping[str, Adapter]:
    """The adapter of every kind of connection."""
    return {name: kind.adapter for name, kind in kinds().items()}


def scripts() -> Mapping[str, Script]:
    """The scripts of the kinds whose calls can be rehearsed."""
    return {name: kind.rehearsal for name, kind in kinds().items() if isinstance(kind.rehearsal, Script)}


def probes() -> Mapping[str, HookProbe]:
    """The probes of the others."""
    return {name: kind.rehearsal for name, kind in kinds().items() if isinstance(kind.rehearsal, HookProbe)}
