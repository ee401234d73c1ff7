"""Where a list goes on: opaque to who asks, and good for the list alone that gave it."""

import base64
import binascii
from typing import Final

import msgspec

# The id of the last row, or the values that it is sorted by.
Cursor = int | str
LENGTH_MAX: Final = 500
_decode: Final = msgspec.json.Decoder(tuple[str, int | str]).decode


def encode_cursor(route: str, cursor: Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode((route, cursor))).rstrip(b"=").decode()


def decode_cursor(route: str, text: str) -> Cursor:
    """ValueError where the list did not give it."""
    try:
        given_by, cursor = _decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, msgspec.MsgspecError, ValueError) as error:
        raise ValueError("it is no cursor of this list") from error
    if given_by != route or (isinstance(cursor, int) and not 0 <= cursor < 2**63):
        raise ValueError("it is no cursor of this list")
    return cursor
