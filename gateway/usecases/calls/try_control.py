"""Try the control URL of a connection: a question about a call that its server cannot know."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.domain.connection import Connection
from gateway.domain.errors import ProviderFailed
from gateway.providers.base import CallRef, Live, ProviderRequest, ProviderResponse, Unknown
from gateway.providers.registry import adapters, scripts
from gateway.providers.rehearsal import Rehearsal
from gateway.providers.wire.control import NOT_ASKED

Ask = Callable[[ProviderRequest], Awaitable[ProviderResponse]]

# As much of a wrong answer as is shown.
SHOWN_MAX: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTried:
    """`is_right`: it said that it knows no such call, in words that only the connection's own server has."""

    is_right: bool
    status: int | None
    says: str


async def try_control(connection: Connection, *, call_id: str, now: datetime, ask: Ask) -> ControlTried | None:
    """Ask what became of a call that was only rehearsed; None where the connection has no control URL."""
    adapter = adapters()[connection.kind]
    if connection.control_url is None:
        return None
    call = CallRef(call_id=call_id)
    request = adapter.ask_status(connection, call, now)
    if request is None:
        return None
    try:
        response = await ask(request)
    except ProviderFailed as error:
        return ControlTried(is_right=False, status=None, says=f"it does not answer: {error}")
    try:
        status = adapter.read_status(response, call)
    except ProviderFailed as error:
        return _wrong(response, str(error))
    if isinstance(status, Unknown) and response.status not in NOT_ASKED:
        return ControlTried(is_right=True, status=response.status, says="it knows no such call, as it should")
    if isinstance(status, Unknown):
        return _wrong(response, "it takes no questions, or is not the right address")
    if isinstance(status, Live):
        return _wrong(response, "it says that a call is up that was never made")
    return _wrong(response, "it says how a call ended that was never made")


async def try_control_of_none(connection: Connection, *, token: str, now: datetime, ask: Ask) -> ControlTried | None:
    """Ask what became of a call that was never made; `token` is 12 hexadecimal digits of it."""
    if connection.control_url is None:
        return None
    never_made = Rehearsal(connection=connection, public_url="", line="", callee="", seconds=0, token=token, now=now)
    call_id = scripts()[connection.kind].call_id(never_made)
    return await try_control(connection, call_id=call_id, now=now, ask=ask)


def _wrong(response: ProviderResponse, why: str) -> ControlTried:
    came = " ".join(response.body.decode(errors="replace").split())[:SHOWN_MAX]
    said = f"{why}; what came was {response.status} {came or '(empty)'}"
    return ControlTried(
        is_right=False,
        status=response.status,
        says=f"{said}. Until it says that it knows no such call, a hang-up is not believed either",
    )
