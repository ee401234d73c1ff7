"""What the tests of the Bitrix24 adapter share: the shared cases' driver, and events as forms."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from gateway.domain.connection import Connection
from gateway.domain.events import CallClicked, Ignored
from gateway.providers.base import CallRef, HangUp, Hook, ProviderResponse, Unknown
from gateway.providers.bitrix24.adapter import TOKEN, Bitrix24
from tests.providers.cases import Case, Driver, make_hook

NATIVE_ID = "5E316880469A6376.1773306964.8740011"
REGISTERED_ID = "externalCall.cf1649fa0f4479870b76a0686f4a7058.1773306964"
# Vector E.4 of the notes, byte for byte.
CALL_END = (
    b"event=ONVOXIMPLANTCALLEND&event_handler_id=1061&data%5BCALL_ID%5D=5E316880469A6376.1773306964.8740011"
    b"&data%5BCALL_TYPE%5D=1&data%5BPHONE_NUMBER%5D=%2B447700900123&data%5BPORTAL_NUMBER%5D=15550100001"
    b"&data%5BPORTAL_USER_ID%5D=12&data%5BCALL_DURATION%5D=95"
    b"&data%5BCALL_START_DATE%5D=2026-03-11T17%3A28%3A46%2B03%3A00&data%5BCOST%5D=0.0428"
    b"&data%5BCOST_CURRENCY%5D=USD&data%5BCALL_FAILED_CODE%5D=200&data%5BCALL_FAILED_REASON%5D="
    b"&data%5BCRM_ACTIVITY_ID%5D=7953&ts=1773239624&auth%5Bdomain%5D=portal.example.com"
    b"&auth%5Bserver_endpoint%5D=https%3A%2F%2Foauth.bitrix.info%2Frest%2F"
    b"&auth%5Bclient_endpoint%5D=https%3A%2F%2Fportal.example.com%2Frest%2F"
    b"&auth%5Bmember_id%5D=a223c6b9410f85df78e9377d6c4f7213&auth%5Bapplication_token%5D=TESTTOKEN"
)
CLICK = {
    "event": "ONEXTERNALCALLSTART",
    "data[PHONE_NUMBER]": "07700 900123",
    "data[PHONE_NUMBER_INTERNATIONAL]": "+447700900123",
    "data[EXTENSION]": "",
    "data[USER_ID]": "12",
    "data[LINE_NUMBER]": "15550100001",
    "data[IS_MOBILE]": "0",
    "data[CALL_ID]": REGISTERED_ID,
    "auth[domain]": "portal.example.com",
}
CLICKED = CallClicked(kind="ONEXTERNALCALLSTART", crm_call_id=REGISTERED_ID, crm_user_id="12", callee="+447700900123")


def event_hook(body: bytes | Mapping[str, str]) -> Hook:
    raw = body if isinstance(body, bytes) else urlencode(body).encode()
    return make_hook("/hooks/b24", raw, headers={"Content-Type": "application/x-www-form-urlencoded"})


def call_event(name: str, call_id: str = NATIVE_ID) -> dict[str, str]:
    return {"event": name, "data[CALL_ID]": call_id, "data[CALL_TYPE]": "1", "ts": "1773239624"}


class Bitrix24Driver(Driver):
    adapter = Bitrix24()
    connection = Connection(name="b24", kind="bitrix24", secrets=("new-token", "old-token"))
    # The proof is a field of the body, beside which anything may change.
    signs_body = False
    garbage = (*Driver.garbage, b"event", b"event=")
    calls = (CallRef(call_id=NATIVE_ID),)
    cuts = False
    hang_up_replies = ((ProviderResponse(status=200, body=b""), HangUp.FAILED),)
    fate_replies = ((ProviderResponse(status=200, body=b"{}"), Unknown()),)
    kit_names = ("connection b24", "ONEXTERNALCALLSTART", "rest_url")

    def sign(self, hook: Hook, secret: str, at: datetime | None = None) -> Hook:
        del at  # the token has no time
        fields = parse_qsl(hook.body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
        signed = [pair for pair in fields if pair[0] != TOKEN] + [(TOKEN, secret)]
        return replace(hook, body=urlencode(signed, encoding="latin-1").encode())

    def cases(self) -> Mapping[str, Case]:
        init, start, end = "ONVOXIMPLANTCALLINIT", "ONVOXIMPLANTCALLSTART", "ONVOXIMPLANTCALLEND"
        needed, event = ("event", "data[CALL_ID]"), ("event",)
        return {
            "init": Case(hook=event_hook(call_event(init)), event=Ignored(kind=init), required=event, texts=event),
            "start": Case(hook=event_hook(call_event(start)), event=Ignored(kind=start), required=event),
            "end": Case(hook=event_hook(CALL_END), event=Ignored(kind=end), required=event, texts=event),
            "echo": Case(
                hook=event_hook(call_event(end, REGISTERED_ID)), event=Ignored(kind=f"{end} of a registered call")
            ),
            "click": Case(
                hook=event_hook(CLICK),
                event=CLICKED,
                required=(*needed, "data[USER_ID]"),
                texts=(*needed, "data[USER_ID]", "data[PHONE_NUMBER_INTERNATIONAL]"),
            ),
        }

    def without(self, hook: Hook, field: str) -> Hook:
        return self._changed(hook, lambda fields: fields.pop(field))

    def with_text(self, hook: Hook, field: str, text: str) -> Hook:
        return self._changed(hook, lambda fields: fields.update({field: text}))

    def _changed(self, hook, change) -> Hook:
        fields = dict(parse_qsl(hook.body.decode(), keep_blank_values=True))
        change(fields)
        return replace(hook, body=urlencode(fields).encode())

    def unknown(self) -> tuple[Hook, ...]:
        return (
            event_hook({"event": "ONVOXIMPLANTCALLEND"}),
            event_hook({"event": "ONAPPTEST"}),
            event_hook({"event": "ONCRMDEALUPDATE", "data[FIELDS][ID]": "7"}),
        )
