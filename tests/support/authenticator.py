"""An authenticator in the small: makes a passkey as a browser does, and signs by it (WebAuthn, attestation `none`)."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_PRESENT, _VERIFIED, _HAS_KEY = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class Authenticator:
    """Has one passkey, of the origin that it was made at; it remembers whose it is."""

    def __init__(self, origin: str, host: str = "127.0.0.1") -> None:
        self._origin, self._host = origin, host
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.key_id = sha256(origin.encode()).digest()
        self.count = 0
        self.whose = ""

    def register(self, options: dict[str, Any]) -> dict[str, Any]:
        self.whose = options["user"]["id"]
        point = self._key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
        made = bytes(16) + len(self.key_id).to_bytes(2) + self.key_id + public
        attested = {"fmt": "none", "attStmt": {}, "authData": self._data(_PRESENT | _HAS_KEY) + made}
        said = {
            "clientDataJSON": text(self._client("webauthn.create", options)),
            "attestationObject": text(cbor2.dumps(attested)),
        }
        return self._credential(said)

    def show(self, options: dict[str, Any], *, is_verified: bool = False) -> dict[str, Any]:
        """`is_verified`: whoever holds it has shown it a finger."""
        self.count += 1
        flags = _PRESENT | (_VERIFIED if is_verified else 0)
        data, client = self._data(flags), self._client("webauthn.get", options)
        signature = self._key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        said = {"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature)}
        if self.whose:
            said["userHandle"] = self.whose
        return self._credential(said)

    def _data(self, flags: int) -> bytes:
        return sha256(self._host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        padded = options["challenge"] + "=" * (-len(options["challenge"]) % 4)
        challenge = text(urlsafe_b64decode(padded))
        return json.dumps({"type": kind, "challenge": challenge, "origin": self._origin}).encode()

    def _credential(self, said: dict[str, str]) -> dict[str, Any]:
        key = text(self.key_id)
        return {"id": key, "rawId": key, "type": "public-key", "response": said, "clientExtensionResults": {}}
