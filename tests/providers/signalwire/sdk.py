"""Whether SignalWire's SDK takes hooks as signed: reads [{secret, method, url, headers, body}, …], writes [bool…]."""

import json
import sys

from signalwire.core.security.webhook_middleware import validate


def is_signed(secret: str, method: str, url: str, headers: dict[str, str], body: str) -> bool:
    return validate(method, url, headers, body, signing_key=secret) is None


json.dump([is_signed(**hook) for hook in json.load(sys.stdin)], sys.stdout)
