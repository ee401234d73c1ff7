"""Form fields and query parameters, for the providers that post forms."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from gateway.domain.errors import MalformedHook
from gateway.providers.wire.fields import UNSEEN

# As long as the address of a called phone may be, with its domain, port and parameters. How many fields there are is
# limited by the size of the body alone: FreeSWITCH sends 172 about a plain call, FusionPBX more.
TEXT_MAX = 1024
# Control characters, and bytes that were no UTF-8 (see read_pairs).
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_UNSEEN = re.compile(f"[{UNSEEN}]")


def read_pairs(encoded: bytes) -> list[tuple[str, str]]:
    """Decode `application/x-www-form-urlencoded`, blank values kept, bytes that are no UTF-8 as lone surrogates."""
    return parse_qsl(encoded.decode("utf-8", "surrogateescape"), keep_blank_values=True, errors="surrogateescape")


def query_of(url: str) -> bytes:
    """The query of a URL as it was sent."""
    try:
        return urlsplit(url).query.encode("utf-8", "surrogateescape")
    except ValueError as error:
        raise MalformedHook("the URL cannot be read") from error


def with_query(url: str, parameters: Mapping[str, str]) -> str:
    """A URL with parameters, so that every signer agrees on it.

    Everything but letters, digits and `_.-~` is escaped. The names are in order: whoever sorts them changes nothing.
    """
    return f"{url}?{urlencode(sorted(parameters.items()), quote_via=quote, safe='')}"


class Form:
    """Fields by name. What is asked for must be printable and said once; what is not asked for may be anything."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._pairs = pairs
        self._values: dict[str, str] = {}
        self._repeated: set[str] = set()
        for name, value in pairs:
            if self._values.setdefault(name, value) != value:
                self._repeated.add(name)

    def get(self, name: str) -> str | None:
        """A field's text, or None where it is missing."""
        value = self._values.get(name)
        if value is None:
            return None
        if name in self._repeated:
            raise MalformedHook(f"`{name}` is there twice", name)
        if len(value) > TEXT_MAX:
            raise MalformedHook(f"`{name}` is longer than {TEXT_MAX} characters", name)
        if _UNPRINTABLE.search(value):
            raise MalformedHook(f"`{name}` has control characters", name)
        return value

    def has(self, *names: str) -> bool:
        """Whether any of these fields came, whatever it says."""
        return not self._values.keys().isdisjoint(names)

    def without(self, *names: str) -> "Form":
        """The form as if these fields had not come."""
        return Form([pair for pair in self._pairs if pair[0] not in names])

    def require_id(self, name: str) -> str:
        """The same of an id, in which nothing may be unseen: two must not look like one."""
        value = self.require(name)
        if _UNSEEN.search(value):
            raise MalformedHook(f"`{name}` has characters that nobody sees", name)
        return value

    def require(self, name: str) -> str:
        """A field's text, which must not be missing or blank."""
        value = self.get(name)
        if not value:
            raise MalformedHook(f"`{name}` is missing", name)
        return value
