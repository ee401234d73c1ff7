"""The bodies of Vonage's webhooks, as its webhook reference has them (2026); with the SDKs for Java and .NET."""

from typing import Annotated

import msgspec

from gateway.providers.vonage.legs import CONVERSATION_ID, LEG_ID, LegFigures
from gateway.providers.wire.fields import PartyText, ShortText, UrlText

LegId = Annotated[str, msgspec.Meta(pattern=rf"^{LEG_ID}\Z")]
ConversationId = Annotated[str, msgspec.Meta(pattern=rf"^{CONVERSATION_ID}\Z")]


class NotificationKind(msgspec.Struct, frozen=True):
    """Which webhook it is: only events have a status, only a `notify` has a payload, only errors have no callee.

    What has none of these is a start, unless it says something that only other events do.
    """

    status: ShortText | None = None
    payload: object = None
    reason: object = None
    to: object = None
    type: object = None
    timestamp: object = None
    conversation_uuid_from: object = None
    recording_url: object = None
    dtmf: object = None
    speech: object = None

    @property
    def other(self) -> str | None:
        """The first field of an event that is no start, such as a transfer, a recording, or keys that were pressed."""
        names = ("conversation_uuid_from", "recording_url", "dtmf", "speech", "type", "timestamp")
        return next((f"event with {name}" for name in names if getattr(self, name) is not None), None)


class Custom(msgspec.Struct, frozen=True):
    to: PartyText | None = None
    line: PartyText | None = None


class VonageStart(msgspec.Struct, frozen=True, kw_only=True):
    uuid: LegId
    conversation_uuid: ConversationId
    to: PartyText | None = None
    from_: PartyText | None = msgspec.field(default=None, name="from")
    from_user: PartyText | None = None
    endpoint_type: ShortText | None = None
    region_url: UrlText | None = None
    custom_data: Custom | None = None
    x_line: PartyText | None = msgspec.field(default=None, name="SipHeader_X-Line")
    privacy: PartyText | None = msgspec.field(default=None, name="SipHeader_Privacy")
    x_privacy: PartyText | None = msgspec.field(default=None, name="SipHeader_X-Privacy")


class Forward(msgspec.Struct, frozen=True, kw_only=True):
    leg: ShortText | None = None
    conversation_uuid: ConversationId
    caller: PartyText
    callee: PartyText
    line: PartyText
    control_url: UrlText | None = None


class Notified(msgspec.Struct, frozen=True):
    payload: Forward


class LegEvent(LegFigures, frozen=True, kw_only=True):
    conversation_uuid: ConversationId
    timestamp: ShortText | None = None


class Error(msgspec.Struct, frozen=True):
    conversation_uuid: ConversationId | None = None


KIND = msgspec.json.Decoder(NotificationKind)
START = msgspec.json.Decoder(VonageStart)
NOTIFIED = msgspec.json.Decoder(Notified)
LEG = msgspec.json.Decoder(LegEvent)
ERROR = msgspec.json.Decoder(Error)
