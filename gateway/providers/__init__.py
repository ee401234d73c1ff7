"""The registry of adapters: a literal table, no import by string."""

from collections.abc import Mapping

from gateway.providers.asterisk.adapter import Asterisk
from gateway.providers.base import Adapter
from gateway.providers.bitrix24.adapter import Bitrix24
from gateway.providers.freeswitch.adapter import Freeswitch
from gateway.providers.jambonz.adapter import Jambonz
from gateway.providers.kamailio.adapter import Kamailio
from gateway.providers.native.adapter import Native
from gateway.providers.plivo.adapter import Plivo
from gateway.providers.signalwire.adapter import SignalWire
from gateway.providers.telnyx.call_control import TelnyxCallControl
from gateway.providers.telnyx.texml import Telnyx
from gateway.providers.twilio.adapter import Twilio
from gateway.providers.vonage.adapter import Vonage
from gateway.providers.voximplant.adapter import Voximplant


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
