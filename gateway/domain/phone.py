"""Numbers in E.164: their shape and their masking. What a number belongs to is `numbers`' business."""

import re

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# A caller who shows no number (R43).
WITHHELD = "anonymous"
_SHORT = re.compile(r"[0-9]{2,6}")


def is_e164(text: str) -> bool:
    """A plus, then 7 to 15 digits, the first not 0 (ITU-T E.164)."""
    return _E164.fullmatch(text) is not None


def is_short(text: str) -> bool:
    """A short number as it was dialled, such as 112."""
    return _SHORT.fullmatch(text) is not None


def mask(text: str) -> str:
    """All but the last four characters hidden, for logs."""
    return text if len(text) <= 4 else "*" * (len(text) - 4) + text[-4:]
