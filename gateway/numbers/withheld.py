"""A caller who withholds the number is one value, however it is said, and loses no call (R43).

Sources: RFC 3261 section 8.1.1.3 and RFC 3323 (`Anonymous`, `anonymous.invalid`), RFC 3325 (`restricted`,
`unavailable` are what gateways write), Twilio's "Why am I getting calls from these strange numbers?" (keypad numbers
of the words Restricted, Anonymous, Unknown, Unavailable, Blocked), Asterisk's `CALLERID(pres)` (`unavailable`). A wish
not to be shown, beside the number: RFC 3323 section 4.2, RFC 3325 section 9.3 (`Privacy`), and the expired draft of
Remote-Party-ID (`privacy=full`).
"""

import re
from typing import Final

from gateway.domain.phone import WITHHELD

__all__ = ["WITHHELD", "asks_privacy", "is_withheld"]

_WORDS: Final = frozenset(
    {
        "anonymous",
        "anonymous.invalid",
        "asserted identity unknown",
        "blocked",
        "caller id blocked",
        "hidden",
        "no caller id",
        "none",
        "not available",
        "null",
        "out of area",
        "private",
        "private number",
        "restricted",
        "unavailable",
        "unknown",
        "unknown caller",
        "withheld",
    }
)
# What a keypad makes of restricted, anonymous, unknown, unavailable, blocked and private: Twilio sends these.
# Twilio's page has one of them misspelled, and another that is none of the words, which it sends with a plus.
_KEYPAD: Final = frozenset(
    {"7378742833", "7378742883", "266696687", "8656696", "86282452253", "2562533", "7748283"},
)
_KEYPAD_WITH_PLUS: Final = frozenset({"+464"})
# `client` and `sim` are Twilio's.
_SCHEMES: Final = frozenset({"sip", "sips", "tel", "client", "sim"})
_PORT_AND_PARAMETERS: Final = re.compile("[:;]")
# What of Privacy hides the number: `header` and `user` hide what From says.
_PRIVATE: Final = frozenset({"id", "user", "header"})
_BETWEEN: Final = re.compile(r"[;,\s]+")
_PRIVATE_PARTY: Final = re.compile(r";\s*privacy\s*=\s*\"?(?:full|uri)\b", re.IGNORECASE)


def is_withheld(text: str | None) -> bool:
    """Whether a caller, as it was sent, is one who shows no number; empty and absent are so too."""
    if text is None:
        return True
    name = text.strip().lower()
    if name.endswith(">"):  # a name and an address: the address counts
        name = name.rpartition("<")[2]
    name = name.strip("\"'<>")
    scheme, colon, rest = name.partition(":")
    if colon and scheme in _SCHEMES:
        name = rest
    user, _, host = name.partition("@")
    if _PORT_AND_PARAMETERS.split(host)[0] == "anonymous.invalid":
        return True
    name = user.partition(";")[0].strip()
    if name in _KEYPAD_WITH_PLUS:
        return True
    name = name.replace("_", " ").replace("-", " ").removeprefix("+")
    return not name or name in _WORDS or name in _KEYPAD or name.removeprefix("1") in _KEYPAD


def asks_privacy(privacy: str | None, remote_party: str | None = None) -> bool:
    """Whether a caller asks not to be shown, by what the headers Privacy and Remote-Party-ID say."""
    wishes = set(_BETWEEN.split((privacy or "").lower()))
    is_asked = "none" not in wishes and not wishes.isdisjoint(_PRIVATE)
    return is_asked or _PRIVATE_PARTY.search(remote_party or "") is not None
