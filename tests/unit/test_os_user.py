"""Who types is who the machine says they are, whatever the environment calls them."""

import os
import pwd

import pytest

from gateway.cli.os_user import os_user

ME = pwd.getpwuid(os.getuid()).pw_name
OTHER = next(each.pw_name for each in pwd.getpwall() if each.pw_name != ME)


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, ME),
        ({"LOGNAME": OTHER, "USER": OTHER}, ME),
        ({"SUDO_USER": OTHER}, f"{ME}/{OTHER}"),
        ({"SUDO_USER": ME}, ME),
        ({"SUDO_USER": "nobody of\nthis machine"}, ME),
    ],
)
def test_a_user_is_named(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], name: str) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)

    assert os_user() == name


def test_a_user_without_a_name_is_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)

    assert os_user() == "4000000000"
