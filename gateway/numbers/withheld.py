"""A caller who withholds the number is one value, however it is said, and loses no call (R43).

Sources: RFC 3261 section 8.1.1.3 and RFC 3323 (`Anonymous`, `anonymous.invalid`), RFC 3325 (`restricted`,
`unavailable` are what gateways write), Twilio's "Why am I getting calls from these strange numbers?" (keypad numbers
of the words Restricted, Anonymous, Unknown, Unavailable, Blocked), Asterisk's `CALLERID(pres)` (`unavailable`).
"""

from typing import Final

from gateway.domain.phone import WITHHELD

__all__ = ["WITHHELD", "is_withheld"]

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
_KEYPAD: Final = frozenset({"7378742833", "266696687", "8656696", "86282452253", "2562533", "7748283"})


def is_withheld(text: str | None) -> bool:
    """Whether a caller, as it was sent, is one who shows no number; empty and absent are so too."""
    if text is None:
        return True
    name = text.strip().lower()
    if name.endswith(">"):  # a name and an address: the address counts
        name = name.rpartition("<")[2]
    name = name.strip('"<>')
    scheme, colon, rest = name.partition(":")
    if colon and scheme in ("sip", "sips", "tel"):
        user, _, host = rest.partition("@")
        if host.partition(";")[0].partition(":")[0] == "anonymous.invalid":
            return True
        name = user.partition(";")[0]
    name = name.replace("_", " ").replace("-", " ").removeprefix("+")
    return not name or name in _WORDS or name in _KEYPAD or name.removeprefix("1") in _KEYPAD
