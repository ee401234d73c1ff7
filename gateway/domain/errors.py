"""The error tree: each class says what happened in its docstring and carries a stable code."""

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

MESSAGE_MAX = 300


class GatewayError(Exception):
    """Something the gateway can name.

    `template` is what it says in English, and by what other languages find their words; `figures` are what stands in
    its curly brackets, among them other errors. `parts` are those that it consists of, where it names several.
    """

    code: ClassVar[str] = "error"
    parts: "Sequence[GatewayError]" = ()

    def __init__(self, template: str = "", **figures: object) -> None:
        super().__init__(template.format(**figures) if figures else template)
        self.template = template
        self.figures = figures


class InvalidInput(GatewayError):
    """The caller's fault: what was given is wrong, and the message says what would be right."""

    code = "invalid"


def together(problems: Sequence[InvalidInput]) -> InvalidInput:
    """One that names all that is wrong, a line each."""
    whole = InvalidInput("\n".join(map(str, problems)))
    whole.parts = problems
    return whole


class EndsTooMuch(InvalidInput):
    """More of a deck would end than somebody said may; `ending` names the destinations."""

    code = "ends_too_much"

    def __init__(self, message: str, *, ending: tuple[str, ...]) -> None:
        super().__init__(message)
        self.ending = ending


class NotFound(GatewayError):
    """What was named does not exist."""

    code = "not_found"


class Conflict(GatewayError):
    """It exists already, or its state does not allow this."""

    code = "conflict"


class Forbidden(GatewayError):
    """Whoever asks may not do this, though they may do something like it; the message says what they may."""

    code = "forbidden"


class NoMoney(GatewayError):
    """The account has not enough money for what was asked (402); `missing` is what it would need beside."""

    code = "no_money"

    def __init__(self, template: str, *, missing: Decimal | None = None, **figures: object) -> None:
        super().__init__(template, **figures)
        self.missing = missing


class BadSignature(GatewayError):
    """The webhook is not authentic, or its connection has no secret."""

    code = "bad_signature"


class MalformedHook(GatewayError):
    """The webhook is authentic and cannot be read; the message names the field."""

    code = "malformed"

    def __init__(self, message: str, field: str = "") -> None:
        # What is wrong is quoted, but not all of what somebody sends.
        super().__init__(message if len(message) <= MESSAGE_MAX else f"{message[:MESSAGE_MAX]}…")
        self.field = field[:MESSAGE_MAX]


class DatabaseAway(GatewayError):
    """The database did not answer in time: try again."""

    code = "unavailable"


class HeldByOthers(DatabaseAway):
    """Somebody has kept a lock for longer than could be waited; the database is there for all others."""


class OutcomeUnknown(DatabaseAway):
    """The database did not say whether it has what it was given: what is on record tells, when it can be asked."""


class ProviderFailed(GatewayError):
    """A provider did not answer, or not in a way we can use: try again."""

    code = "provider_failed"
