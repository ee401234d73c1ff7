"""Every setting is read from where it may stand, and everything that is wrong is told at once."""

from functools import partial
from pathlib import Path

import pytest

from gateway.domain.calls.call import Limits
from gateway.providers.registry import adapters
from gateway.settings import default_data
from tests.support.configured import HOME, load, problems_of, write_config


@pytest.fixture
def config(tmp_path):
    """Writes a configuration file."""
    return partial(write_config, tmp_path)


def test_with_nothing_set_everything_has_its_default():
    settings = load()

    assert settings.database_url is None
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")
    assert (settings.smtp_url, settings.mail_from, settings.log, settings.processes) == (None, None, "json", 1)
    assert (settings.pg_bindir, settings.pg_os_user) == (None, None)
    assert settings.connections == {}
    assert settings.limits == Limits(call_seconds_max=3600, hold_slice_s=300, ring_s=90)


def test_the_data_directory_is_the_systems_for_root_and_the_users_else():
    assert default_data(HOME, is_root=True) == Path("/var/lib/gateway")
    assert default_data(HOME, is_root=False) == Path("/state/gateway")
    assert default_data({"HOME": "/home/me"}, is_root=False) == Path("/home/me/.local/state/gateway")
    assert default_data({"HOME": "/home/me", "XDG_STATE_HOME": "state"}, is_root=False) == Path(
        "/home/me/.local/state/gateway"
    )


ENVIRONMENT = {
    "GATEWAY_DATABASE_URL": ("postgresql://me@db/calls", "database_url", "postgresql://me@db/calls"),
    "GATEWAY_DATA": ("/srv/gateway", "data", Path("/srv/gateway")),
    "GATEWAY_HOST": ("::1", "host", "::1"),
    "GATEWAY_PORT": ("9000", "port", 9000),
    "GATEWAY_PUBLIC_URL": ("https://calls.example.com/gw/", "public_url", "https://calls.example.com/gw"),
    "GATEWAY_MAIL_FROM": ("Calls <calls@example.com>", "mail_from", "Calls <calls@example.com>"),
    "GATEWAY_LOG": ("console", "log", "console"),
    "GATEWAY_PROCESSES": ("4", "processes", 4),
    "GATEWAY_PG_BINDIR": ("/usr/lib/postgresql/16/bin", "pg_bindir", Path("/usr/lib/postgresql/16/bin")),
    "GATEWAY_PG_OS_USER": ("postgres", "pg_os_user", "postgres"),
}


@pytest.mark.parametrize("variable", ENVIRONMENT)
def test_every_setting_changes_by_its_variable(variable):
    value, name, expected = ENVIRONMENT[variable]

    settings = load({variable: value})

    assert getattr(settings, name) == expected
    assert getattr(load(), name) != expected


@pytest.mark.parametrize("variable", ENVIRONMENT)
def test_every_setting_changes_by_its_key_in_the_file(variable, config):
    value, name, expected = ENVIRONMENT[variable]
    written = value if isinstance(expected, int) else f'"{value}"'

    settings = load(toml=config(f"{name} = {written}"))

    assert getattr(settings, name) == expected


@pytest.mark.parametrize("variable", ENVIRONMENT)
def test_every_setting_changes_by_a_file_that_its_variable_names(variable, tmp_path):
    value, name, expected = ENVIRONMENT[variable]
    (tmp_path / "secret").write_text(f"{value}\n")

    settings = load({f"{variable}_FILE": str(tmp_path / "secret")})

    assert getattr(settings, name) == expected


def test_the_mail_server_needs_a_sender():
    problems = problems_of({"GATEWAY_SMTP_URL": "smtp://me:pw@mail.example.com:587?tls=starttls"})
    settings = load({"GATEWAY_SMTP_URL": "smtps://mail.example.com", "GATEWAY_MAIL_FROM": "gw@example.com"})

    assert problems == ["GATEWAY_MAIL_FROM is required with GATEWAY_SMTP_URL: the address that mails come from"]
    assert (settings.smtp_url, settings.mail_from) == ("smtps://mail.example.com", "gw@example.com")


