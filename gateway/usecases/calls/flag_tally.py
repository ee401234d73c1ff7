"""Whoever counts the flags that calls get, as they are written."""

from collections.abc import Callable, Iterable

from gateway.domain.calls.call import Flag

FlagTally = Callable[[Iterable[Flag]], None]


def untold(flags: Iterable[Flag]) -> None:
    """Count nothing: for whoever has no figures to show, as a command."""
