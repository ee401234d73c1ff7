"""Mails as they go over the wire: headers, two parts, nothing that a name could smuggle in (R32)."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import Any

import pytest
from inline_snapshot import snapshot

from gateway.mail.messages import Envelope, assemble, new_message_id, write_message
from tests.unit.mail.facts import EXAMPLES

AT = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def message(
    example: str = "suspended",
    *,
    sender: str = "Gateway <gw@gw.example>",
    recipient: str = "a@b.example",
    language: str = "en",
    **facts: Any,
) -> Envelope:
    kind, usual = EXAMPLES[example]
    return write_message(
        kind,
        language=language,
        facts=usual | facts,
        sender=sender,
        recipient=recipient,
        message_id="<token@gw.example>",
        at=AT,
    )


def sent(made: Envelope) -> EmailMessage:
    """What arrives."""
    read = message_from_bytes(made.content, policy=SMTP)
    assert isinstance(read, EmailMessage)
    return read


def test_r32_a_mail_says_who_it_is_from_that_a_machine_wrote_it_and_has_its_message_id() -> None:
    headers = {name: value for name, value in sent(message()).items() if name != "Content-Type"}

    assert headers == snapshot(
        {
            "From": "Gateway <gw@gw.example>",
            "To": "a@b.example",
            "Subject": "Suspended: +4930123456",
            "Date": "Wed, 01 Jul 2026 12:00:00 +0000",
            "Message-ID": "<token@gw.example>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Content-Language": "en",
            "MIME-Version": "1.0",
        }
    )


def test_r32_a_mail_has_the_same_said_in_text_and_in_html_in_seven_bits() -> None:
    made = message(language="ru")
    arrived = sent(made)

    assert arrived.get_content_type() == "multipart/alternative"
    text, html = (arrived.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert "1 сентября 2026" in text.get_content()
    assert "1 сентября 2026" in html.get_content()
    made.content.decode("ascii")
    assert all(len(line) <= 998 for line in made.content.split(b"\r\n"))


@pytest.mark.parametrize(
    "name", ["Acme\r\nBcc: spy@evil.example", "Acme\nX: y", "\r\n\r\nbody", "Ä" * 3000, "a" * 5000]
)
def test_r32_no_name_can_add_a_header(name: str) -> None:
    arrived = sent(message("restored", account=name, line=name))

    assert arrived.keys() == sent(message("restored")).keys()
    assert arrived["To"] == "a@b.example"
    assert "\n" not in str(arrived["Subject"])
    assert arrived.get_body(("plain",)) is not None


@pytest.mark.parametrize(
    "recipient", ["a@b.example\r\nBcc: c@d.example", "a@b.example>\r\nRCPT TO:<c@d.example", "a@b.example, c@d.example"]
)
def test_r32_a_recipient_that_is_more_than_an_address_is_no_recipient(recipient: str) -> None:
    with pytest.raises(ValueError, match="is not an e-mail address"):
        message(recipient=recipient)


def test_r32_a_mail_to_an_address_in_ascii_needs_nothing_of_the_server() -> None:
    made = message(sender='"Gätewäy, Inc." <gw@gw.example>')

    assert (made.sender, made.recipient, made.needs_utf8) == ("gw@gw.example", "a@b.example", False)
    arrived = message_from_bytes(made.content, policy=SMTP)
    assert str(arrived["From"]) == '"Gätewäy, Inc." <gw@gw.example>'


def test_r32_a_domain_in_utf8_has_a_name_in_ascii() -> None:
    assert message(recipient="a@bücher.example").recipient == "a@xn--bcher-kva.example"


def test_r32_a_local_part_in_utf8_needs_smtputf8() -> None:
    made = message(recipient="jürgen@bücher.example")

    assert (made.recipient, made.needs_utf8) == ("jürgen@xn--bcher-kva.example", True)
    assert message_from_bytes(made.content, policy=SMTPUTF8)["To"] == "jürgen@xn--bcher-kva.example"


def test_r32_a_message_id_is_of_the_senders_domain() -> None:
    assert new_message_id("t0ken", sender="Gateway <gw@gw.example>") == "<t0ken@gw.example>"


def test_r32_a_message_that_names_no_sender_cannot_be_made() -> None:
    letter = EXAMPLES["uncut"]
    with pytest.raises(ValueError, match="is not an e-mail address"):
        write_message(
            letter[0], language="en", facts=letter[1], sender="nobody", recipient="", message_id="<a@b>", at=AT
        )


def test_r32_assembling_takes_any_letter() -> None:
    from gateway.mail.letters import Letter

    made = assemble(
        Letter(subject="ü" * 300, text="x\n", html="<p>x</p>"),
        language="de",
        sender="gw@gw.example",
        recipient="a@b.example",
        message_id="<1@gw.example>",
        at=AT,
    )

    assert str(sent(made)["Subject"]) == "ü" * 300


def test_r32_a_sender_in_utf8_needs_smtputf8_too() -> None:
    named, bare = message(sender="Büro <büro@gw.example>"), message(sender="büro@gw.example")

    assert (named.needs_utf8, bare.needs_utf8) == (True, True)
    assert b"From: B\xc3\xbcro <b\xc3\xbcro@gw.example>\r\n" in named.content
    assert b"From: b\xc3\xbcro@gw.example\r\n" in bare.content


def test_r32_a_message_id_that_is_none_is_not_sent() -> None:
    kind, facts = EXAMPLES["suspended"]
    with pytest.raises(ValueError, match="not a Message-ID"):
        write_message(
            kind,
            language="en",
            facts=facts,
            sender="gw@gw.example",
            recipient="a@b.example",
            message_id="<a@b>\r\nBcc: c@d.example",
            at=AT,
        )


def test_r32_a_text_cannot_end_its_part() -> None:
    arrived = sent(message(account="--=_text_and_html--"))

    assert [part.get_content_type() for part in arrived.iter_parts()] == ["text/plain", "text/html"]
    assert "--=_text_and_html--" in arrived.get_body(("plain",)).get_content()  # type: ignore[union-attr]
