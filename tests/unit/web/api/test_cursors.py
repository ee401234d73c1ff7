"""Where a list goes on: what it gave is read again, and nothing else is."""

from datetime import UTC, datetime

import pytest

from gateway.web.api.cursors import cursor_at, decode_cursor, encode_cursor, place_of

AT = datetime(2026, 3, 11, 12, 0, 0, 123456, tzinfo=UTC)


def test_a_place_is_read_as_it_was_given() -> None:
    text = encode_cursor("list_entries", cursor_at(AT, 7))

    assert place_of(decode_cursor("list_entries", text)) == (AT, 7)


@pytest.mark.parametrize("made_up", [7, "", "7", "2026-03-11T12:00:00+00:00", "2026-03-11T12:00:00 7", "x 7", "1 -7"])
def test_what_is_no_place_is_refused(made_up: int | str) -> None:
    with pytest.raises(ValueError, match=r"."):
        place_of(made_up)


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(ValueError, match="no cursor of this list"):
        decode_cursor("list_calls", encode_cursor("list_entries", 7))
