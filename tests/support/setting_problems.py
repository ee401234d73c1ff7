"""What is said of wrong settings of connections, and values to put into them."""

from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


RSA: Final = _pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))
NOT_RSA: Final = _pem(ec.generate_private_key(ec.SECP256R1()))
SERVICE_ACCOUNT: Final = {"account_id": "1", "key_id": "k", "private_key": RSA}
PORTAL: Final = {"account": "1", "user_id": "12", "rest_url": "https://acme.bitrix24.com/rest/"}
APPLICATION: Final = {**PORTAL, "client_id": "local.1", "client_secret": "hush", "refresh_token": "first"}
DESTINATION: Final = "must be an address like sip:{digits}@pbx.example.com"
NUMBER: Final = "must be a number with its plus"
URL: Final = "must be a URL"
WHOLE: Final = "must be a whole number"
DIGITS: Final = "must be digits only"
ID: Final = "must be an id like"
TOKEN: Final = "must be text of printable ASCII without spaces"
DIALLED: Final = "must be a dial string with {callee} or {digits}"
DIAL: Final = "must be a dial string like PJSIP/office, or a number"
ADDRESS: Final = "must be an IPv4 address and a port"
PEM: Final = "must be an RSA private key in PEM"
PLAIN: Final = "must be letters, digits, - and _ only"
LONG: Final = "must be 16 or more letters, digits, - and _"
UNKNOWN: Final = "is no setting of a connection of the kind"
ALONE: Final = "is of no use without "
