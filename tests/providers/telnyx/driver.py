"""What the tests of both of Telnyx' interfaces share: keys, and a signer that is not ours (PyNaCl, as its SDK uses)."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlencode

from nacl.signing import SigningKey

from gateway.providers.base import Hook
from tests.providers.cases import make_hook, with_headers

# The keys of RFC 8032, section 7.1, tests 1 and 2.
SEEDS = (
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
)
SIGNERS = {
    b64encode(bytes(key.verify_key)).decode(): key for key in (SigningKey(bytes.fromhex(seed)) for seed in SEEDS)
}
PUBLIC_KEY, OLD_PUBLIC_KEY = SIGNERS
ACCOUNT = "f5586561-8ff0-4291-a51b-c7dfe4139ff9"
API_KEY = "KEY0123456789ABCDEF_telnyx"
CALL = "v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ"
LEG = "v3:9X2vxPDFY2RHSJ1EdMS0RHRksMTg7ldNxdjWbVr9zBjbGjGsSe-aiQ"
SIP_CONNECTION = "1684641123236054999"


def signed(hook: Hook, secret: str, at: datetime | None = None) -> Hook:
    """The hook as Telnyx signs it: Ed25519 over `timestamp|body`. A secret that is no key of ours has a key made up."""
    key = SIGNERS.get(secret) or SigningKey(hashlib.sha256(secret.encode()).digest())
    timestamp = str(int((at or hook.received_at).timestamp()))
    signature = key.sign(timestamp.encode() + b"|" + hook.body).signature
    return with_headers(hook, telnyx_timestamp=timestamp, telnyx_signature_ed25519=b64encode(signature).decode())


def proof_of(said: Mapping[str, str], first_leg: str = CALL) -> str:
    """The proof of a URL of ours, made again."""
    message = json.dumps(["told", first_leg, *(said.get(name) for name in ("leg", "caller", "callee", "line"))])
    return hmac.new(API_KEY.encode(), message.encode(), hashlib.sha256).hexdigest()


def query_of(said: Mapping[str, str], proof: str | None = None) -> str:
    """A query as our URLs have it: its parameters in alphabetical order."""
    told = {**said, "proof": proof_of(said) if proof is None else proof}
    return "?" + urlencode(sorted(told.items()), quote_via=quote)


def form_hook(fields: Mapping[str, str], query: str = "") -> Hook:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return make_hook(f"/hooks/tx{query}", urlencode(fields).encode(), headers=headers)
