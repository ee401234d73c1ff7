"""A configured provider account."""

from gateway.domain.connection import Connection


def test_r33_a_connection_never_shows_its_secrets() -> None:
    connection = Connection(name="tw", kind="twilio", secrets=("hush",), options={"token": "quiet"})

    assert "hush" not in repr(connection)
    assert "quiet" not in repr(connection)


def test_r33_a_connection_has_no_secret_unless_it_is_given_one() -> None:
    assert Connection(name="tw", kind="twilio").secrets == ()
