"""Kits: the file beside an adapter with what an operator pastes into the provider, filled in (R36)."""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

PLACEHOLDER: Final = re.compile(r"\{\{(\w+)\}\}")


def fill_kit(package: str, file: str, values: Mapping[str, str], *, placeholder: re.Pattern[str] = PLACEHOLDER) -> str:
    """A file of a provider's package with its placeholders filled in. One without a value is a KeyError."""
    text = files(package).joinpath(file).read_text(encoding="utf-8")
    return placeholder.sub(lambda match: values[match[1]], text)
