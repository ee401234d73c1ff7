"""What is secret, taken out of the text of a webhook or of a reply; numbers stay as they are.

A provider may name a secret as it likes. So what has the name of one goes, in JSON, in forms and in XML; what looks
like one; and whatever is a secret of the connection itself, spelled as it may stand in any of them.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import quote, quote_plus

GONE: Final = "[secret]"
# Shorter ones would be found in words.
_SECRET_LENGTH_MIN: Final = 6
_WORDS: Final = (
    r"(?:secret|token|passw|pwd|passphrase|signature|credential|authorization|api[_-]?key|private[_-]?key|cookie|jwt"
    r"|hash)"
)
_HAS_WORD: Final = re.compile(_WORDS, re.IGNORECASE)
# No longer than names are, and behind what a name can stand behind: strangers send bodies too, and none is much work.
_AROUND: Final = r"[\w.\-\[\]%]{0,40}"
_NAME: Final = _AROUND + _WORDS + _AROUND
_IN_JSON: Final = re.compile(rf'("{_NAME}"\s*:\s*)(?:"(?:[^"\\]|\\.)*(?:"|\\?$)|[^\s",{{}}\[\]]+)', re.IGNORECASE)
_IN_FORM: Final = re.compile(rf"((?:^|[&?;\s])(?:amp;)?{_NAME}=)[^&\s\"'<>]+", re.IGNORECASE)
_IN_ATTRIBUTE: Final = re.compile(rf"(\s{_NAME}\s*=\s*)(\"[^\"]*\"?|'[^']*'?)", re.IGNORECASE)
_IN_ELEMENT: Final = re.compile(rf"(<{_NAME}(?:\s[^<>]*)?>)[^<]*", re.IGNORECASE)
_IN_MULTIPART: Final = re.compile(rf'(name="{_NAME}"[^\r\n]*(?:\r?\n[^\r\n]+){{0,3}}\r?\n\r?\n)[^\r\n]*', re.IGNORECASE)
_BEHIND_NAMES: Final = (_IN_JSON, _IN_FORM, _IN_ATTRIBUTE, _IN_ELEMENT, _IN_MULTIPART)
_LOOKS_SECRET: Final = re.compile(
    r"(?:(?<![\w-])eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"  # a JWT
    r"|(?<![\w+/=-])(?:whsec|gw_[osar])_[\w+/=-]{8,}"
    r"|(?<=Bearer )[\w.~+/=-]{8,}|(?<=Basic )[\w+/=]{8,}"
    r"|(?<=://)[^/\s:@\"']+:[^/\s@\"']+(?=@))"
)


def redact(text: str, *, secrets: Sequence[str] = ()) -> str:
    """The text without what is secret."""
    if not text:
        return text
    for secret in secrets:
        for spelled in _spellings(secret):
            text = text.replace(spelled, GONE)
    if _HAS_WORD.search(text):
        for pattern in _BEHIND_NAMES:
            text = pattern.sub(_hidden, text)
    return _LOOKS_SECRET.sub(GONE, text)


def is_name_of_secret(name: str) -> bool:
    """Whether what has this name in a configuration is secret."""
    return name.rpartition("_")[2] in ("key", "password", "salt", "secret", "token")


def _hidden(found: re.Match[str]) -> str:
    """The name stays, and the quotes that its value had."""
    value = found[0][len(found[1]) :]
    quote_mark = value[:1] if value[:1] in ('"', "'") else ""
    if not quote_mark and found.re is _IN_JSON:
        quote_mark = '"'
    return f"{found[1]}{quote_mark}{GONE}{quote_mark}"


@lru_cache(maxsize=256)
def _spellings(secret: str) -> tuple[str, ...]:
    """As it stands, and as it stands in a form or an address; the longest first."""
    if len(secret) < _SECRET_LENGTH_MIN:
        return ()
    return tuple(sorted({secret, quote(secret, safe=""), quote_plus(secret)}, key=len, reverse=True))
