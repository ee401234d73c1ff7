"""Links between pages: written for the files of the repository, followed from the addresses they are served at."""

import posixpath
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import urlsplit


def to_root(path: str) -> str:
    """From a page back to `/docs/`; relative, so that it holds behind any proxy."""
    return "../" * path.count("/") or "./"


def is_elsewhere(href: str) -> bool:
    """A link to another place than the library: with a scheme, a host, or from the root of this one."""
    parts = urlsplit(href)
    return bool(parts.scheme or parts.netloc) or href.startswith("/")


def served_link(href: str, *, file: PurePosixPath, path: str, paths: Mapping[PurePosixPath, str]) -> str | None:
    """A link of a file as a link of its page; None where it leads to a file that is not served.

    `paths` are those of all files of the library.
    """
    if is_elsewhere(href) or href.startswith("#"):
        return href
    target, hash_mark, anchor = href.partition("#")
    linked = PurePosixPath(posixpath.normpath(file.parent / target))
    if linked not in paths:
        return None
    return f"{to_root(path)}{paths[linked]}{hash_mark}{anchor}"
