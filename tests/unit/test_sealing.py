"""What is sealed is read by who has a key of it, and by nobody else."""

import pytest

from gateway.sealing import Seal

OLD, NEW = "o" * 32, "n" * 32


def test_what_is_sealed_shows_nothing_and_is_never_the_same_twice() -> None:
    first, second = Seal([OLD]).close("token"), Seal([OLD]).close("token")

    assert "token" not in first
    assert first != second


@pytest.mark.parametrize(("keys", "text"), [([OLD], "token"), ([NEW, OLD], "token"), ([NEW], None)])
def test_it_is_read_by_any_of_the_keys(keys: list[str], text: str | None) -> None:
    assert Seal(keys).open(Seal([OLD]).close("token")) == text


def test_the_first_key_writes() -> None:
    assert Seal([NEW]).open(Seal([NEW, OLD]).close("token")) == "token"


def test_what_was_changed_is_not_read() -> None:
    sealed = Seal([OLD]).close("token")

    assert Seal([OLD]).open(sealed[:-5] + "AAAA=") is None


def test_what_was_never_sealed_is_as_it_is() -> None:
    assert Seal([OLD]).open("a3f9") == "a3f9"
