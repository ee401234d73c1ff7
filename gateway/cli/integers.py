"""Whole numbers of the command line."""

import re
from typing import Final

import click

_WRITTEN: Final = re.compile(r"-?[0-9]{1,19}")


def integer(text: str | int) -> int:
    """Digits of ASCII, as ids are printed: Python would read those of any script, and underscores between them."""
    if not isinstance(text, int) and _WRITTEN.fullmatch(text) is None:
        raise click.BadParameter(f"{text!r} is not a valid integer.")
    return int(text)
