"""The error tree."""

from gateway.domain.errors import GatewayError, MalformedHook


def test_every_error_says_what_happened_and_has_a_code_of_its_own() -> None:
    errors = GatewayError.__subclasses__()

    assert all(error.__doc__ for error in errors)
    assert len({error.code for error in errors} | {GatewayError.code}) == len(errors) + 1


def test_r33_a_malformed_hook_names_the_field() -> None:
    assert MalformedHook("no", "callee").field == "callee"
    assert MalformedHook("no").field == ""


def test_r33_a_malformed_hook_quotes_300_characters_at_most() -> None:
    exact, longer = MalformedHook("x" * 300, "y" * 300), MalformedHook("x" * 301, "y" * 301)

    assert (str(exact), exact.field) == ("x" * 300, "y" * 300)
    assert (str(longer), longer.field) == ("x" * 300 + "…", "y" * 300)
