"""Settings that connections of several kinds have, each with one meaning."""

from typing import Final

from gateway.domain.connection import Option
from gateway.providers.wire import shapes

DEFAULT_LINE: Final = Option(shapes.text, "The line of calls that name none.")
TEST_API_URL: Final = Option(shapes.base_url, "Another address of the provider's API, for tests.")


def inbound_to(*schemes: str, is_required: bool = False) -> Option:
    """Where incoming calls go: an address of SIP, of one of the provider's own schemes, or a number."""
    meaning = "Where a call to one of your numbers is connected; a number is call forwarding."
    return Option(shapes.inbound_to(*schemes), meaning, is_required=is_required)
