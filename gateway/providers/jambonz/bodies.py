"""The body of jambonz's webhooks (`call-info.js` of jambonz-feature-server @389c65e2)."""

from typing import Annotated

import msgspec

from gateway.providers.jambonz.rest import SID
from gateway.providers.wire.fields import PartyText, Seconds, ShortText
from gateway.providers.wire.forms import Form

Sid = Annotated[str, msgspec.Meta(pattern=rf"^{SID}\Z")]


class Invite(msgspec.Struct, frozen=True):
    headers: dict[str, object] = {}


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """All webhooks are about a leg and say the same of it; which one it is, is in the URL and in what else it says."""

    call_sid: Sid
    direction: ShortText
    call_status: ShortText
    application_sid: ShortText | None = None
    parent_call_sid: Sid | None = None
    sip_status: int | None = None
    duration: Seconds | None = None
    dial_call_status: ShortText | None = None
    dial_sip_status: int | None = None
    customer_data: object = msgspec.field(default=None, name="customerData")
    sip: Invite | None = None

    @property
    def tag(self) -> Form:
        """What we told jambonz of the call, if it was us who tagged it."""
        data = self.customer_data if isinstance(self.customer_data, dict) else {}
        return Form([(name, value) for name, value in data.items() if isinstance(value, str)])


class Dialled(msgspec.Struct, frozen=True):
    """What else a start says: who calls whom, and the carrier that brought the call."""

    from_: PartyText | None = msgspec.field(default=None, name="from")
    to: PartyText | None = None
    originating_sip_trunk_name: ShortText | None = None


BODY = msgspec.json.Decoder(Body)
DIALLED = msgspec.json.Decoder(Dialled)