def test_limits_change_by_their_keys_and_variables(config):
    file = config("[limits]\ncall_seconds_max = 1800\nhold_slice_seconds = 60\nring_seconds = 30")

    assert load(toml=file).limits == Limits(call_seconds_max=1800, hold_slice_s=60, ring_s=30)
    environ = {"GATEWAY_CALL_SECONDS_MAX": "5", "GATEWAY_HOLD_SLICE_SECONDS": "2", "GATEWAY_RING_SECONDS": "1"}
    assert load(environ, toml=file).limits == Limits(call_seconds_max=5, hold_slice_s=2, ring_s=1)


@pytest.mark.parametrize("seconds", ["0", "3601", "1.5", "-1", "", "ten"])
def test_r18_no_limit_may_be_raised_above_an_hour(seconds, config):
    written = seconds or '""'
    written = written if written.replace(".", "").replace("-", "").isdigit() else f'"{seconds}"'

    problems = problems_of(toml=config(f"[limits]\ncall_seconds_max = {written}"))

    assert len(problems) == 1
    assert problems[0].startswith("limits.call_seconds_max in ")


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(config):
    file = config('host = "10.0.0.1"\nport = 1\nprocesses = 2')

    settings = load({"GATEWAY_PORT": "3", "GATEWAY_PROCESSES": "4"}, file, overrides={"processes": "5"})

    assert (settings.host, settings.port, settings.processes) == ("10.0.0.1", 3, 5)
    assert settings.public_url == "http://10.0.0.1:3"


def test_the_file_is_found_by_its_variable_too(config):
    assert load({"GATEWAY_CONFIG": str(config("port = 7"))}).port == 7


def test_an_empty_variable_counts_as_unset():
    assert load({"GATEWAY_PORT": "", "GATEWAY_SMTP_URL": ""}) == load()


def test_the_default_address_of_an_ipv6_host_has_brackets():
    assert load({"GATEWAY_HOST": "[::1]"}).public_url == "http://[::1]:8080"


def test_the_log_is_for_people_on_a_terminal():
    assert load(is_terminal=True).log == "console"
    assert load({"GATEWAY_LOG": "json"}, is_terminal=True).log == "json"


def test_everything_that_is_wrong_is_told_at_once(config):
    file = config("colour = 1\n[limits]\nring_secnds = 3\n[connections.A]\nkind = 'fax'")

    problems = problems_of({"GATEWAY_PORT": "70000", "GATEWAY_LOG": "xml", "GATEWAY_PROT": "1"}, file)

    assert problems == [
        "GATEWAY_PORT must be a whole number from 0 to 65535, not '70000'",
        "GATEWAY_LOG must be json or console, not 'xml'",
        f"connections.A in {file}: a name is made of a-z, 0-9, _ and -, the first a letter or a digit",
        f"connections.A.kind in {file}: 'fax' is not known: it is one of {', '.join(sorted(adapters()))}",
        "GATEWAY_PROT is no setting of the gateway",
        f"colour in {file}: is no setting of the gateway",
        f"limits.ring_secnds in {file}: is no setting of the gateway",
    ]


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("GATEWAY_DATABASE_URL", "mysql://me:topsecret@db/x", "like postgresql://"),
        ("GATEWAY_DATABASE_URL", "postgresql://me:topsecret@db:port/x", "a port that is no whole number"),
        ("GATEWAY_SMTP_URL", "http://me:topsecret@mail", "like smtp://"),
        ("GATEWAY_PUBLIC_URL", "gateway.example.com", "like https://"),
        ("GATEWAY_PUBLIC_URL", "https://gateway.example.com/?a=1", "without ? and #"),
        ("GATEWAY_MAIL_FROM", "gateway", "e-mail address"),
        ("GATEWAY_HOST", "http://a", "a host name or an IP address"),
        ("GATEWAY_PG_OS_USER", "a\tb", "text without control characters"),
    ],
)
def test_a_wrong_value_is_named_without_its_password(variable, value, said):
    [problem] = [each for each in problems_of({variable: value}) if each.startswith(variable)]

    assert said in problem
    assert "topsecret" not in problem


