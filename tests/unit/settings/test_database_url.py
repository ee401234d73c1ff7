"""URLs of databases as libpq reads them, with one host and with several."""

import pytest

from gateway.settings.database_url import Host, Session, read_database_url
from gateway.settings.values import database_url

HOSTS = {
    "one host": ("postgresql://u@h/db", ["h:5432"]),
    "the older scheme": ("postgres://u@h:1/db", ["h:1"]),
    "no host": ("postgresql:///db", []),
    "a port alone": ("postgresql://:5433/db", ["localhost:5433"]),
    "a port alone in the query": ("postgresql:///db?port=5433", ["localhost:5433"]),
    "an empty port": ("postgresql://h:/db", ["h:5432"]),
    "several hosts": ("postgresql://u:p@h1,h2,h3/db", ["h1:5432", "h2:5432", "h3:5432"]),
    "each its port": ("postgresql://u@h1:5432,h2:5433/db", ["h1:5432", "h2:5433"]),
    "some without a port": ("postgresql://h1,h2:5433/db", ["h1:5432", "h2:5433"]),
    "one port for all": ("postgresql://h1,h2/db?port=6432", ["h1:6432", "h2:6432"]),
    "IPv6": ("postgresql://[::1]/db", ["[::1]:5432"]),
    "several with IPv6": ("postgresql://h1:1,[fd00::1]:2,10.0.0.1/db", ["h1:1", "[fd00::1]:2", "10.0.0.1:5432"]),
    "hosts in the query": ("postgresql:///db?host=h1,h2&port=1,2", ["h1:1", "h2:2"]),
    "IPv6 in the query": ("postgresql:///db?host=::1,h2&port=1", ["[::1]:1", "h2:1"]),
    "ports behind hosts in the query": ("postgresql:///db?host=h1:1,h2:2", ["h1:1", "h2:2"]),
    "a socket": ("postgresql:///db?host=/run/postgresql", ["/run/postgresql:5432"]),
    "a socket before the path": ("postgresql://%2Frun%2Fpostgresql/db", ["/run/postgresql:5432"]),
    "a socket and a host": ("postgresql:///db?host=%2Frun,h2&port=5433", ["/run:5433", "h2:5433"]),
    "the last of two counts": ("postgresql:///db?host=h1&host=h2", ["h2:5432"]),
}


@pytest.mark.parametrize("kind", HOSTS)
def test_the_hosts_of_a_url(kind):
    url, expected = HOSTS[kind]

    assert [str(host) for host in read_database_url(url).hosts] == expected


def test_what_is_not_about_hosts_goes_to_each_of_them():
    url = read_database_url(
        "postgresql://me:p%40ss+word@h1,[::1]:2/my%20db?sslmode=verify-full&sslrootcert=/ca+1.pem&search_path=a"
    )

    assert [url.at(host) for host in url.hosts] == [
        "postgresql://me:p%40ss+word@/my%20db?sslmode=verify-full&sslrootcert=%2Fca%2B1.pem&search_path=a&host=h1&port=5432",
        "postgresql://me:p%40ss+word@/my%20db?sslmode=verify-full&sslrootcert=%2Fca%2B1.pem&search_path=a&host=%5B%3A%3A1%5D&port=2",
    ]
    assert read_database_url("postgresql:///db").at(None) == "postgresql:///db"


@pytest.mark.parametrize("wanted", [None, *Session])
def test_what_a_session_must_be(wanted):
    query = "" if wanted is None else f"?target_session_attrs={wanted}"

    url = read_database_url(f"postgresql://h1,h2/db{query}")

    assert (url.session, dict(url.parameters)) == (wanted, {})


def test_what_only_libpq_does_has_no_effect():
    query = "connect_timeout=3&keepalives_idle=9&channel_binding=prefer&gssencmode=disable&load_balance_hosts=random"

    assert read_database_url(f"postgresql://h1,h2/db?{query}").at(Host("h1", 1)) == "postgresql:///db?host=h1&port=1"


WRONG = {
    "another scheme": ("mysql://me:topsecret@h/db", "must be a URL like postgresql://user:password@host:5432/gateway"),
    "an @ in a password": ("postgresql://me:top@secret@h/db", "in a password, @ / ? # are %40 %2F %3F %23"),
    "a / in a password": ("postgresql://me:top/secret@h/db", "a port that is no whole number from 1 to 65535"),
    "a port of letters": ("postgresql://h1:1,h2:two/db", "a port that is no whole number from 1 to 65535"),
    "a port too high": ("postgresql://h1:65536/db", "a port that is no whole number from 1 to 65535"),
    "a port zero": ("postgresql://h1:0/db", "a port that is no whole number from 1 to 65535"),
    "no name between commas": ("postgresql://h1,,h2/db", "a host without a name between its commas"),
    "a comma at the end": ("postgresql://h1,/db", "a host without a name between its commas"),
    "hosts twice": ("postgresql://h1/db?host=h2", "names hosts twice"),
    "ports twice": ("postgresql://h1:1,h2/db?port=2", "names ports twice"),
    "two ports for three": ("postgresql://h1,h2,h3/db?port=1,2", "names 2 ports for 3 hosts"),
    "IPv6 without brackets": ("postgresql://::1/db", "must have brackets around an IPv6 address, like [::1]:5432"),
    "brackets left open": ("postgresql://h1,[::1/db", "must have brackets around an IPv6 address, like [::1]:5432"),
    "brackets left closed": ("postgresql://h1,1]/db", "must have brackets around an IPv6 address, like [::1]:5432"),
    "an unknown session": ("postgresql://h/db?target_session_attrs=rw", "none of any, read-write, read-only, primary"),
    "an unknown sslmode": ("postgresql://h/db?sslmode=yes", "none of disable, allow, prefer, require, verify-ca"),
    "the system's certificates": ("postgresql://h/db?sslrootcert=system", "name the file"),
    "a query without values": ("postgresql://h/db?sslmode", "must have key=value pairs"),
    "what the driver cannot promise": ("postgresql://h/db?channel_binding=require", "cannot have channel_binding"),
    "what the driver does not know": ("postgresql://h/db?hostaddr=10.0.0.1", "cannot have hostaddr"),
    "a standby that is to decide": ("postgresql://h/db?target_session_attrs=standby", "read-write it must be"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_url_is_told_what_is_wrong_and_never_its_password(kind):
    url, said = WRONG[kind]

    with pytest.raises(ValueError) as caught:  # noqa: PT011 - its words are below
        database_url(url)

    assert said in str(caught.value)
    assert "secret" not in str(caught.value)
