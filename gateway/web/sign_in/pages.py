"""The pages, filled in; opened when somebody first asks for one."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE: Final = Path(__file__).parent
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:;"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_STATIC: Final = {"sign-in.css": "text/css"}


def page(name: str, *, status: int = 200, referrer: str = "same-origin", **values: object) -> web.Response:
    """A page by the name of its template."""
    html = _environment().get_template(f"{name}.html").render(**values)
    headers = {**_HEADERS, "Referrer-Policy": referrer}
    return web.Response(status=status, text=html, content_type="text/html", headers=headers)


def to(path: str) -> web.Response:
    """Go on there; by a GET, whatever came."""
    return web.Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})


async def static(request: web.Request) -> web.Response:
    """The style, which is all there is."""
    name = request.match_info["name"]
    if name not in _STATIC:
        raise web.HTTPNotFound
    return web.Response(
        body=_content(name),
        content_type=_STATIC[name],
        charset="utf-8",
        headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"},
    )


@cache
def _content(name: str) -> bytes:
    return (_HERE / "static" / name).read_bytes()


@cache
def _environment() -> "Environment":
    """Processes that only serve calls have no need of a template library."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape  # noqa: PLC0415 - see above

    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
