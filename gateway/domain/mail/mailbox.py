"""E-mail addresses, as far as their shape tells; whether one exists, its first mail shows."""

import re

# RFC 5321 allows more (quoted local parts, addresses of hosts without a dot); people who type those made a mistake.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]*[A-Za-z][A-Za-z0-9-]*"
)
ADDRESS_LENGTH_MAX = 254


def is_address(text: str) -> bool:
    """`somebody@example.com`, without a display name."""
    return len(text) <= ADDRESS_LENGTH_MAX and _ADDRESS.fullmatch(text) is not None
