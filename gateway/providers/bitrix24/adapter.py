"""Bitrix24: the events of a portal's telephony, and its CRM, in which an account's calls are registered.

Nothing is decided and nothing charged by an event. A portal tells of calls late, of each once and never again, proves
no more than that it knows the application's token, and tells of calls that we registered ourselves, as if they were new
(the echo). So the events of calls are read, counted and ignored: a call is one that another connection carries, and its
end and its charge come from there, whichever of the two tells first. Only ONEXTERNALCALLSTART says something that
nobody else knows: a user clicked a number, and the portal has registered that call already, so we must not.

Wire: a form with PHP's nested names, `data[CALL_ID]`; every value is text; a name that comes twice counts as PHP counts
it, the last. Repeats: none; what got no answer is gone. Sources: api-reference/events and api-reference/telephony of
the REST documentation (2026-08), the source of the portal's own module for the echo.
"""

from collections.abc import Mapping
from datetime import datetime

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Check, Connection, Option
from gateway.domain.errors import MalformedHook, ProviderFailed
from gateway.domain.events import CallClicked, Event, Ignored
from gateway.numbers.parties import read_number
from gateway.providers.base import (
    CallRef,
    CallStatus,
    HangUp,
    Hook,
    Outcome,
    ProviderRequest,
    ProviderResponse,
    Reply,
    Unknown,
)
from gateway.providers.bitrix24 import rest
from gateway.providers.crm import CrmCall, CrmReply, Tokens
from gateway.providers.wire import shapes
from gateway.providers.wire.forms import Form, read_pairs
from gateway.providers.wire.kit import fill_kit
from gateway.providers.wire.signing import require_match, wire

TOKEN = "auth[application_token]"  # noqa: S105 - a field's name
CALL_EVENTS = frozenset({"ONVOXIMPLANTCALLINIT", "ONVOXIMPLANTCALLSTART", "ONVOXIMPLANTCALLEND"})
CLICKED = "ONEXTERNALCALLSTART"
# Calls that an application registered; native ones are `<hex>.<unix time>.<number>`.
REGISTERED = "externalCall."


# What belongs together: what calls are registered by, and the application that does it.
_CRM = ("account", "rest_url", "user_id")
_APPLICATION = ("client_id", "client_secret", "refresh_token", *_CRM)


class Bitrix24:
    name = "bitrix24"
    options: Mapping[str, Option] = {
        "account": Option(
            shapes.whole_number, "Whose calls are registered in the CRM; without it none are.", needs=_CRM
        ),
        "rest_url": Option(
            shapes.base_url,
            "`https://<portal>/rest/`, or an incoming webhook, `https://<portal>/rest/<user>/<secret>/`.",
            needs=_CRM,
        ),
        "user_id": Option(shapes.whole_number, "The portal's user whose calls they are.", needs=_CRM),
        "client_id": Option(
            shapes.token, "The application; without one the URL is the permission.", needs=_APPLICATION
        ),
        "client_secret": Option(shapes.token, "The application's secret.", needs=_APPLICATION),
        "refresh_token": Option(shapes.token, "The token that it got when it was installed.", needs=_APPLICATION),
        "oauth_url": Option(shapes.http_url, "Another address for tokens, for tests.", needs=_APPLICATION),
    }
    secrets: Mapping[str, Check] = {"signature": shapes.token}
    decision_type = "application/json"
    can_withhold = False

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        """The application's token is all the proof there is: nothing is signed, and nothing has a time."""
        given = wire(_fields(hook).get(TOKEN, ""))
        secrets = [secret for secret in connection.secrets if secret]
        require_match([given], secrets, lambda secret: secret.encode())

    def parse(self, hook: Hook, connection: Connection) -> Event:
        fields = _fields(hook)
        form = Form(tuple(fields.items()))
        event = form.require("event").upper()
        if event in CALL_EVENTS:
            is_registered = fields.get("data[CALL_ID]", "").startswith(REGISTERED)
            return Ignored(kind=f"{event} of a registered call" if is_registered else event)
        if event != CLICKED:
            return Ignored(kind=event)
        user_id = form.require("data[USER_ID]")
        if not (user_id.isascii() and user_id.isdigit()):
            raise MalformedHook("`data[USER_ID]` is not a number", "data[USER_ID]")
        return CallClicked(
            kind=event,
            crm_call_id=form.require_id("data[CALL_ID]"),
            crm_user_id=user_id,
            callee=read_number(form.get("data[PHONE_NUMBER_INTERNATIONAL]") or form.require("data[PHONE_NUMBER]")),
        )

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        """Nobody reads it."""
        return Reply()

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        return False

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        raise ProviderFailed("Bitrix24 carries no calls of ours")

    def read_hang_up(self, response: ProviderResponse) -> HangUp:
        return HangUp.FAILED

    def ask_status(self, connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
        return None

    def read_status(self, response: ProviderResponse, call: CallRef) -> CallStatus:
        return Unknown()

    def kit(self, connection: Connection, *, public_url: str) -> str:
        values = {"name": connection.name, "hook_url": f"{public_url}/hooks/{connection.name}"}
        return fill_kit(__package__, "kit.txt", values)

    # As a CRM.

    def account_of(self, connection: Connection) -> int | None:
        account = connection.options.get("account")
        return None if account is None else int(account)

    def first_refresh(self, connection: Connection) -> str | None:
        return connection.options.get("refresh_token")

    def ask_tokens(self, connection: Connection, refresh: str) -> ProviderRequest:
        return rest.ask_tokens(connection, refresh)

    def read_tokens(self, response: ProviderResponse, refresh: str) -> Tokens:
        return rest.read_tokens(response, refresh)

    def register(self, connection: Connection, call: CrmCall, access: str) -> ProviderRequest:
        return rest.request(connection, "telephony.externalCall.register", rest.registration(connection, call), access)

    def finish(self, connection: Connection, call: CrmCall, access: str) -> ProviderRequest:
        return rest.request(connection, "telephony.externalCall.finish", rest.closing(connection, call), access)

    def look_up(self, connection: Connection, call: CrmCall, access: str) -> ProviderRequest:
        return rest.request(connection, "voximplant.statistic.get", {"FILTER": {"CALL_ID": call.crm_call_id}}, access)

    def read_register(self, response: ProviderResponse) -> CrmReply:
        return rest.read_register(response)

    def read_finish(self, response: ProviderResponse) -> CrmReply:
        return rest.read_finish(response)

    def read_look_up(self, response: ProviderResponse) -> CrmReply:
        return rest.read_look_up(response)


def _fields(hook: Hook) -> dict[str, str]:
    """The fields by their whole names. Nesting is not followed, so none is too deep."""
    return dict(read_pairs(hook.body))
