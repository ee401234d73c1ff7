"""Which call somebody names: by our id, or by its connection and the provider's."""

from typing import Final

from gateway.domain.errors import NotFound
from gateway.postgres.calls import calls
from gateway.postgres.types import PgConnection

ID_MAX: Final = 2**63 - 1


async def find_call_id(conn: PgConnection, reference: str) -> int:
    """Our id of a call, which need not exist if it was given as such."""
    if reference.isascii() and reference.isdigit() and len(reference) <= len(str(ID_MAX)) and int(reference) <= ID_MAX:
        return int(reference)
    connection, _, provider_call_id = reference.partition(":")
    call_id = await calls.id_of_provider(conn, connection=connection, provider_call_id=provider_call_id)
    if call_id is None:
        raise NotFound(
            "there is no call {reference}; name it by its id or by CONNECTION:PROVIDER_ID", reference=reference
        )
    return call_id
