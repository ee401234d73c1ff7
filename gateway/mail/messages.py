"""A mail as it goes over the wire: a letter with its headers, and whom the server is told it is from and to. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from email.utils import parseaddr
from functools import cache
from typing import Final

from gateway.domain.mail.notices import NoticeKind
from gateway.domain.mail.top_up import TopUp
from gateway.mail.letterhead import Letterhead
from gateway.mail.letters import Letter, write_letter
from gateway.words.vocabulary import spoken

# What separates or encloses addresses, and what ends a header.
_NOT_IN_ADDRESSES: Final = re.compile(r"[\s\x00-\x1f\x7f<>(),;:\"\[\]\\]")
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
# RFC 2045 (6.7) recommends it: these two characters never stand together in what is quoted-printable.
_BOUNDARY: Final = "=_alternative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """`needs_utf8`: an address has letters beyond ASCII before its @, which only SMTPUTF8 can carry (RFC 6531)."""

    sender: str
    recipient: str
    content: bytes
    needs_utf8: bool = False


def write_message(
    kind: NoticeKind,
    *,
    language: str,
    facts: Mapping[str, object],
    letterhead: Letterhead,
    account_id: int | None,
    recipient: str,
    message_id: str,
    at: datetime,
) -> Envelope:
    """A mail of what happened at `at`; `recipient` is an address, `account_id` None where that is the operator's."""
    top_up = (
        TopUp() if account_id is None else letterhead.top_ups.told(language=spoken(language), account_id=account_id)
    )
    letter = write_letter(kind, language=language, facts=facts, top_up=top_up)
    return assemble(letter, letterhead=letterhead, recipient=recipient, message_id=message_id, at=at)


def assemble(letter: Letter, *, letterhead: Letterhead, recipient: str, message_id: str, at: datetime) -> Envelope:
    """Headers, the text and the HTML part; ValueError where an address, or the Message-ID, is none.

    `Auto-Submitted` (RFC 3834) and its counterpart of Microsoft keep holiday notices from replying. There is no
    List-Unsubscribe: what is told is about a service that runs, and what is not wanted the operator switches off.
    """
    if _MESSAGE_ID.fullmatch(message_id) is None:
        raise ValueError(f"{message_id!r} is not a Message-ID")
    writer, reader = _named_address(letterhead.sender), _address(recipient)
    answered = _named_address(letterhead.reply_to or letterhead.sender)
    needs_utf8 = not (writer.addr_spec + reader.addr_spec + answered.addr_spec).isascii()
    message = EmailMessage(policy=_policy(needs_utf8=needs_utf8))
    message["MIME-Version"] = "1.0"
    message["From"] = writer
    message["Reply-To"] = answered
    message["To"] = reader
    message["Subject"] = letter.subject
    message["Date"] = at
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.make_alternative(boundary=_BOUNDARY)
    message["Content-Language"] = letter.language
    # Seven bits arrive everywhere, whatever the servers on the way offer.
    message.add_alternative(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return Envelope(
        sender=writer.addr_spec, recipient=reader.addr_spec, content=message.as_bytes(), needs_utf8=needs_utf8
    )


def new_message_id(token: str, *, sender: str) -> str:
    return f"<{token}@{_in_ascii(parseaddr(sender)[1].rpartition('@')[2])}>"


class _Headers(HeaderRegistry):
    """The library's headers; it makes a class anew for every header, which is a quarter of the work of a mail."""

    __getitem__ = cache(HeaderRegistry.__getitem__)


@cache
def _policy(*, needs_utf8: bool) -> "EmailPolicy[EmailMessage]":
    return (SMTPUTF8 if needs_utf8 else SMTP).clone(header_factory=_Headers())


def _named_address(text: str) -> Address:
    """An address that may have a name."""
    name, address = parseaddr(text)
    return _address(address, name=name)


def _address(text: str, *, name: str = "") -> Address:
    """One address. Its domain goes as the DNS has it; what stands before the @ has no such form."""
    local, _, domain = text.rpartition("@")
    if not local or not domain or _NOT_IN_ADDRESSES.search(text):
        raise ValueError(f"{text!r} is not an e-mail address")
    return Address(display_name=name, username=local, domain=_in_ascii(domain))


def _in_ascii(domain: str) -> str:
    return domain if domain.isascii() else domain.encode("idna").decode()
