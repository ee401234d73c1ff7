"""The library as it is served: each page a finished document."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from gateway import __version__
from gateway.docs import files
from gateway.docs.contents import Shelf, table_of_contents
from gateway.docs.files import PACKAGE, PageFile
from gateway.docs.links import served_link, to_root
from gateway.docs.markdown import Rendered, render
from gateway.docs.search import QUERY_MAX, Index

STYLE: Final = "style.css"
SEARCH: Final = "search"
_HTML: Final = "text/html"
_TYPES: Final = {".svg": "image/svg+xml", ".png": "image/png"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What is sent; `tag` changes when the body does."""

    content_type: str
    body: bytes
    tag: str
    is_found: bool = True


class Library:
    """All documents, made when it is opened; only what somebody searches is made when he does."""

    def __init__(self, public_url: str) -> None:
        self._layout = Environment(
            loader=PackageLoader("gateway.docs", "layout"),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        pages = _render_all(public_url)
        self._titles = {path: page.title for path, page in pages.items()}
        self._contents: tuple[Shelf, ...] = table_of_contents(self._titles)
        self._index = Index(pages.items())
        self._documents = {path: self._page(path, page) for path, page in pages.items()}
        self._documents |= {each.path: _picture(each) for each in files.pictures()}
        self._documents[STYLE] = _document("text/css", (PACKAGE / "docs/layout" / STYLE).read_bytes())

    def paths(self) -> list[str]:
        """Where its pages are, below `/docs/`."""
        return list(self._titles)

    def open(self, path: str) -> Document:
        """The document at a path below `/docs/`, or the page that says that there is none."""
        return self._documents.get(path) or self._missing(path)

    def search(self, query: str) -> Document:
        """The page of what is found by some words."""
        hits = self._index.search(query)
        return self._fill("search.html", SEARCH, title="Search", query=query[:QUERY_MAX], hits=hits)

    def _page(self, path: str, page: Rendered) -> Document:
        return self._fill("page.html", path, title=page.title, html=page.html, above=self._above(path))

    def _missing(self, path: str) -> Document:
        return self._fill("missing.html", path, title="No such page", is_found=False)

    def _above(self, path: str) -> list[tuple[str, str]]:
        """The paths and titles of the pages that a page stands below."""
        parts = path.rstrip("/").split("/")[:-1]
        above = ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
        return [(each, self._titles[each]) for each in above if each in self._titles]

    def _fill(self, template: str, path: str, *, is_found: bool = True, **values: object) -> Document:
        html = self._layout.get_template(template).render(
            path=path, root=to_root(path), contents=self._contents, version=__version__, **{"query": "", **values}
        )
        return _document(_HTML, html.encode(), is_found=is_found)


def _render_all(public_url: str) -> dict[str, Rendered]:
    written, drawn = files.pages(), files.pictures()
    paths = {each.file: each.path for each in (*written, *drawn)}
    return {each.path: _rendered(each, public_url, paths) for each in written}


def _rendered(page: PageFile, public_url: str, paths: Mapping[PurePosixPath, str]) -> Rendered:
    follow = partial(served_link, file=page.file, path=page.path, paths=paths)
    return render(page.text(public_url), follow=follow)


def _picture(picture: PageFile) -> Document:
    return _document(_TYPES[picture.file.suffix], picture.content)


def _document(content_type: str, body: bytes, *, is_found: bool = True) -> Document:
    return Document(content_type=content_type, body=body, tag=sha256(body).hexdigest()[:32], is_found=is_found)
