"""What a reader of any language would find wrong in the text of a mail, whoever wrote its words."""

import re
from typing import Final

from gateway.mail.letters import Letter

NB: Final = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
LINE_LENGTH_MAX: Final = 78
_URL: Final = re.compile(r"https?://\S+")
_RULES: Final = {
    "a doubled mark": re.compile(rf"[.,;:!?…][\s{NB}]*[.,;:!?…]"),
    "a doubled word": re.compile(r"\b([^\W\d]+) \1\b", re.IGNORECASE),
    "two spaces, or one at the beginning or the end of a line": re.compile(rf"[ {NB}]{{2}}|^ | $", re.MULTILINE),
    "a space that stands before a mark": re.compile(r" [.,)]"),
    "a mark without a space after it": re.compile(r"[,;!?](?=[^\W\d])|\((?=\s)"),
    "brackets around nothing": re.compile(r"\(\s*\)|«\s*»|``"),
    "a placeholder, or a fact that is none": re.compile(r"[{}]|\bNone\b|\bnull\b"),
}
_FRENCH: Final = {
    "no no-break space before a mark": re.compile(rf"[^{NB}][;?!»]|[^{NB}]:(?!//)"),
    "no no-break space after «": re.compile(rf"«[^{NB}]"),
    "the first of a month that is no ordinal": re.compile(
        r"\b1 (janv|févr|mars|avr|mai|juin|juil|août|sept|oct|nov|déc)"
    ),
}
_PORTUGUESE: Final = {"the first of a month that is no ordinal": re.compile(r"\b1 de [a-zç]+ de \d")}
_GERMAN: Final = {
    "a time without its Uhr": re.compile(r"\d\d:\d\d(?! Uhr)"),
    "the first of a month that is no ordinal": re.compile(r"\b1 (Jan|Feb|März|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez)"),
    "a clause without a subject": re.compile(r"\b(wird|wurde) (gesperrt|abgeschaltet)\b"),
    "calls that hear": re.compile(r"Anrufe hören"),
}
_SPANISH: Final = {"an hour that may be one, said as a plural": re.compile(r"a las \d")}
_RULES_OF: Final = {"fr": _FRENCH, "pt-BR": _PORTUGUESE, "de": _GERMAN, "es": _SPANISH}


def faults(letter: Letter) -> list[str]:
    """What is wrong, with the place where it is."""
    body, _, footer = letter.text.partition("\n-- \n")
    paragraphs = [*(each for each in body.split("\n\n") if each), footer]
    said = [_URL.sub("X", " ".join(paragraph.strip("\n").split("\n"))) for paragraph in paragraphs]
    found = [fault for text in (letter.subject, *said) for fault in _faults_of(text, letter.language)]
    found += [f"a sentence that does not end: {text}" for text in said if not text.endswith((".", "…", ":", "X"))]
    found += [f"a sentence that begins small: {text}" for text in (letter.subject, *said) if text[:1].islower()]
    # An address that is to be followed is never broken.
    lines = [line for line in letter.text.splitlines() if len(line) > LINE_LENGTH_MAX and not _URL.fullmatch(line)]
    return found + [f"a long line: {line}" for line in lines]


def _faults_of(text: str, language: str) -> list[str]:
    rules = _RULES | _RULES_OF.get(language, {})
    return [f"{name}: {hit[0]!r} in {text}" for name, rule in rules.items() if (hit := rule.search(text))]
