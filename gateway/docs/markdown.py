"""One page from Markdown to HTML: headings that can be linked to, links that are followed, and no HTML of its own."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

# From the link as it is written to the link as it is followed; None: there is nothing to follow.
Follow = Callable[[str], str | None]
_NO_LETTER = re.compile(r"[^\w\- ]")
_SHORT = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What stands below one heading, as plain text; `anchor` is empty for the page's own title."""

    anchor: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    title: str
    html: str
    sections: tuple[Section, ...]


class _Renderer(RendererHTML):
    """Tables and blocks of code can be scrolled by themselves, with the keyboard too; headings show their link."""

    def code_inline(self, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType) -> str:
        """A short one, as the name of an option, stays on one line."""
        content = tokens[index].content
        opening = '<code class="short">' if len(content) <= _SHORT else "<code>"
        return f"{opening}{escape(content)}</code>"

    def table_open(self, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: EnvType) -> str:
        return '<div class="table" role="group" aria-label="Table" tabindex="0"><table>\n'

    def table_close(self, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: EnvType) -> str:
        return "</table></div>\n"

    def fence(self, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType) -> str:
        return f'<pre tabindex="0"><code>{escape(tokens[index].content)}</code></pre>\n'

    def heading_close(self, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType) -> str:
        opening, title = tokens[index - 2], tokens[index - 1]
        label = escape(f"Link to: {_plain(title)}")
        link = f' <a class="anchor" href="#{opening.attrGet("id")}" aria-label="{label}">#</a>'
        return f"{link if opening.tag != 'h1' else ''}</{opening.tag}>\n"


def render(text: str, *, follow: Follow) -> Rendered:
    """The page's title is its first heading."""
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
    tokens = parser.parse(text)
    _name_headings(tokens)
    for token in tokens:
        token.attrs.pop("style", None)  # of a column's alignment, which the page's security policy would not let act
        token.children = _followed(token.children or [], follow) if token.type == "inline" else token.children
    sections = tuple(_sections(tokens))
    html = parser.renderer.render(tokens, parser.options, {})
    return Rendered(title=sections[0].heading, html=html, sections=sections)


def slug(heading: str) -> str:
    """A heading's anchor, as the pages of repositories have it."""
    return _NO_LETTER.sub("", heading.lower()).replace(" ", "-")


def _name_headings(tokens: Sequence[Token]) -> None:
    taken: Counter[str] = Counter()
    for opening, title in pairwise(tokens):
        if opening.type == "heading_open":
            name = slug(_plain(title))
            opening.attrSet("id", f"{name}-{taken[name]}" if taken[name] else name)
            taken[name] += 1


def _followed(children: Sequence[Token], follow: Follow) -> list[Token]:
    """What stands in a line, with each link followed; one that leads nowhere is only its words."""
    kept: list[Token] = []
    closing: list[bool] = []
    for child in children:
        if child.type == "link_open":
            target = follow(str(child.attrGet("href")))
            closing.append(target is not None)
            if target is None:
                continue
            child.attrSet("href", target)
        elif child.type == "link_close" and not closing.pop():
            continue
        elif child.type == "image":
            child.attrSet("src", follow(str(child.attrGet("src"))) or "")
        kept.append(child)
    return kept


def _sections(tokens: Sequence[Token]) -> Iterator[Section]:
    anchor, heading, texts = "", "", list[str]()
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            if heading:
                yield Section(anchor=anchor, heading=heading, text=" ".join(texts))
            anchor = "" if token.tag == "h1" else str(token.attrGet("id"))
            heading, texts = _plain(tokens[index + 1]), []
        elif token.type in ("inline", "fence") and tokens[index - 1].type != "heading_open":
            texts.append(_plain(token))
    yield Section(anchor=anchor, heading=heading, text=" ".join(texts))


def _plain(token: Token) -> str:
    """The words of a line or a block, without their marks."""
    if token.type == "fence":
        return " ".join(token.content.split())
    spoken = (" " if each.type in ("softbreak", "hardbreak") else each.content for each in token.children or [])
    return " ".join("".join(spoken).split())
