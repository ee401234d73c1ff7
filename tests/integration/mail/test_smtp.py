"""How the connection to the SMTP server is protected, and what is said when it cannot be had (R32)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from gateway.mail.errors import MailDeferred, MailRefused, MailServerAway
from gateway.mail.messages import Envelope
from gateway.mail.smtp import Mailer, open_mailer
from gateway.mail.smtp_url import read_smtp_url
from tests.support.mail.smtp import DROP, PASSWORD, USER, Certificate, FakeSmtp, make_certificate, smtp_server

LOGIN = f"{USER}:{quote(PASSWORD, safe='')}@"
MAIL = Envelope(sender="gw@gw.example", recipient="a@b.example", content=b"Message-ID: <1@gw.example>\r\n\r\nHello\r\n")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@asynccontextmanager
async def mailer(url: str) -> AsyncIterator[Mailer]:
    async with open_mailer(read_smtp_url(url), sender="gw@gw.example") as opened:
        assert opened is not None
        yield opened


async def sent(server: FakeSmtp, url: str) -> bool:
    async with mailer(url) as opened:
        assert await opened.send(MAIL) == "250 OK"
    return [message["Message-ID"] for message in server.received] == ["<1@gw.example>"]


async def failed(url: str) -> str:
    async with mailer(url) as opened:
        with pytest.raises(MailServerAway) as caught:
            await opened.send(MAIL)
        assert not opened.is_open
    return str(caught.value)


async def test_r32_mail_goes_in_clear_if_that_was_asked_for() -> None:
    async with smtp_server() as server:
        assert await sent(server, server.url(options="?tls=none"))


async def test_r32_mail_goes_by_starttls_and_login(certificate: Certificate) -> None:
    async with smtp_server(starttls=certificate, login=True) as server:
        assert await sent(server, server.url(login=LOGIN, options=f"?tls=starttls&ca={certificate.certificate}"))


async def test_r32_a_login_has_starttls_required_without_being_told(certificate: Certificate) -> None:
    async with smtp_server(starttls=certificate, login=True) as server:
        assert await sent(server, server.url(login=LOGIN, options=f"?ca={certificate.certificate}"))


async def test_r32_mail_goes_by_tls_and_login(certificate: Certificate) -> None:
    async with smtp_server(tls=certificate, login=True) as server:
        assert await sent(server, server.url(scheme="smtps", login=LOGIN, options=f"?ca={certificate.certificate}"))


async def test_r32_without_a_login_tls_is_used_if_it_is_offered_whoever_signed_it(certificate: Certificate) -> None:
    async with smtp_server(starttls=certificate) as encrypted, smtp_server() as plain:
        assert await sent(encrypted, encrypted.url())
        assert await sent(plain, plain.url())


async def test_r32_starttls_that_is_not_offered_is_no_reason_to_go_on_in_clear() -> None:
    async with smtp_server() as server:
        said = await failed(server.url(login=LOGIN, options="?tls=starttls"))

    assert "STARTTLS" in said
    assert server.commands == []


async def test_r32_a_certificate_that_nobody_signed_is_refused(certificate: Certificate) -> None:
    async with smtp_server(starttls=certificate) as server:
        said = await failed(server.url(options="?tls=starttls"))
    async with smtp_server(tls=certificate) as server:
        said_by_tls = await failed(server.url(scheme="smtps"))

    assert "certificate verify failed" in said
    assert "certificate verify failed" in said_by_tls


async def test_r32_a_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    other = make_certificate(tmp_path, address="192.0.2.1")
    async with smtp_server(starttls=other) as server:
        said = await failed(server.url(options=f"?tls=starttls&ca={other.certificate}"))

    assert "certificate verify failed" in said


async def test_r32_a_wrong_password_is_the_servers_answer_to_us_and_to_no_mail(certificate: Certificate) -> None:
    async with smtp_server(starttls=certificate, login=True) as server:
        said = await failed(server.url(login=f"{USER}:wrong@", options=f"?ca={certificate.certificate}"))

    assert said.startswith("the SMTP server refused the login: 535 ")
    assert "wrong" not in said


async def test_r32_a_server_that_is_not_there_is_named() -> None:
    async with smtp_server() as server:
        port = server.port

    assert f"no SMTP server at 127.0.0.1:{port}" in await failed(f"smtp://127.0.0.1:{port}?tls=none")


async def test_r32_an_address_in_utf8_goes_by_smtputf8_or_is_refused_with_the_reason() -> None:
    mail = Envelope(
        sender="gw@gw.example",
        recipient="jürgen@b.example",
        content="To: jürgen@b.example\r\n\r\n".encode(),
        needs_utf8=True,
    )
    async with smtp_server(utf8=True) as able, mailer(able.url()) as opened:
        await opened.send(mail)
    async with smtp_server() as unable, mailer(unable.url()) as opened:
        with pytest.raises(MailRefused, match="SMTPUTF8, which the SMTP server does not offer"):
            await opened.send(mail)
        await opened.send(MAIL)

    assert able.commands[1] == ("RCPT", "jürgen@b.example")
    assert unable.connections == 1


async def test_r32_an_answer_that_is_none_puts_a_mail_off() -> None:
    async with smtp_server() as server, mailer(server.url()) as opened:
        server.replies["RCPT"] = ["299 what is that"]
        with pytest.raises(MailDeferred, match="299 what is that"):
            await opened.send(MAIL)
        await opened.send(MAIL)

    assert len(server.received) == 1


async def test_r32_a_connection_on_which_a_mail_cannot_be_taken_back_is_not_used_again() -> None:
    async with smtp_server() as server, mailer(server.url()) as opened:
        server.replies["RCPT"] = ["451 later"]
        server.replies["RSET"] = [DROP]
        with pytest.raises(MailDeferred, match="451 later"):
            await opened.send(MAIL)
        await opened.send(MAIL)

    assert (server.connections, len(server.received)) == (2, 1)


async def test_r32_a_mail_takes_no_longer_than_its_claim_whatever_the_server_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.mail.smtp.SEND_S_MAX", 1.0)
    async with smtp_server() as server, mailer(server.url()) as opened:
        server.held = asyncio.Event()
        with pytest.raises(MailDeferred, match="did not take it within"):
            await opened.send(MAIL)
        server.held.set()

        assert not opened.is_open


async def test_r32_the_time_of_a_mail_begins_with_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    over = asyncio.Event()

    async def never_greets(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    monkeypatch.setattr("gateway.mail.smtp.SEND_S_MAX", 0.1)
    server = await asyncio.start_server(never_greets, "127.0.0.1", 0)
    async with server, mailer(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}") as opened:
        with pytest.raises(MailServerAway, match="no connection to the SMTP server within"):
            await opened.send(MAIL)

        assert not opened.is_open
        over.set()


async def test_r32_a_connection_is_not_used_again_when_nobody_waits_for_its_answer() -> None:
    async with smtp_server() as server, mailer(server.url()) as opened:
        server.held = asyncio.Event()
        sending = asyncio.create_task(opened.send(MAIL))
        await server.reached_data.wait()
        sending.cancel()
        await asyncio.wait([sending])

        assert (sending.cancelled(), opened.is_open) == (True, False)
        server.held.set()


async def test_r32_an_address_that_smtp_cannot_say_is_refused() -> None:
    mail = Envelope(sender="gw@gw.example", recipient="jürgen@b.example", content=b"\r\n")
    async with smtp_server() as server, mailer(server.url()) as opened:
        with pytest.raises(MailRefused, match="cannot be said in SMTP"):
            await opened.send(mail)


async def test_r32_a_server_that_is_gone_at_the_first_mail_is_not_asked_twice() -> None:
    async with smtp_server() as server, mailer(server.url()) as opened:
        server.replies["MAIL"] = [DROP]
        with pytest.raises(MailServerAway, match="lost at MAIL"):
            await opened.send(MAIL)

    assert server.connections == 1


async def test_r32_a_process_without_a_server_has_no_mailer() -> None:
    async with open_mailer(None, sender="gw@gw.example") as opened:
        assert opened is None
