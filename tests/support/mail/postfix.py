"""Debian's Postfix on a free port, with STARTTLS and a login, delivering into a Maildir of the test's own.

Everything of it is in one directory: the configuration, the queue, the mailbox, the log. Logins it has checked by
what it takes for Dovecot, over a socket: a line with the client's words, a line with the verdict.
"""

import asyncio
import pwd
import shutil
import socket
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from urllib.parse import quote

from tests.support.mail.smtp import PASSWORD, USER, Certificate, make_certificate

POSTFIX = shutil.which("postfix", path="/usr/sbin:/usr/bin:/sbin:/bin")
MAIN = """
compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
maillog_file = {directory}/log
maillog_file_prefixes = {directory}
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.test
mydestination =
alias_maps =
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = encrypt
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {directory}/auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
virtual_mailbox_domains = b.example
virtual_mailbox_base = {directory}/mail
virtual_mailbox_maps = static:a/
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
"""


@dataclass(frozen=True, kw_only=True)
class Postfix:
    directory: Path
    port: int
    certificate: Certificate

    @property
    def url(self) -> str:
        login = f"{USER}:{quote(PASSWORD, safe='')}"
        return f"smtp://{login}@127.0.0.1:{self.port}?tls=starttls&ca={self.certificate.certificate}"

    @property
    def log(self) -> str:
        path = self.directory / "log"
        return path.read_text() if path.exists() else ""

    def mails(self) -> list[EmailMessage]:
        found = []
        for path in self.directory.glob("mail/a/new/*"):
            mail = message_from_bytes(path.read_bytes(), policy=default)
            assert isinstance(mail, EmailMessage)
            found.append(mail)
        return found


@asynccontextmanager
async def postfix(directory: Path) -> AsyncIterator[Postfix]:
    """To be run by root; it delivers as the user nobody."""
    server = _configured(directory)
    logins = await asyncio.start_unix_server(_check_login, directory / "auth")
    (directory / "auth").chmod(0o666)
    try:
        await _command(server, "start")
        try:
            yield server
        finally:
            await _command(server, "stop")
    finally:
        logins.close()


def _configured(directory: Path) -> Postfix:
    directory.chmod(0o755)
    certificate = make_certificate(directory)
    for name, owner in (("queue", "root"), ("data", "postfix"), ("mail", "nobody")):
        (directory / name).mkdir()
        shutil.chown(directory / name, owner)
    nobody = pwd.getpwnam("nobody")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    main = MAIN.format(
        directory=directory,
        certificate=certificate.certificate,
        key=certificate.key,
        uid=nobody.pw_uid,
        gid=nobody.pw_gid,
    )
    (directory / "main.cf").write_text(main)
    (directory / "master.cf").write_text(MASTER.format(port=port))
    return Postfix(directory=directory, port=port, certificate=certificate)


async def _command(server: Postfix, verb: str) -> None:
    assert POSTFIX is not None
    process = await asyncio.create_subprocess_exec(
        POSTFIX, "-c", server.directory, verb, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, f"{said.decode()}\n{server.log}"


async def _check_login(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Dovecot's authentication protocol (version 1), for PLAIN."""
    writer.write(b"VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t" + b"0" * 32 + b"\nDONE\n")
    right = b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    while line := await reader.readline():
        kind, *fields = line.decode().rstrip("\n").split("\t")
        if kind == "AUTH":
            verdict = f"OK\t{fields[0]}\tuser={USER}" if f"resp={right}" in fields else f"FAIL\t{fields[0]}"
            writer.write(f"{verdict}\n".encode())
    writer.close()
