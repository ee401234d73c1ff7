"""What the address and the line about topping up may be."""

from typing import Final

from gateway.domain.mail.top_up import ACCOUNT_ID
from gateway.settings import values

LINE_LENGTH_MAX: Final = 300


def top_up_url(raw: values.Raw) -> str:
    """An http(s) address, in which only the account's id may be filled in."""
    return _with_account_id(values.http_url(raw))


def top_up_line(raw: values.Raw) -> str:
    """One line of text, in which only the account's id may be filled in."""
    line = values.text(raw)
    if len(line) > LINE_LENGTH_MAX:
        raise ValueError(f"must be at most {LINE_LENGTH_MAX} characters long")
    return _with_account_id(line)


def _with_account_id(text: str) -> str:
    rest = text.replace(ACCOUNT_ID, "")
    if "{" in rest or "}" in rest:
        raise ValueError(f"may have {ACCOUNT_ID} in it, but no other {{ or }}")
    return text