def test_files_that_cannot_be_used_are_named(tmp_path, config):
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff")
    (tmp_path / "large").write_bytes(b"x" * 70_000)
    environ = {
        "GATEWAY_DATABASE_URL_FILE": str(tmp_path / "missing"),
        "GATEWAY_HOST_FILE": str(tmp_path / "empty"),
        "GATEWAY_LOG_FILE": str(tmp_path / "binary"),
        "GATEWAY_PG_OS_USER_FILE": str(tmp_path / "large"),
        "GATEWAY_PORT": "1",
        "GATEWAY_PORT_FILE": str(tmp_path / "empty"),
    }

    text = "\n".join(problems_of(environ))

    assert "GATEWAY_DATABASE_URL_FILE the file" in text
    assert "cannot be read: No such file" in text
    assert "GATEWAY_HOST_FILE the file" in text
    assert "is not UTF-8" in text
    assert "too large" in text
    assert "GATEWAY_PORT and GATEWAY_PORT_FILE are both set" in text


@pytest.mark.parametrize(
    ("content", "said"), [(b"port =", "is not TOML"), (b"\xff", "is not UTF-8"), (None, "cannot be read")]
)
def test_a_file_that_cannot_be_read_is_told(content, said, tmp_path):
    path = tmp_path / "gateway.toml"
    if content is not None:
        path.write_bytes(content)

    [problem] = problems_of(toml=path)

    assert said in problem


@pytest.mark.parametrize("value", ["true", "1.5", "[1]", "1979-05-27", "{}", '{ env = "A", file = "b" }'])
def test_a_value_of_a_wrong_type_is_told(value, config):
    [problem] = problems_of(toml=config(f"database_url = {value}"))

    assert problem.startswith("database_url in ")


def test_a_setting_where_a_table_should_be_is_told(config):
    [problem, *_] = problems_of(toml=config("limits = 3\nconnections = 4"))

    assert "connections in " in problem
    assert "must be a table" in problem


def test_the_variables_of_the_tests_are_not_ours():
    assert load({"GATEWAY_TEST_DATABASE_URL": "postgresql://x"}) == load()


def test_a_path_in_the_file_counts_from_the_files_directory(config, tmp_path):
    file = config('data = "state"\npg_bindir = "~/bin"')

    settings = load(toml=file)

    assert settings.data == tmp_path / "state"
    assert settings.pg_bindir == Path("~/bin").expanduser()
    assert load({"GATEWAY_DATA": "state"}, file).data == Path("state")


def test_a_path_that_is_none_is_told(config):
    [problem] = problems_of(toml=config("data = 3"))

    assert problem.endswith("must be a path, not 3")


def test_webhooks_are_kept_no_longer_than_the_numbers_in_them(config):
    kept = load(toml=config("[limits]\nnumbers_days = 30\nend_days_max = 30\nhooks_days = 30\n"))
    none = load({"GATEWAY_HOOKS_DAYS": "0", "GATEWAY_OPERATOR_SECOND_FACTOR": "false"})

    assert (kept.hooks_days, kept.operator_second_factor) == (30, True)
    assert (none.hooks_days, none.operator_second_factor) == (0, False)
    assert load().hooks_days == 7
    assert load({"GATEWAY_NUMBERS_DAYS": "3", "GATEWAY_END_DAYS_MAX": "3"}).hooks_days == 3
    assert problems_of({"GATEWAY_NUMBERS_DAYS": "30", "GATEWAY_END_DAYS_MAX": "30", "GATEWAY_HOOKS_DAYS": "31"}) == [
        "GATEWAY_HOOKS_DAYS must be at most numbers_days, 30"
    ]
