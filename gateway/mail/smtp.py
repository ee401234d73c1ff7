"""Sends mails over one connection that is kept, and says of each what became of it (R32).

aiosmtplib is imported with the first connection: processes without an SMTP server should stay small.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Final

from gateway.mail.errors import MailDeferred, MailRefused, MailServerAway
from gateway.mail.messages import Envelope
from gateway.mail.smtp_url import Security, SmtpServer

if TYPE_CHECKING:
    from aiosmtplib import SMTP

# For each command; RFC 5321 (4.5.3.2) would have us wait longer, but a claim on a mail ends after five minutes.
COMMAND_S: Final = 60.0
# For a mail with all its commands, a new connection included.
SEND_S_MAX: Final = 240.0
# Servers close idle connections after minutes; one that has rested longer is not trusted.
IDLE_S_MAX: Final = 30.0
QUIT_S: Final = 1.0
REPLY_LENGTH_MAX: Final = 500
# Said at any command, these are not about the mail: the service closes (RFC 5321), a login or TLS is wanted first
# (RFC 4954, RFC 3207).
_ABOUT_US: Final = frozenset({421, 530})


class Mailer:
    """One connection to one SMTP server, for one caller at a time."""

    def __init__(self, server: SmtpServer, *, sender: str, command_s: float = COMMAND_S) -> None:
        self.sender: Final = sender
        self._command_s = command_s
        self._server = server
        self._smtp: SMTP | None = None
        self._used_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._smtp is not None and self._smtp.is_connected

    async def ready(self) -> None:
        """Have a connection that mails can go over; MailServerAway if there can be none."""
        if self.is_open and asyncio.get_running_loop().time() - self._used_at < IDLE_S_MAX:
            return
        await self.close()
        await self._connect()

    async def send(self, mail: Envelope) -> str:
        """Send one mail; the server's reply. MailServerAway, MailDeferred or MailRefused say that it was not taken."""
        was_open = self.is_open
        try:
            async with asyncio.timeout(SEND_S_MAX):
                await self.ready()
                try:
                    await self._begin(mail)
                except MailServerAway:
                    if not was_open:
                        raise
                    # The server may just have closed the connection that was kept. It knows nothing of this mail yet.
                    self._drop()
                    await self._connect()
                    await self._begin(mail)
                return await self._finish(mail)
        except (MailDeferred, MailRefused):
            await self._reset()
            raise
        except MailServerAway:
            self._drop()
            raise
        except asyncio.CancelledError:
            # Nobody will read the answer, so that nothing more can be said on this connection.
            self._drop()
            raise
        except TimeoutError:
            if self._smtp is None:
                raise MailServerAway(f"no connection to the SMTP server within {SEND_S_MAX:.0f} s") from None
            self._drop()
            raise MailDeferred(f"the SMTP server did not take it within {SEND_S_MAX:.0f} s") from None
        finally:
            self._used_at = asyncio.get_running_loop().time()

    async def rest(self) -> None:
        """Give back a connection that has not been used for a while."""
        if self._smtp is not None and asyncio.get_running_loop().time() - self._used_at >= IDLE_S_MAX:
            await self.close()

    async def close(self) -> None:
        """Say good-bye, if there is somebody to say it to."""
        if self._smtp is not None and self._smtp.is_connected:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self._smtp.quit(timeout=QUIT_S), QUIT_S)
        self._drop()

    async def _connect(self) -> None:
        import aiosmtplib  # noqa: PLC0415 - see above

        server, security = self._server, self._server.security
        smtp = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            timeout=self._command_s,
            use_tls=security is Security.TLS,
            start_tls={Security.STARTTLS: True, Security.OFFERED: None}.get(security, False),
            tls_context=None if security is Security.NONE else _tls_context(server),
        )
        try:
            await smtp.connect()
        except aiosmtplib.SMTPAuthenticationError as error:
            raise MailServerAway(f"the SMTP server refused the login: {_reply(error.code, error.message)}") from error
        except ssl.SSLError as error:
            raise MailServerAway(f"no TLS with {server.host}:{server.port}: {_words(error)}") from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise MailServerAway(f"no SMTP server at {server.host}:{server.port}: {_words(error)}") from error
        self._smtp = smtp
        self._used_at = asyncio.get_running_loop().time()

    async def _begin(self, mail: Envelope) -> None:
        """MAIL: all that fails without an answer is the connection's fault."""
        assert self._smtp is not None, "a mail is begun on a connection"  # noqa: S101
        options = []
        if mail.needs_utf8:
            if not self._smtp.supports_extension("smtputf8"):
                raise MailRefused("the address needs SMTPUTF8, which the SMTP server does not offer")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        with self._translated(MailServerAway, "at MAIL"):
            await self._smtp.mail(mail.sender, options=options, encoding="utf-8" if mail.needs_utf8 else "ascii")

    async def _finish(self, mail: Envelope) -> str:
        """RCPT and DATA: what gets no answer from now on may be this mail's fault."""
        assert self._smtp is not None, "a mail is finished on the connection it was begun on"  # noqa: S101
        encoding = "utf-8" if mail.needs_utf8 else "ascii"
        with self._translated(MailDeferred, "at RCPT"):
            await self._smtp.rcpt(mail.recipient, encoding=encoding)
        with self._translated(MailDeferred, "after DATA, so that it is not known whether it was taken"):
            response = await self._smtp.data(mail.content)
        return _reply(response.code, response.message)

    @contextmanager
    def _translated(self, silent: type[MailServerAway | MailDeferred], where: str) -> Iterator[None]:
        """The library's errors as ours; `silent` is what no answer, or one that cannot be read, means here."""
        from aiosmtplib import SMTPException, SMTPResponseException  # noqa: PLC0415 - see above

        try:
            yield
        except SMTPResponseException as error:
            if error.code in _ABOUT_US:
                raise MailServerAway(_reply(error.code, error.message)) from error
            kind = MailRefused if 500 <= error.code <= 599 else MailDeferred if 400 <= error.code <= 499 else silent
            raise kind(_reply(error.code, error.message)) from error
        except (SMTPException, OSError) as error:
            self._drop()
            raise silent(f"the connection was lost {where}: {_words(error)}") from error
        except (ValueError, UnicodeError) as error:
            raise MailRefused(f"the mail cannot be said in SMTP: {error}") from error

    async def _reset(self) -> None:
        """Take back a mail that was begun; a connection on which that fails is of no use."""
        if self._smtp is not None and self._smtp.is_connected:
            try:
                await self._smtp.rset()
            except Exception:  # noqa: BLE001 - whatever it was, the next mail gets a new connection
                self._drop()

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


@asynccontextmanager
async def open_mailer(server: SmtpServer | None, *, sender: str | None) -> AsyncIterator[Mailer | None]:
    """The mailer of a process; None where no server is configured. It connects with the first mail."""
    if server is None or sender is None:
        yield None
        return
    mailer = Mailer(server, sender=sender)
    try:
        yield mailer
    finally:
        await mailer.close()


def _tls_context(server: SmtpServer) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=server.ca)
    if server.security is Security.OFFERED:
        # In clear would do too, so that anything is better.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _reply(code: int, message: str) -> str:
    return f"{code} {' '.join(message.split())}"[:REPLY_LENGTH_MAX].rstrip()


def _words(error: BaseException) -> str:
    """What went wrong, in one line."""
    line = " ".join(str(error).split()).rstrip(": ") or type(error).__name__
    # The library does not always say why.
    if error.__cause__ is not None and (why := _words(error.__cause__)) not in line:
        line = f"{line}: {why}"
    return line[:REPLY_LENGTH_MAX]
