"""How a rate's prefix is shown."""

from typing import Final

from gateway.usecases.rates.import_deck import ChangedRow
from gateway.usecases.rates.search import FoundRate

CALLERS_SHOWN: Final = 3


def shown_prefix(row: ChangedRow | FoundRate) -> str:
    """The callee's prefix, with the callers that it is for where that is not all of them."""
    callers = row.caller_prefixes.split()
    if not callers:
        return row.prefix
    more = f" and {len(callers) - CALLERS_SHOWN} more" if len(callers) > CALLERS_SHOWN else ""
    return f"{row.prefix} from {', '.join(callers[:CALLERS_SHOWN])}{more}"
