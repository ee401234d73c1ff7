"""A real SMTP server (aiosmtpd) in this process, that can be slow, refuse, and go away in the middle."""
# ruff: noqa: N802, ARG002 - the names and arguments are those that aiosmtpd calls

import asyncio
import ssl
import warnings
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.clock import SystemClock

USER, PASSWORD = "gateway", "s3cr:t/@?"
DROP = "drop"  # instead of a reply: the connection is cut
OK = "250 OK"


@dataclass(frozen=True)
class Certificate:
    """A certificate for 127.0.0.1, which signs itself: its own authority."""

    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context


@dataclass
class FakeSmtp:
    """What came, and what is to be said instead of 250; a reply is used up by one command."""

    port: int = 0
    connections: int = 0
    received: list[EmailMessage] = field(default_factory=list)
    replies: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    # While it is set, DATA is not answered.
    held: asyncio.Event | None = None
    commands: list[tuple[str, str]] = field(default_factory=list)
    reached_data: asyncio.Event = field(default_factory=asyncio.Event)
    transports: set[asyncio.BaseTransport] = field(default_factory=set)

    def url(self, *, scheme: str = "smtp", login: str = "", options: str = "") -> str:
        return f"{scheme}://{login}127.0.0.1:{self.port}{options}"

    @property
    def ids(self) -> Counter[str]:
        """How often each Message-ID was taken."""
        return Counter(str(message["Message-ID"]) for message in self.received)

    def hang_up(self) -> None:
        for transport in self.transports:
            transport.close()

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append(("MAIL", " ".join([address, *options])))
        reply = self._reply("MAIL", server)
        if reply == OK:
            envelope.mail_from = address
        return reply

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append(("RCPT", address))
        reply = self._reply("RCPT", server)
        if reply == OK:
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.reached_data.set()
        if self.held is not None:
            await self.held.wait()
        reply = self.replies["DATA"][0] if self.replies["DATA"] else OK
        if reply in (OK, DROP):
            content: Any = envelope.original_content
            message = message_from_bytes(content, policy=SMTP_POLICY)
            assert isinstance(message, EmailMessage)
            self.received.append(message)
        return self._reply("DATA", server)

    async def handle_RSET(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return self._reply("RSET", server)

    def _reply(self, command: str, server: SMTP) -> str:
        reply = self.replies[command].pop(0) if self.replies[command] else OK
        transport = server.transport
        assert transport is not None
        if reply == DROP:
            transport.abort()
        elif reply.startswith("421"):
            asyncio.get_running_loop().call_later(0.01, transport.close)
        return reply


class _Protocol(SMTP):
    """Counts connections, and knows them, so that they can be cut."""

    def __init__(self, fake: FakeSmtp, **options: Any) -> None:
        with warnings.catch_warnings():
            # It does not know that its whole connection may be encrypted, and warns of logins in clear.
            warnings.simplefilter("ignore")
            super().__init__(fake, loop=asyncio.get_running_loop(), **options)
        self._fake = fake

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self._fake.transports & {transport} and self.session is None:
            self._fake.connections += 1
        self._fake.transports.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is not None:
            self._fake.transports.discard(self.transport)
        super().connection_lost(error)


@asynccontextmanager
async def smtp_server(
    *,
    tls: Certificate | None = None,
    starttls: Certificate | None = None,
    login: bool = False,
    port: int = 0,
    utf8: bool = False,
) -> AsyncIterator[FakeSmtp]:
    fake = FakeSmtp()
    options: dict[str, Any] = {"hostname": "mail.test", "enable_SMTPUTF8": utf8}
    if starttls is not None:
        options |= {"tls_context": starttls.context(), "require_starttls": login}
    if login:
        options |= {"authenticator": _authenticate, "auth_required": True, "auth_require_tls": tls is None}
    server = await asyncio.get_running_loop().create_server(
        lambda: _Protocol(fake, **options), "127.0.0.1", port, ssl=None if tls is None else tls.context()
    )
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()
        fake.hang_up()
        await asyncio.sleep(0)
        for transport in list(fake.transports):
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()


def _authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    is_right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False)


def make_certificate(directory: Path, *, address: str = "127.0.0.1") -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = SystemClock().now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    made = Certificate(directory / "mail.pem", directory / "mail.key")
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made
