"""SignalWire's part in a rehearsal."""

from typing import Final

from gateway.providers.rehearsal import Rehearsal
from gateway.providers.signalwire.signing import sign
from gateway.providers.twiml.script import TwimlScript


def _first_leg(call: Rehearsal) -> str:
    return call.uuid()


def _dialled_leg(call: Rehearsal) -> str:
    return call.uuid("a1e9")


SCRIPT: Final = TwimlScript(
    owner_option="project_id",
    header="X-SignalWire-Signature",
    sign=sign,
    first_leg=_first_leg,
    dialled_leg=_dialled_leg,
)
