"""Vonage's Voice API: ending a call and asking for its status.

Sources: vonage-voice 1.5.1 and `voice.yml` of the API specification; the webhook reference on `region_url`. A call is
known in its own region only, so what is asked goes there: a call's control URL is `<region_url>/v1/calls/<uuid>`. The
connected leg has an id of its own, which nobody knows here until it is answered, and nobody needs.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlencode

import msgspec

from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook, ProviderFailed
from gateway.domain.events import CallEnded, Cause
from gateway.providers.base import CallRef, CallStatus, HangUp, Live, ProviderRequest, ProviderResponse, Unknown
from gateway.providers.vonage.legs import CAUSES, CONVERSATION_ID, LEG_ID, LegFigures, ended, instant
from gateway.providers.wire.callbacks import FORWARD_SUFFIX
from gateway.providers.wire.fields import ShortText, decode
from gateway.providers.wire.rsa_tokens import rsa_token

API_URL = "https://api.nexmo.com"
TOKEN_LIFE = timedelta(minutes=5)
CLOCK_SLACK = timedelta(seconds=5)
PAGE_SIZE = 100
# How long after the end of the first leg the list of legs may still lag behind; documented nowhere.
LIST_LAG_MAX = timedelta(minutes=15)
_LIVE = frozenset({"started", "ringing", "answered", "human", "machine"})
# We send our token there, so nothing but Vonage's own hosts will do, whatever a webhook says (SSRF).
_REGION_URL = re.compile(r"https://[a-z0-9-]{1,63}\.(?:vonage|nexmo)\.com", re.ASCII)
_CALL_PATH = re.compile(rf"/v1/calls/{LEG_ID}", re.ASCII)
_CALL_ID = re.compile(rf"({CONVERSATION_ID})(?:{FORWARD_SUFFIX})?", re.ASCII)


class _Embedded(msgspec.Struct, frozen=True):
    calls: list[LegFigures]


class _List(msgspec.Struct, frozen=True):
    embedded: _Embedded = msgspec.field(name="_embedded")


class _Refusal(msgspec.Struct, frozen=True):
    """Vonage's error, in its own form or in that of RFC 7807."""

    type: ShortText
    error_title: ShortText = ""
    title: ShortText = ""


class _Rest(msgspec.Struct, frozen=True):
    """The first leg, or the legs that are known elsewhere."""

    embedded: _Embedded | None = msgspec.field(name="_embedded", default=None)
    status: ShortText | None = None
    end_time: ShortText | None = None


_LIST = msgspec.json.Decoder(_List)
_REST = msgspec.json.Decoder(_Rest)
_REFUSAL = msgspec.json.Decoder(_Refusal)


def control_url(connection: Connection, region_url: str | None, uuid: str) -> str:
    """Where a leg is asked for; a region that is none of Vonage's is not believed."""
    is_known = region_url is not None and _REGION_URL.fullmatch(region_url) is not None
    return f"{_api_url(connection) or (region_url if is_known else API_URL)}/v1/calls/{uuid}"


def is_control_url(connection: Connection, url: str | None) -> bool:
    """Whether we may send our token there."""
    if url is None:
        return False
    region, slash, path = url.partition("/v1/")
    is_ours = region == _api_url(connection) or _REGION_URL.fullmatch(region) is not None
    return is_ours and _CALL_PATH.fullmatch(slash + path) is not None


def can_cut(connection: Connection, call: CallRef) -> bool:
    return bool(connection.options.get("private_key")) and is_control_url(connection, call.control_url)


def hang_up(connection: Connection, call: CallRef, now: datetime) -> ProviderRequest:
    """End the first leg. The connected one ends with it, as it does whenever a caller hangs up."""
    if call.control_url is None or not can_cut(connection, call):
        raise ProviderFailed(f"connection {connection.name} has no private key, or the call no address at Vonage")
    return _hang_up_at(call.control_url, _proof(connection, call, "hangup", now))


def hang_up_elsewhere(
    connection: Connection, call: CallRef, response: ProviderResponse, now: datetime
) -> ProviderRequest | None:
    """What its region does not know may live elsewhere, and is ended at the API's general address."""
    elsewhere = control_url(connection, None, (call.control_url or "").rpartition("/")[2])
    if response.status != 404 or elsewhere == call.control_url:
        return None
    return _hang_up_at(elsewhere, _proof(connection, call, "hangup elsewhere", now))


def read_hang_up(response: ProviderResponse) -> HangUp:
    """204; an ended call is answered with 404 and Vonage's error, and so is one of another region."""
    if 200 <= response.status < 300:
        return HangUp.TAKEN
    return HangUp.GONE if _says_gone(response) else HangUp.FAILED


