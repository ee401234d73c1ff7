"""A caller who withholds the number, in the words of phones, servers and providers (R43)."""

import pytest

from gateway.numbers.withheld import asks_privacy, is_withheld


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "",
        " ",
        "Anonymous",
        "anonymous",
        "sip:anonymous@anonymous.invalid",
        "sip:c8oqz84zk7z@anonymous.invalid;tag=1",
        '"Anonymous" <sip:anonymous@anonymous.invalid>',
        "anonymous@anonymous.invalid",
        "Anonymous@pbx.example:5060",
        "c8oqz84zk7z@anonymous.invalid:5060;user=phone",
        "client:anonymous",
        "tel:anonymous",
        "'Anonymous'",
        "Restricted",
        "UNAVAILABLE",
        "Private",
        "private_number",
        "null",
        "unknown",
        "+266696687",
        "266696687",
        "+7378742833",
        "+2562533",
        "+8656696",
        "+86282452253",
        "+7378742883",
        "+464",
    ],
)
def test_r43_a_withheld_number_is_known_however_it_is_said(sent: str | None) -> None:
    assert is_withheld(sent)


@pytest.mark.parametrize("sent", ["+442079460000", "bob", "3001", "464", "sip:bob@pbx.example", "anonymous-coward@x"])
def test_r43_anybody_else_shows_who_calls(sent: str) -> None:
    assert not is_withheld(sent)


@pytest.mark.parametrize(
    ("privacy", "remote_party"),
    [
        ("id", None),
        ("ID", None),
        ("user;id;critical", None),
        ("header, id", None),
        (" user ; session ", None),
        (None, '"Bob" <sip:bob@pbx.example>;party=calling;privacy=full'),
        (None, '<sip:bob@pbx.example>; Privacy="uri"'),
        ("none", "<sip:bob@pbx.example>;privacy=full"),
    ],
)
def test_r43_a_wish_not_to_be_shown_is_known(privacy: str | None, remote_party: str | None) -> None:
    assert asks_privacy(privacy, remote_party)


@pytest.mark.parametrize(
    ("privacy", "remote_party"),
    [
        (None, None),
        ("", ""),
        ("none", None),
        ("none;id", None),
        ("session", None),
        ("history", None),
        ("identity", None),
        (None, "<sip:id@pbx.example>;privacy=off"),
        (None, '"privacy=full" <sip:bob@pbx.example>'),
        (None, "<sip:bob@pbx.example>;privacy=name"),
    ],
)
def test_r43_anything_else_is_no_such_wish(privacy: str | None, remote_party: str | None) -> None:
    assert not asks_privacy(privacy, remote_party)
