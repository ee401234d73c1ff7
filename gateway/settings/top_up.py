"""How administrators top up: two settings, and for each language a table `[top_up.<language>]` of the file."""

from collections.abc import Callable, Mapping
from typing import Final

from gateway.domain.mail.languages import LANGUAGES, find_language
from gateway.domain.mail.top_up import TopUp, TopUps
from gateway.settings.source import TOP_UP, Source
from gateway.settings.top_up_values import top_up_line, top_up_url
from gateway.settings.values import Raw

_CONVERTED: Final[Mapping[str, Callable[[Raw], str]]] = {"url": top_up_url, "line": top_up_line}


def read_top_ups(source: Source, *, everywhere: TopUp) -> TopUps:
    """What is told in every language, and in single ones."""
    by_language: dict[str, TopUp] = {}
    for tag, written in source.section(source.table.get(TOP_UP, {}), TOP_UP).items():
        key = f"{TOP_UP}.{tag}"
        if (language := find_language(tag)) is None:
            source.wrong(source.in_file(key), f"is no language of mails: there are {', '.join(LANGUAGES)}")
        elif language in by_language:
            source.wrong(source.in_file(key), f"is {language}, which is there already")
        else:
            by_language[language] = _top_up(source, source.section(written, key), key)
    return TopUps(everywhere=everywhere, by_language=by_language)


def _top_up(source: Source, written: Mapping[str, object], key: str) -> TopUp:
    """The address and the line of a language; what is neither is told."""
    read: dict[str, str] = {}
    for name, value in written.items():
        where = f"{key}.{name}"
        if name not in _CONVERTED:
            source.wrong(source.in_file(where), "is no setting of the gateway")
        elif (found := source.raw(value, where)) is not None:
            read[name] = source.convert(found, _CONVERTED[name], default="")
    return TopUp(**read)
