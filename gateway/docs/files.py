"""Where the pages are written, and where each is served."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

PACKAGE: Final = Path(__file__).parents[1]
# What the texts call this installation; a reader sees the address of his own.
EXAMPLE_URL: Final = "http://127.0.0.1:8080"
_DIRECTORY: Final = PurePosixPath("docs")
_PICTURES: Final = (".svg", ".png")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFile:
    """A file of the library: its place in the package, and its path below `/docs/`."""

    file: PurePosixPath
    path: str
    content: bytes

    def text(self, public_url: str) -> str:
        """The Markdown with the reader's own addresses in it."""
        return self.content.decode("utf-8").replace(EXAMPLE_URL, public_url)


def pages() -> list[PageFile]:
    """All pages: those of this package, and each provider's page about connecting it."""
    return list(_read("docs/**/*.md", "providers/*/connect.md"))


def pictures() -> list[PageFile]:
    return list(_read(*(f"docs/**/*{suffix}" for suffix in _PICTURES)))


def served_path(file: PurePosixPath) -> str:
    """`docs/how-to/upgrade.md` is served as `how-to/upgrade`, a README as its directory, pictures by their names."""
    if file.parts[0] == "providers":
        return f"connect/{file.parts[1]}"
    below = file.relative_to(_DIRECTORY)
    if below.suffix != ".md":
        return str(below)
    if below.stem != "README":
        return str(below.with_suffix(""))
    return "" if below.parent == PurePosixPath() else f"{below.parent}/"


def _read(*patterns: str) -> Iterator[PageFile]:
    for pattern in patterns:
        for found in sorted(PACKAGE.glob(pattern)):
            file = PurePosixPath(found.relative_to(PACKAGE).as_posix())
            yield PageFile(file=file, path=served_path(file), content=found.read_bytes())
