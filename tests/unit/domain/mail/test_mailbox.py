"""E-mail addresses, as far as their shape tells."""

import pytest

from gateway.domain.mail.mailbox import is_address


@pytest.mark.parametrize(
    "text",
    [
        "a@b.example",
        "first.last+tag@sub.example.co.uk",
        "o'hara@example.com",
        "x@xn--bcher-kva.example",
        f"{'a' * 64}@{'b' * 63}.example",
    ],
)
def test_an_address_is_accepted(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@b",
        "@b.example",
        "a@",
        "a b@c.example",
        "a..b@c.example",
        ".a@b.example",
        "a@-b.example",
        "a@b-.example",
        "a@b..example",
        "a@192.0.2.1",
        "A <a@b.example>",
        "a@b.example\n",
        "a@b.example, c@d.example",
        f"a@{'b' * 64}.example",
        f"{'a' * 250}@b.example",
    ],
)
def test_what_is_none_is_refused(text: str) -> None:
    assert not is_address(text)
