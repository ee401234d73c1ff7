"""How the pages abbreviate what a provider gives, and what the programs of their examples would find."""

from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.support.configured import ACCOUNT_SID
from tests.support.keys import ED25519_KEY, PROJECT

_KEY: Final = rsa.generate_private_key(public_exponent=65537, key_size=2048)
RSA: Final = _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
GIVEN: Final = {
    '"AC…"': f'"{ACCOUNT_SID}"',
    '"b08dacad-…"': f'"{PROJECT}"',
    '"f5586561-…"': f'"{PROJECT}"',
    "…": "123",
}
ENVIRONMENT: Final = {"TELNYX_PUBLIC_KEY": ED25519_KEY, "GATEWAY_SECRET": "s3cret0123456789"}
SECRET_FILES: Final = {"vonage.key": RSA, "vox.pem": RSA, "vox": "shared"}
