"""What a page says of a value is text, however short or long it is; what is HTML already stays as it is."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from markupsafe import Markup

from gateway.web.browser.rendering import _environment
from gateway.web.pages.account_names import links_of
from gateway.web.pages.figures import ReaderFigures
from gateway.web.pages.words import PageWords

EVIL = "<script>alert('x & \"y\"')</script>"
HARMLESS = "&lt;script&gt;alert(&#39;x &amp; &#34;y&#34;&#39;)&lt;/script&gt;"


def filled(template: str, **values: object) -> str:
    return _environment().from_string(template).render(**values)


@pytest.mark.parametrize("times", [1, 2, 100])
def test_a_text_never_becomes_html(times: int) -> None:
    told = filled('<p title="{{ text }}">{{ text }}</p>', text=EVIL * times)
    again = filled("{% macro m(x) %}{{ x }}{% endmacro %}{% for _ in [1, 2] %}{{ m(text) }}{% endfor %}", text=EVIL)

    assert told == f'<p title="{HARMLESS * times}">{HARMLESS * times}</p>'
    assert again == HARMLESS * 2


def test_neither_does_what_is_put_together_or_is_no_text() -> None:
    class Odd:
        def __str__(self) -> str:
            return EVIL

    class Name(str):
        __slots__ = ()

    assert filled('{{ "<b>" ~ text }}', text=EVIL) == f"&lt;b&gt;{HARMLESS}"
    assert filled("{{ odd }}{{ name }}{{ n }}", odd=Odd(), name=Name(EVIL), n=7) == f"{HARMLESS}{HARMLESS}7"


def test_what_is_html_already_stays_as_it_is() -> None:
    assert filled("{{ html }}", html=Markup("<b>&amp;</b>")) == "<b>&amp;</b>"


def test_a_cell_begins_with_what_its_column_is_called() -> None:
    cells = PageWords(language="en", subject="calls").cells(["when", "", "length number"])

    assert vars(cells) == {
        "when": '<td data-label="When">',
        "length": '<td data-label="Length" class="number">',
    }


def test_an_instant_is_said_for_people_and_for_programs() -> None:
    figures = ReaderFigures(language="de", zone=ZoneInfo("Europe/Berlin"))

    said = figures.when(datetime(2026, 3, 11, 12, 5, 7, tzinfo=UTC))

    assert said == '<time datetime="2026-03-11T12:05:07+00:00">11.03.2026, 13:05:07</time>'
    assert isinstance(said, Markup)
    assert figures.when(None) == "\N{EN DASH}"


def test_an_account_is_named_by_a_link_whatever_it_is_called() -> None:
    of_account = links_of({7: EVIL})

    assert of_account(7) == f'<a href="/accounts/7">{HARMLESS}</a>'
    assert of_account(None) == "\N{EN DASH}"
