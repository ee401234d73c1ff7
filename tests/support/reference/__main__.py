"""Writes the pages that are made of what the program reads, or with --check tells what of them is out of date."""

import argparse
import difflib
import sys
from pathlib import Path

from gateway.docs.files import PACKAGE
from tests.support.reference.pages import all_pages

DOCS = PACKAGE / "docs"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when they differ")
    check = parser.parse_args().check
    expected = {DOCS / name: text for name, text in all_pages()}
    left_over = written_pages() - expected.keys()
    if check:
        differences = [line for path, text in expected.items() for line in _difference(path, text)]
        sys.stderr.writelines([*differences, *(f"{path} is of nothing\n" for path in sorted(left_over))])
        return int(bool(differences or left_over))
    for path in left_over:
        path.unlink()
    for path, text in expected.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


def written_pages() -> set[Path]:
    """The pages that stand where only made ones do."""
    return {DOCS / "api.md", *(DOCS / "reference").rglob("*.md"), *(DOCS / "errors").rglob("*.md")}


def _difference(path: Path, text: str) -> list[str]:
    written = path.read_text(encoding="utf-8") if path.exists() else ""
    return list(
        difflib.unified_diff(
            written.splitlines(keepends=True),
            text.splitlines(keepends=True),
            fromfile=str(path.relative_to(PACKAGE.parent)),
            tofile="what the program says",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
