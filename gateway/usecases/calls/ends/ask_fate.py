"""What a provider knows of a call, where it can be asked (R22)."""

from gateway.context import Context
from gateway.domain.errors import ProviderFailed
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.providers.abilities import StatusInParts
from gateway.providers.base import CallRef, CallStatus, Unknown


async def ask_fate(context: Context, *, connection: str, call_id: int, ref: CallRef) -> CallStatus | None:
    """What became of a call; None where the provider cannot be asked, Unknown where it fails to say."""
    try:
        asked = await _ask(context, connection, ref)
    except ProviderFailed as error:
        logger().warning(LogEvent.PROVIDER_FAILED, connection=connection, call_id=call_id, why=str(error))
        asked = Unknown()
    fate = type(asked or Unknown()).__name__.lower()
    logger().info(LogEvent.CALL_FATE_ASKED, call_id=call_id, fate=fate)
    context.metrics.statuses.labels(fate).inc()
    return asked


async def _ask(context: Context, connection_name: str, ref: CallRef) -> CallStatus | None:
    connection = context.settings.connections.get(connection_name)
    if connection is None:
        return None
    adapter = context.adapters[connection.kind]
    now = context.clock.now()
    request = adapter.ask_status(connection, ref, now)
    if request is None:
        return None
    status = adapter.read_status(await context.provider_client.send(connection_name, request), ref)
    if isinstance(adapter, StatusInParts) and isinstance(status, Unknown):
        for rest in adapter.ask_rest(connection, ref, now):
            status = adapter.read_rest(await context.provider_client.send(connection_name, rest), ref, now)
            if not isinstance(status, Unknown):
                break
    return status
