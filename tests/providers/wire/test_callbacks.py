"""What the providers share that call URLs of ours back."""

import pytest

from gateway.domain.errors import MalformedHook
from gateway.numbers.parties import read_number
from gateway.providers.wire.callbacks import started
from gateway.providers.wire.forms import Form


@pytest.mark.parametrize("address", ["sip:%00@acme", "sip:1%0A2@acme", "sips:a%7f@acme", "SIP:%1b@acme;x=y"])
def test_an_escape_hides_no_control_character(address: str) -> None:
    """Whoever dials chooses what he dials: PostgreSQL takes no NUL, and a log line no line break."""
    fields = Form([("From", "sip:alice@acme"), ("To", address)])

    with pytest.raises(MalformedHook, match="`To` has control characters"):
        started("1", fields, Form([]), line_header=None, default_line=None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sip:%2B442079460000@acme", "+442079460000"),
        ("sip:bob%20b:secret;tag=1@acme", "bob b"),
        ("sip:%ff@acme", "\ufffd"),
        ("client:alice", "alice"),
        ("sim:DE0123", "DE0123"),
        ("442079460000", "+442079460000"),
        ("anonymous", "anonymous"),
    ],
)
def test_a_party_is_a_number_or_the_name_of_a_user(text: str, expected: str) -> None:
    assert read_number(text) == expected
