"""The pages, filled in; opened when somebody first asks for one."""

from functools import cache, lru_cache
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aiohttp import web
from markupsafe import Markup, escape

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE: Final = Path(__file__).parent
_TEMPLATES: Final = tuple(_HERE.parent / each / "templates" for each in ("browser", "sign_in", "pages"))
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:;"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
# Longer texts are said once.
_SHORT: Final = 80
_KINDS: Final = {".css": "text/css", ".js": "text/javascript"}


def page(name: str, *, status: int = 200, referrer: str = "same-origin", **values: object) -> web.Response:
    """A page by the name of its template."""
    html = fragment(name, **values)
    headers = {**_HEADERS, "Referrer-Policy": referrer}
    return web.Response(status=status, text=html, content_type="text/html", headers=headers)


def fragment(name: str, **values: object) -> str:
    """A template filled in, as it is."""
    return _environment().get_template(f"{name}.html").render(**values)


def to(path: str) -> web.Response:
    """Go on there; by a GET, whatever came."""
    return web.Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})


async def static(request: web.Request) -> web.Response:
    """The style and the scripts."""
    files = _static()
    name = request.match_info["name"]
    if name not in files:
        raise web.HTTPNotFound
    response = web.Response(
        body=files[name],
        content_type=_KINDS[Path(name).suffix],
        charset="utf-8",
        headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"},
    )
    response.enable_compression()
    return response


@cache
def _static() -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in (_HERE / "static").iterdir() if each.suffix in _KINDS}


# Pages say the same words and names again and again.
_escaped: Final = lru_cache(maxsize=4096)(escape)


def _as_html(value: object) -> str:
    """What a page has of a value; what is HTML already stays as it is, without being made into it again."""
    if type(value) is Markup:
        return value
    return _escaped(value) if type(value) is str and len(value) <= _SHORT else escape(value)


@cache
def _environment() -> "Environment":
    """Processes that only serve calls have no need of a template library."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape  # noqa: PLC0415 - see above
    from jinja2.compiler import CodeGenerator, Frame  # noqa: PLC0415 - see above
    from jinja2.nodes import Call, Expr  # noqa: PLC0415 - see above

    class PageCode(CodeGenerator):
        """Has what a template says written by `_as_html`, as a list says thousands of things, and calls what it calls.

        Nothing of ours asks for the context of a template, and looking whether it does takes longer than most calls.
        """

        def _output_child_pre(self, node: Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
            if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
                super()._output_child_pre(node, frame, finalize)
            else:
                self.write("environment.as_html(")

        def visit_Call(self, node: Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: FBT001, FBT002, N802 - the library's
            spread = node.dyn_args or node.dyn_kwargs or any(iskeyword(each.key) for each in node.kwargs)
            if forward_caller or spread:
                super().visit_Call(node, frame, forward_caller=forward_caller)
                return
            self.visit(node.node, frame)
            self.write("(")
            for each in (*node.args, *node.kwargs):
                self.visit(each, frame)
                self.write(", ")
            self.write(")")

    class PageEnvironment(Environment):
        code_generator_class = PageCode
        as_html = staticmethod(_as_html)

    return PageEnvironment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
