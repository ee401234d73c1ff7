"""The SMTP URL: what it may say, and what is said of one that is wrong."""

from pathlib import Path

import pytest

from gateway.mail.smtp_url import Security, SmtpServer, read_smtp_url
from tests.support.configured import load, problems_of

FROM = {"GATEWAY_MAIL_FROM": "gw@gw.example"}


@pytest.mark.parametrize(
    ("url", "port", "security"),
    [
        ("smtp://mail.example", 25, Security.OFFERED),
        ("smtp://mail.example/", 25, Security.OFFERED),
        ("smtp://mail.example:2525?tls=none", 2525, Security.NONE),
        ("smtp://mail.example?tls=starttls", 587, Security.STARTTLS),
        ("smtps://mail.example", 465, Security.TLS),
    ],
)
def test_the_scheme_and_tls_say_how_the_connection_is_protected(url: str, port: int, security: Security) -> None:
    assert read_smtp_url(url) == SmtpServer(host="mail.example", port=port, security=security)


def test_a_login_is_percent_encoded_and_has_starttls_required() -> None:
    server = read_smtp_url("smtp://me%40x.example:p%3A%2F%40%3F@mail.example")

    assert (server.username, server.password) == ("me@x.example", "p:/@?")
    assert (server.security, server.port) == (Security.STARTTLS, 587)
    assert "p:/@?" not in repr(server)


def test_the_authorities_to_be_trusted_are_a_file(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.touch()

    assert read_smtp_url(f"smtps://mail.example?ca={path}").ca == path


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("smtp://me:topsecret@mail.example?tls=none", "it would be sent in clear"),
        ("smtp://me:topsecret@mail.example?tls=yes", "write tls=starttls or tls=none"),
        ("smtps://me:topsecret@mail.example?tls=starttls", "smtps:// is TLS from the first byte"),
        ("smtp://me:topsecret@mail.example?starttls=1", "has the option 'starttls'"),
        ("smtp://me:topsecret@mail.example?tls=starttls&tls=starttls", "gives an option twice"),
        ("smtp://me:topsecret@mail.example?ca=/nowhere/ca.pem", "there is no such file"),
        ("smtp://mail.example?ca=/etc/passwd", "nothing is checked without"),
        ("smtp://me@mail.example", "needs both a user and a password"),
        ("smtp://:topsecret@mail.example", "needs both a user and a password"),
        ("smtp://me:topsecret@mail.example/inbox", "has a path"),
        ("smtp://me:topsecret@mail.example:0", "must be a URL like"),
        ("smtp://me:topsecret@mail.example:many", "must be a URL like"),
        ("smtp://me:topsecret@mail.example#x", "must be a URL like"),
        ("smtp://", "must be a URL like"),
    ],
)
def test_what_is_wrong_with_an_smtp_url_is_said_without_its_password(url: str, said: str) -> None:
    [problem] = problems_of(FROM | {"GATEWAY_SMTP_URL": url})

    assert problem.startswith("GATEWAY_SMTP_URL ")
    assert said in problem
    assert "topsecret" not in problem


def test_the_operators_address_is_an_address() -> None:
    assert load({"GATEWAY_OPERATOR_EMAIL": "op@gw.example"}).operator_email == "op@gw.example"
    assert load().operator_email is None
    [problem] = problems_of({"GATEWAY_OPERATOR_EMAIL": "Op <op@gw.example>"})
    assert "must be an e-mail address like operator@example.com" in problem
