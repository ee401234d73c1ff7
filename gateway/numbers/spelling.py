"""The parts of what was sent, before any plan is asked: schemes, parameters, separators, extensions.

Sources: RFC 3966 (`tel:`, its visual separators, `ext` and `phone-context`), RFC 3261 section 19.1.6 (`user=phone`),
ITU-T E.123 (how numbers are printed, `(0)` and extensions among it).
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

_EXTENSION = re.compile(
    r"(?i)(?:[\s,]*(?<![^\W\d_])(?:ext(?:ension|n)?\.?|x|доб\.?)[\s:.=]*|(?<=\d)\s*#\s*)([0-9]{1,8})\Z"
)
_SEPARATORS = re.compile(
    r"[\s\-\u2010-\u2015\u2212.()/\[\]~"  # spaces, hyphens and dashes, what numbers are printed with
    r"\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+"  # what is copied along unseen
)
_NAME_AND_ADDRESS = re.compile(r"<([^<>]*)>[^<>]*\Z")
_PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9\-_.]*")
_TRUNK_IN_BRACKETS = re.compile(r"\(0\)|\[0\]")
_DIGITS = re.compile(r"\+?[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """`digits` may begin with a plus; empty where the text is a name or a code and no number at all.

    `context` is the global prefix that a `tel:` URI gives to a local number. `with_zero` are the digits with the zero
    that stood in brackets behind a country code, empty without one: a trunk digit, but part of the number in Italy.
    """

    digits: str
    extension: str = ""
    context: str = ""
    with_zero: str = ""


def spell(text: str) -> Spelling:
    """What a text spells."""
    subscriber, parameters = _address(_address_in(_plain(text.strip())))
    extension = parameters.get("ext", "")
    if not extension and (printed := _EXTENSION.search(subscriber)):
        subscriber, extension = subscriber[: printed.start()], printed[1]
    with_zero = _digits(subscriber)
    is_abroad = with_zero.startswith(("+", "00"))
    digits = _digits(_TRUNK_IN_BRACKETS.sub("", subscriber)) if is_abroad else with_zero
    context = _SEPARATORS.sub("", parameters.get("phone-context", ""))
    return Spelling(
        digits=digits,
        with_zero=with_zero if with_zero != digits else "",
        extension=_SEPARATORS.sub("", extension),
        context=context if context.startswith("+") and _DIGITS.fullmatch(context) else "",
    )


def _digits(subscriber: str) -> str:
    """The digits without what separates them and the `#` that sends them; empty where anything else is there."""
    digits = _SEPARATORS.sub("", subscriber).removesuffix("#")
    return digits if _DIGITS.fullmatch(digits) else ""


def user_of(text: str) -> str:
    """The user of an address without its password and parameters, or the text itself; empty where it names nobody."""
    named = _address_in(text.strip())
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
            subscriber, semicolon, of_user = subscriber.partition(";")
            subscriber = subscriber.partition(":")[0] + semicolon + of_user
        case _:
            subscriber = text
    subscriber, *written = unquote(subscriber).split(";")
    parameters: dict[str, str] = {}
    for each in written:
        name, _, value = (part.strip() for part in each.partition("="))
        if name and _PARAMETER.fullmatch(name) is None:  # what is dialled after a pause, or a second number
            return "", {}
        parameters[name.lower()] = value
    return subscriber, parameters


def _address_in(text: str) -> str:
    """The address of a name and an address (RFC 3261 section 20.10), or the text itself."""
    found = _NAME_AND_ADDRESS.search(text)
    return found[1].strip() if found else text


def _plain(text: str) -> str:
    """Digits of any script, as phones of that script send them, and other signs in the form that all know."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.digit(each)) if each.isdigit() and not each.isascii() else each for each in plain)
