"""Harmonised numbers of social value: 116 and three digits, the same in all of the EU, and free for who calls (R40).

Source: Commission Decision 2007/116/EC of 15 February 2007, whose article 2 reserves the range "116" in all member
states, and whose annex lists the numbers and that they are freephone (116000 missing children, 116006 victims of crime,
116111 children, 116117 doctors on call, 116123 emotional support); 116016, violence against women, was added in 2022.
The member states are those of european-union.europa.eu, "EU countries", as of 2026.
"""

import re
from typing import Final

EU_COUNTRIES: Final = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
        *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    }
)
HARMONISED_EXAMPLE: Final = "116000"
_HARMONISED = re.compile(r"116[0-9]{3}")


def is_harmonised(digits: str, country: str) -> bool:
    """Whether digits that are dialled in a country are such a number there."""
    return country in EU_COUNTRIES and _HARMONISED.fullmatch(digits) is not None
