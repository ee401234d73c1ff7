"""Where a list goes on: opaque to who asks, and good for the list alone that gave it."""

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import Final

import msgspec

# The id of the last row, or the values that it is sorted by.
Cursor = int | str
LENGTH_MAX: Final = 500
_ID: Final = re.compile(r"[0-9]{1,18}")
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


def cursor_at(at: datetime, id: int) -> str:  # noqa: A002 - of the row that it is the place of
    """Where a list goes on that is sorted by an instant, and by ids where several rows have one."""
    return f"{at.astimezone(UTC).isoformat()} {id}"


def place_of(cursor: Cursor) -> tuple[datetime, int]:
    """What `cursor_at` was made of; ValueError where it was not."""
    at, _, row_id = str(cursor).partition(" ")
    if not _ID.fullmatch(row_id):
        raise ValueError("it is no cursor of this list")
    instant = datetime.fromisoformat(at)
    if instant.tzinfo is None:
        raise ValueError("it is no cursor of this list")
    return instant, int(row_id)
