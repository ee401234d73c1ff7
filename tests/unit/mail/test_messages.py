"""Mails as they go over the wire: headers, two parts, nothing that a name could smuggle in (R32)."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import Any

import pytest
from inline_snapshot import snapshot

from gateway.domain.mail.notices import OPERATORS, PEOPLE
from gateway.domain.mail.top_up import TopUp, TopUps
from gateway.mail.letterhead import Letterhead
from gateway.mail.messages import Envelope, assemble, new_message_id, write_message
from tests.unit.mail.facts import EXAMPLES

NO_TOP_UPS = TopUps()
OF_OPERATORS = {name for name, (kind, _) in EXAMPLES.items() if kind in OPERATORS}
TO_PEOPLE = {name for name, (kind, _) in EXAMPLES.items() if kind in PEOPLE}
AT = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def message(
    example: str = "suspended",
    *,
    sender: str = "Gateway <gw@gw.example>",
    recipient: str = "a@b.example",
    language: str = "en",
    reply_to: str | None = None,
    top_ups: TopUps = NO_TOP_UPS,
    **facts: Any,
) -> Envelope:
    kind, usual = EXAMPLES[example]
    return write_message(
        kind,
        language=language,
        facts=usual | facts,
        letterhead=Letterhead(sender=sender, reply_to=reply_to, top_ups=top_ups),
        account_id=7,
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
            "Reply-To": "Gateway <gw@gw.example>",
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
            letter[0],
            language="en",
            facts=letter[1],
            letterhead=Letterhead(sender="nobody"),
            account_id=None,
            recipient="",
            message_id="<a@b>",
            at=AT,
        )


def test_r32_assembling_takes_any_letter() -> None:
    from gateway.mail.letters import Letter

    made = assemble(
        Letter(language="de", subject="ü" * 300, text="x\n", html="<p>x</p>"),
        letterhead=Letterhead(sender="gw@gw.example"),
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
    with pytest.raises(ValueError, match="is not a Message-ID"):
        write_message(
            kind,
            language="en",
            facts=facts,
            letterhead=Letterhead(sender="gw@gw.example"),
            account_id=7,
            recipient="a@b.example",
            message_id="<a@b>\r\nBcc: c@d.example",
            at=AT,
        )


def test_r32_a_text_cannot_end_its_part() -> None:
    arrived = sent(message(account="--=_text_and_html--"))

    assert [part.get_content_type() for part in arrived.iter_parts()] == ["text/plain", "text/html"]
    assert "--=_text_and_html--" in arrived.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_replies_go_where_the_operator_says_else_to_the_sender() -> None:
    assert str(sent(message())["Reply-To"]) == "Gateway <gw@gw.example>"
    assert str(sent(message(reply_to="Büro <billing@gw.example>"))["Reply-To"]) == "Büro <billing@gw.example>"
    assert message(reply_to="büro@gw.example").needs_utf8


ADDRESS = "https://pay.example/7?in=en&to=gw"
EVERYWHERE = TopUp(url="https://pay.example/{account_id}?in=en&to=gw", line="Reference: {account_id}.")


def bodies(made: Envelope) -> tuple[str, str]:
    """The text and the HTML of a mail."""
    text, html = (sent(made).get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    return text.get_content().replace("\r\n", "\n"), html.get_content()


@pytest.mark.parametrize("example", sorted(EXAMPLES.keys() - OF_OPERATORS - TO_PEOPLE))
def test_every_mail_to_an_administrator_says_how_to_top_up(example: str) -> None:
    text, html = bodies(message(example, top_ups=TopUps(everywhere=EVERYWHERE)))

    assert f"\n\nHow to top up:\n{ADDRESS}\nReference: 7.\n\n-- \n" in text
    address = ADDRESS.replace("&", "&amp;")
    assert f'<p>How to top up:<br><a href="{address}">{address}</a><br>Reference: 7.</p>' in html


@pytest.mark.parametrize("example", sorted(OF_OPERATORS))
def test_no_mail_to_the_operator_says_how_to_top_up(example: str) -> None:
    for body in bodies(message(example, top_ups=TopUps(everywhere=EVERYWHERE))):
        assert "top up" not in body
        assert "pay.example" not in body


@pytest.mark.parametrize(
    ("top_up", "said"),
    [
        (TopUp(), "To top up, please contact the operator of the service."),
        (TopUp(url="https://pay.example"), "How to top up:\nhttps://pay.example"),
        (TopUp(line="Call us: +44 20 7946 0000."), "How to top up:\nCall us: +44 20 7946 0000."),
        (TopUp(url=f"https://pay.example/{'a' * 90}"), f"How to top up:\nhttps://pay.example/{'a' * 90}"),
    ],
)
def test_without_an_address_or_a_line_a_mail_says_what_there_is(top_up: TopUp, said: str) -> None:
    text, _ = bodies(message(top_ups=TopUps(everywhere=top_up)))

    assert f"\n\n{said}\n\n-- \n" in text


def test_a_language_may_have_an_address_or_a_line_of_its_own() -> None:
    german = TopUps(everywhere=EVERYWHERE, by_language={"de": TopUp(line="Per Überweisung, Zweck {account_id}.")})

    assert (
        f"\nSo laden Sie Ihr Guthaben auf:\n{ADDRESS}\nPer Überweisung, Zweck 7.\n"
        in bodies(message(language="de", top_ups=german))[0]
    )
    assert "\nReference: 7.\n" in bodies(message(language="fr", top_ups=german))[0]


@pytest.mark.parametrize("language", ["pt", "pt-BR", "pt_br"])
def test_portuguese_is_that_of_brazil_however_it_is_stored(language: str) -> None:
    arrived = sent(message(language=language))

    assert arrived["Content-Language"] == "pt-BR"
    assert "1º de julho" in bodies(message(language=language))[0]
    assert '<html lang="pt-BR">' in bodies(message(language=language))[1]


def test_a_mail_says_the_language_that_it_is_in_where_there_is_none_of_the_readers() -> None:
    assert sent(message(language="tlh"))["Content-Language"] == "en"


def test_html_fits_small_and_dark_screens() -> None:
    html = bodies(message())[1]

    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in html
    assert '<meta name="color-scheme" content="light dark">' in html
