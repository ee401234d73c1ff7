"""The table of contents: the shelves of the library, and the pages that stand on each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

# The shelves in the order in which a stranger needs them, by the first part of their pages' paths.
_SHELVES: Final[Mapping[str, str]] = {
    "": "Start",
    "how-to": "How to",
    "connect": "Connect a provider",
    "reference": "Reference",
    "why": "Why",
    "how-to-change-it": "How to change it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    path: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    name: str
    title: str
    entries: tuple[Entry, ...]

    def holds(self, path: str) -> bool:
        return shelf_of(path) == self.name


def shelf_of(path: str) -> str:
    return path.partition("/")[0] if "/" in path else ""


def table_of_contents(titles: Mapping[str, str]) -> tuple[Shelf, ...]:
    """From the pages' titles by their paths; pages deeper than a shelf are found by the page above them."""
    listed = {path: title for path, title in titles.items() if path.rstrip("/").count("/") <= 1}
    names = [*_SHELVES, *sorted({shelf_of(path) for path in listed} - _SHELVES.keys())]
    shelves = (Shelf(name=name, title=_title(name), entries=_entries(name, listed.items())) for name in names)
    return tuple(shelf for shelf in shelves if shelf.entries)


def _entries(shelf: str, titles: Iterable[tuple[str, str]]) -> tuple[Entry, ...]:
    """By their titles, but the page of the shelf itself first."""
    here = [Entry(path=path, title=title) for path, title in titles if shelf_of(path) == shelf]
    return tuple(sorted(here, key=lambda each: (each.path not in ("", f"{shelf}/"), each.title.lower())))


def _title(shelf: str) -> str:
    return _SHELVES.get(shelf) or shelf.replace("-", " ").capitalize()
