"""A caller who withholds the number, in the words of phones, servers and providers (R43)."""

import pytest

from gateway.numbers.withheld import is_withheld


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
    ],
)
def test_r43_a_withheld_number_is_known_however_it_is_said(sent: str | None) -> None:
    assert is_withheld(sent)


@pytest.mark.parametrize("sent", ["+442079460000", "bob", "3001", "sip:bob@pbx.example", "anonymous-coward@x"])
def test_r43_anybody_else_shows_who_calls(sent: str) -> None:
    assert not is_withheld(sent)
