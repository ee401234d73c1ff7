"""The registry of adapters: a literal table, no import by string."""

from collections.abc import Mapping

from gateway.providers.asterisk import Asterisk
from gateway.providers.base import Adapter
from gateway.providers.bitrix24 import Bitrix24
from gateway.providers.freeswitch import Freeswitch
from gateway.providers.jambonz import Jambonz
from gateway.providers.kamailio import Kamailio
from gateway.providers.native import Native
from gateway.providers.plivo import Plivo
from gateway.providers.signalwire import SignalWire
from gateway.providers.telnyx import Telnyx
from gateway.providers.telnyx_call_control import TelnyxCallControl
from gateway.providers.twilio import Twilio
from gateway.providers.vonage import Vonage
from gateway.providers.voximplant import Voximplant


def adapters() -> Mapping[str, Adapter]:
    """Every kind of connection, by its name."""
    return {
        adapter.name: adapter
        for adapter in (
            Asterisk(),
            Bitrix24(),
            Freeswitch(),
            Jambonz(),
            Kamailio(),
            Native(),
            Plivo(),
            SignalWire(),
            Telnyx(),
            TelnyxCallControl(),
            Twilio(),
            Vonage(),
            Voximplant(),
        )
    }
