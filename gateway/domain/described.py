"""Enums whose members say what they mean, so that the reference has it from where it is decided."""

from enum import StrEnum
from typing import Self


class Described(StrEnum):
    """`NAME = "value", "What it means."`: equal to its value, as any other; `meaning` stands in the reference."""

    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> Self:
        """Without a meaning only where a value looks up its member."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member
