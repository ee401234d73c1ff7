"""What a scenario finds."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`target` is what the value must reach: at least, or at most if `at_most`."""

    what: str
    value: float
    unit: str
    target: float | None = None
    at_most: bool = True

    @property
    def is_met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value <= self.target if self.at_most else self.value >= self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The figures of a scenario and, for the JSON file, what they were made from."""

    figures: list[Figure]
    raw: dict[str, Any] = field(default_factory=dict)
