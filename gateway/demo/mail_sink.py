"""An SMTP server for the demo: takes the mails that are meant for administrators, so that they can be read here."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Final

from gateway.demo.narrator import TITLE_WIDTH, Narrator
from gateway.settings import Settings

SENDER: Final = "The demo's gateway <gateway@demo.example>"
# Who is told of what only an operator can mend.
OPERATOR: Final = "operator@demo.example"
MISSING: Final = (
    "Mails stay in the outbox (`gateway mail list`): to see them here, install aiosmtpd, as .[embedded] does."
)
# Below the words of a happening, which follow the seconds and the title.
_INDENT: Final = " " * (len("1234.5 s  ") + TITLE_WIDTH + 2)


class MailSink:
    """What takes the mails; `port` is None where there is no library for it."""

    def __init__(self) -> None:
        self.port: int | None = None
        self.on_mail: Callable[[EmailMessage], None] = lambda _mail: None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd calls it
        mail = message_from_bytes(envelope.original_content, policy=default)
        assert isinstance(mail, EmailMessage), "the policy makes it one"  # noqa: S101
        self.on_mail(mail)
        return "250 Thank you"

    def settings(self, settings: Settings) -> Settings:
        """The same settings with mails going here."""
        if self.port is None:
            return settings
        return replace(
            settings,
            smtp_url=f"smtp://127.0.0.1:{self.port}?tls=none",
            mail_from=SENDER,
            operator_email=settings.operator_email or OPERATOR,
        )


@asynccontextmanager
async def open_mail_sink(settings: Settings) -> AsyncIterator[MailSink | None]:
    """A sink on a free port of this machine; None if the settings name a server of their own."""
    if settings.smtp_url is not None:
        yield None
        return
    sink = MailSink()
    try:
        from aiosmtpd.smtp import SMTP  # noqa: PLC0415 - it comes with an extra
    except ImportError:
        yield sink
        return
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, loop=loop, hostname="demo.example"), "127.0.0.1", 0)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()


def mail_teller(narrator: Narrator) -> Callable[[EmailMessage], None]:
    """Tells of a mail: whom it is to, its subject, its text."""

    def tell(mail: EmailMessage) -> None:
        narrator.tell("Mail", f"to {mail['To']}: {mail['Subject']}")
        text = mail.get_body(("plain",))
        if text is not None:
            for line in text.get_content().rstrip().splitlines():
                narrator.say(f"{_INDENT}{line}".rstrip())

    return tell
