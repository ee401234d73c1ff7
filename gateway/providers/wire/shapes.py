"""What the options of a connection may look like: the checks that adapters declare theirs with.

Each gives the value as it is used, or raises ValueError saying what would be right. None repeats the value, as anything
may stand where a secret was meant to, and the other way about.
"""

import re
from ipaddress import AddressValueError, IPv4Address
from typing import Final

from gateway.domain.connection import Check
from gateway.domain.errors import ProviderFailed
from gateway.domain.phone import is_e164
from gateway.numbers.reading import Writer, read
from gateway.providers.wire import fields
from gateway.providers.wire.rsa_tokens import rsa_key
from gateway.settings.values import base_url, http_url, text, token

__all__ = ["base_url", "http_url", "text", "token"]

_NUMBER_FORM: Final = "a number with its plus, like +4930123456"
_PORT_MAX: Final = 65_535
# What stands for the line that was called; no other braces may stand in an address.
_PLACEHOLDER: Final = re.compile(r"\{(?:line|digits)\}")


def written(what: str, pattern: str) -> Check:
    """A text of one form."""
    form = re.compile(pattern, re.ASCII)

    def check(value: str) -> str:
        if form.fullmatch(value) is None:
            raise ValueError(f"must be {what}")
        return value

    return check


def one_of(*words: str) -> Check:
    return written(" or ".join(words), "|".join(map(re.escape, words)))


# An id that a provider gives: with more digits than our numbers have, or a 0 before them.
digits: Final = written("digits only", "[0-9]{1,32}")
whole_number: Final = written("a whole number", "[1-9][0-9]{0,17}")
uuid: Final = written("an id like b08dacad-5f0a-4b2e-9a3c-1d2e3f405162", fields.UUID.pattern)
currency: Final = written("a currency like EUR", "[A-Z]{3}")
# Of HTTP Basic, where a colon ends it.
user: Final = written("a user's name without a colon", r"[^:\x00-\x1f\x7f]+")
# Unlike text, it is not stripped.
password: Final = written("text without control characters", r"[^\x00-\x1f\x7f]+")
# A secret that stands in a configuration file of another program, whose quoting nobody should have to know.
plain_secret: Final = written("letters, digits, - and _ only", "[A-Za-z0-9_-]+")
# Kamailio's kit takes no command that is proven by less.
long_secret: Final = written("16 or more letters, digits, - and _", "[A-Za-z0-9_-]{16,}")


def number(value: str) -> str:
    e164 = read(value, writer=Writer.CARRIER).number
    if e164 is None:
        raise ValueError(f"must be {_NUMBER_FORM}")
    return e164


def inbound_to(*users: str) -> Check:
    """Where inbound calls go: a SIP address, a user of the provider by one of these schemes, or a number."""
    forms = ["sip:{digits}@pbx.example.com", *(f"{scheme}:name" for scheme in users)]
    rule = f"must be an address like {', '.join(forms)}, or {_NUMBER_FORM}; only {{line}} and {{digits}} are filled in"

    def check(value: str) -> str:
        scheme, _, rest = _PLACEHOLDER.sub("1", value).partition(":")
        is_address = scheme.lower() in ("sip", "sips", *users) and re.fullmatch(r"[^\s{}]+", rest) is not None
        if not is_address and not is_e164(value):
            raise ValueError(rule)
        return value

    return check


def dial_string(value: str) -> str:
    """What a SIP server of one's own dials for calls from outside, or a number to forward them to."""
    if not is_e164(value) and not _dials(value):
        raise ValueError(f"must be a dial string like PJSIP/office, or {_NUMBER_FORM}")
    return value


def outbound_dial_string(value: str) -> str:
    """One that calls to outside are dialled by; without their callee, all would go to one."""
    if not _dials(value) or not ("{callee}" in value or "{digits}" in value):
        raise ValueError("must be a dial string with {callee} or {digits} in it, like PJSIP/{callee}@trunk")
    return value


def _dials(value: str) -> bool:
    """Dial strings are `technology/resource`, or are made by a function of the server."""
    return value.isprintable() and ("/" in value.strip("/") or "${" in value)


def ipv4_and_port(value: str) -> str:
    """As packets have them, since they are compared as text."""
    address, _, port = value.partition(":")
    try:
        is_address = str(IPv4Address(address)) == address
    except AddressValueError:
        is_address = False
    if not is_address or re.fullmatch("[1-9][0-9]{0,4}", port, re.ASCII) is None or int(port) > _PORT_MAX:
        raise ValueError("must be an IPv4 address and a port, like 203.0.113.5:5060")
    return value


def rsa_private_key(value: str) -> str:
    try:
        rsa_key(value)
    except ProviderFailed:
        raise ValueError("must be an RSA private key in PEM, without a password") from None
    return value
