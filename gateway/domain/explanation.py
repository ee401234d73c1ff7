"""What is to be said of something, before it is said: by a code and its figures, in no language yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount, and of what; the currency of a call that is nobody's is not known."""

    amount: Decimal
    currency: str | None


@dataclass(frozen=True, slots=True)
class Fact:
    """`code` is TABLE.NAME of the words; `figures` are what its sentence has in curly brackets."""

    code: str
    figures: Mapping[str, "str | int | Money | datetime | Fact"] = field(default_factory=lambda: MappingProxyType({}))
