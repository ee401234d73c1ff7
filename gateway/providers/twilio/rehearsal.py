"""Twilio's part in a rehearsal."""

from typing import Final

from gateway.providers.rehearsal import Rehearsal
from gateway.providers.twilio.signing import sign
from gateway.providers.twiml.script import TwimlScript


def _first_leg(call: Rehearsal) -> str:
    return f"CA{'7e57' * 5}{call.token}"


def _dialled_leg(call: Rehearsal) -> str:
    return f"CA{'7e57' * 4}a1e9{call.token}"


SCRIPT: Final = TwimlScript(
    owner_option="account_sid",
    header="X-Twilio-Signature",
    sign=sign,
    first_leg=_first_leg,
    dialled_leg=_dialled_leg,
)
