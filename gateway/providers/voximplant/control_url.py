"""The addresses of sessions, to which commands are posted."""

import re

# The session's own address, `https://www-XX-NN-NNN.voximplant.com:12093/request/<session>/<token>`. It comes from a
# webhook body and we post to it, so nothing but Voximplant's own hosts will do (SSRF): no other scheme, no user, no
# address literal, no character that two readers of URLs could take differently. Whoever knows it can end the call.
_CONTROL_URL = re.compile(
    r"https://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*voximplant\.com(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?:/[A-Za-z0-9._~/%?=&+-]*)?",
    re.ASCII,
)
_PORT_MAX = 65_535


def is_control_url(url: str | None) -> bool:
    """Whether we may post to this address."""
    match = _CONTROL_URL.fullmatch(url) if url is not None else None
    return match is not None and int(match["port"] or 443) <= _PORT_MAX
