"""The parts of what was sent, before any plan is asked: schemes, parameters, separators, extensions.

Sources: RFC 3966 (`tel:`, its visual separators, `ext` and `phone-context`), RFC 3261 section 19.1.6 (`user=phone`),
ITU-T E.123 (how numbers are printed, `(0)` and extensions among it).
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

_EXTENSION = re.compile(r"(?i)(?:[\s,]*(?:\bext(?:ension|n)?\.?|\bx|доб\.?)[\s:.=]*|\s*#\s*)(\d{1,8})\Z")
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212.()/\[\]~\u00ad\u200b\u2060]+")
_TRUNK_IN_BRACKETS = re.compile(r"\(0\)|\[0\]")
_DIGITS = re.compile(r"\+?[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """`digits` may begin with a plus; empty where the text is a name or a code and no number at all.

    `context` is the global prefix that a `tel:` URI gives to a local number.
    """

    digits: str
    extension: str = ""
    context: str = ""


def spell(text: str) -> Spelling:
    """What a text spells."""
    subscriber, parameters = _address(text.strip())
    extension = parameters.get("ext", "")
    if not extension and (printed := _EXTENSION.search(subscriber)):
        subscriber, extension = subscriber[: printed.start()], printed[1]
    subscriber = _ascii_digits(subscriber)
    if subscriber.lstrip("([ ").startswith(("+", "00")):
        subscriber = _TRUNK_IN_BRACKETS.sub("", subscriber)
    digits = _SEPARATORS.sub("", subscriber)
    context = _SEPARATORS.sub("", parameters.get("phone-context", ""))
    return Spelling(
        digits=digits if _DIGITS.fullmatch(digits) else "",
        extension=_SEPARATORS.sub("", extension),
        context=context if context.startswith("+") and _DIGITS.fullmatch(context) else "",
    )


def user_of(text: str) -> str:
    """The user of an address without its password and parameters, or the text itself; empty where it names nobody."""
    named = text.strip()
    if named.endswith(">") and "<" in named:  # a name and an address: the address counts
        named = named.rpartition("<")[2][:-1]
    scheme, colon, rest = named.partition(":")
    match scheme.lower() if colon else "":
        case "sip" | "sips":
            user = rest.rpartition("@")[0] or ("" if spell(named).digits == "" else rest)
            return unquote(user.partition(";")[0].partition(":")[0])
        case "tel":
            return unquote(rest.partition(";")[0])
        case "client" | "sim":
            return rest
    return text


def _address(text: str) -> tuple[str, dict[str, str]]:
    """The subscriber of a URI and its parameters, or the text itself, which may have parameters too."""
    scheme, colon, rest = text.partition(":")
    match scheme.lower() if colon else "":
        case "tel":
            subscriber = rest
        case "sip" | "sips":
            subscriber = rest.partition("?")[0].rpartition("@")[0] or rest.partition(";")[0]
            subscriber, semicolon, parameters = subscriber.partition(";")
            subscriber = subscriber.partition(":")[0] + semicolon + parameters
        case _:
            subscriber = text
    subscriber, *parameters_of = unquote(subscriber).split(";") if ";" in subscriber or colon else [subscriber]
    pairs = (each.partition("=") for each in parameters_of)
    return subscriber, {name.strip().lower(): value.strip() for name, _, value in pairs}


def _ascii_digits(text: str) -> str:
    """Digits of any script, as phones of that script send them."""
    return "".join(str(unicodedata.digit(each)) if each.isdigit() and not each.isascii() else each for each in text)