def ask_status(connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
    """Ask for the legs of the conversation; without the call's own address, at the API's general one."""
    match = _CALL_ID.fullmatch(call.call_id)
    if match is None or not connection.options.get("private_key"):
        return None
    address = call.control_url if is_control_url(connection, call.control_url) else None
    return _ask_legs(address or control_url(connection, None, "-"), match[1], _proof(connection, call, "fate", now))


def ask_rest(connection: Connection, call: CallRef, now: datetime) -> Sequence[ProviderRequest]:
    """Ask for legs that its region does not know, at the API's general address, then for the first leg.

    In this order, as the first leg closes a call that has no other.
    """
    url, elsewhere = call.control_url, control_url(connection, None, "-")
    if url is None or not is_control_url(connection, url):
        return ()
    first_leg = ProviderRequest(method="GET", url=url, headers=_proof(connection, call, "first leg", now))
    if url.rpartition("/")[0] == elsewhere.rpartition("/")[0]:
        return (first_leg,)
    proof = _proof(connection, call, "fate elsewhere", now)
    return _ask_legs(elsewhere, call.call_id.removesuffix(FORWARD_SUFFIX), proof), first_leg


def read_rest(response: ProviderResponse, call: CallRef, now: datetime) -> CallStatus:
    """The status of a call with no connected leg on the list, by its first one: nobody talked, so it costs nothing.

    It may have had a leg that the list does not know yet, so it must be over for a while; where an answer was reported,
    there was one, and the list will know it.
    """
    if _says_gone(response):
        return Unknown()
    if response.status != 200:
        raise ProviderFailed(f"the first leg was answered with {response.status}")
    try:
        leg = decode(_REST, response.body)
        if leg.embedded is not None:
            return read_status(response, call)
        ended_at = instant(leg.end_time, "end_time")
    except MalformedHook as error:
        raise ProviderFailed(f"the first leg cannot be read: {error}") from error
    if leg.status in _LIVE:
        return Live()
    cause = CAUSES.get(leg.status or "")
    if cause is None:
        raise ProviderFailed(f"the first leg's `status` {leg.status!r} is unknown")
    if call.answered_at is not None or ended_at is None or now - ended_at < LIST_LAG_MAX:
        return Unknown()
    cause = Cause.FAILED if cause is Cause.NORMAL else cause
    return CallEnded(call_id=call.call_id, cause=cause, ended_at=ended_at, seconds=0)


def read_status(response: ProviderResponse, call: CallRef) -> CallStatus:
    """The status of the connected leg; of several the longest, though we never connect more than one.

    Legs of other conversations are left out, should the filter not have been obeyed. No leg is no proof that there
    was none: the list may lag behind the call, so the first leg is asked for.
    """
    if _says_gone(response):
        return Unknown()
    if response.status != 200:
        raise ProviderFailed(f"the list of calls was answered with {response.status}")
    conversation = call.call_id.removesuffix(FORWARD_SUFFIX)
    try:
        listed = decode(_LIST, response.body).embedded.calls
        legs = [leg for leg in listed if leg.conversation_uuid == conversation and leg.direction == "outbound"]
        if any(leg.status in _LIVE for leg in legs):
            return Live()
        ends = [ended(leg, call.call_id) for leg in legs]
    except MalformedHook as error:
        raise ProviderFailed(f"the list of calls cannot be read: {error}") from error
    return max(ends, key=lambda end: end.seconds or 0, default=Unknown())


def _says_gone(response: ProviderResponse) -> bool:
    """Whether Vonage's own error says that it knows no such call; a bare 404 may be a proxy's."""
    if response.status != 404:
        return False
    try:
        refusal = decode(_REFUSAL, response.body)
    except MalformedHook:
        return False
    return bool(refusal.type and (refusal.error_title or refusal.title))


def _ask_legs(url: str, conversation: str, proof: Mapping[str, str]) -> ProviderRequest:
    """The question for the legs of a conversation, where the API of this leg is."""
    query = urlencode({"conversation_uuid": conversation, "page_size": str(PAGE_SIZE)})
    return ProviderRequest(method="GET", url=f"{url.rpartition('/')[0]}?{query}", headers=proof)


def _hang_up_at(url: str, proof: Mapping[str, str]) -> ProviderRequest:
    headers = {**proof, "Content-Type": "application/json"}
    return ProviderRequest(method="PUT", url=url, headers=headers, body=b'{"action":"hangup"}')


def _api_url(connection: Connection) -> str | None:
    """Where the API is, if the connection says that it is elsewhere."""
    return connection.options.get("api_url")


def _proof(connection: Connection, call: CallRef, what: str, now: datetime) -> dict[str, str]:
    """An application's JWT; its id must differ from those before, and is made of what it is for."""
    options = connection.options
    token_id = sha256(f"{what}:{call.call_id}:{now.isoformat()}".encode()).hexdigest()[:32]
    claims = {
        "application_id": options["application_id"],
        "iat": int((now - CLOCK_SLACK).timestamp()),
        "exp": int((now + TOKEN_LIFE).timestamp()),
        "jti": token_id,
    }
    return {"Authorization": f"Bearer {rsa_token(claims, options['private_key'])}"}
