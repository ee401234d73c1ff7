"""Calls that no provider dials: the hooks a real one would send, signed as it signs, and what it makes of the replies.

For an operator who wants to see that a connection works before the first customer calls by it. Pure: whoever sends the
hooks is elsewhere (`usecases/rehearse_call`). Each kind of connection has a script, or a probe where only the provider
can sign. Signing is that of the adapters; that a real provider signs so, their own tests prove.
"""

from collections.abc import Mapping

from gateway.providers.rehearsal import Probe, Script
from gateway.rehearsal.contracts import Kamailio, Native, Voximplant
from gateway.rehearsal.dialplans import Asterisk, Freeswitch
from gateway.rehearsal.json_bodies import Jambonz, Vonage
from gateway.rehearsal.markup_forms import Plivo, SignalWire, Twilio
from gateway.rehearsal.probes import Bitrix24, Telnyx


def scripts() -> Mapping[str, Script]:
    """By the kind of connection."""
    return {
        "asterisk": Asterisk(),
        "freeswitch": Freeswitch(),
        "jambonz": Jambonz(),
        "kamailio": Kamailio(),
        "native": Native(),
        "plivo": Plivo(),
        "signalwire": SignalWire(),
        "twilio": Twilio(),
        "vonage": Vonage(),
        "voximplant": Voximplant(),
    }


def probes() -> Mapping[str, Probe]:
    """Of the kinds that have no script."""
    return {"bitrix24": Bitrix24(), "telnyx": Telnyx(), "telnyx-call-control": Telnyx()}
