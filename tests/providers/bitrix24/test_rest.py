"""Bitrix24's REST: what is sent of a call, in which words, and what each answer means."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.domain.calls.call import CallState
from gateway.domain.calls.refusals import REFUSALS
from gateway.domain.connection import Connection
from gateway.domain.errors import ProviderFailed
from gateway.domain.events import Cause, Direction
from gateway.providers.base import ProviderRequest, ProviderResponse
from gateway.providers.bitrix24.adapter import Bitrix24
from gateway.providers.bitrix24.rest import result_code
from gateway.providers.crm import Crm, CrmCall, CrmReply, Tokens, Verdict

B24 = Bitrix24()
OAUTH = {"client_id": "local.1", "client_secret": "s3cret", "refresh_token": "first"}
CONNECTION = Connection(
    name="b24",
    kind="bitrix24",
    options={"account": "7", "rest_url": "https://acme.bitrix24.com/rest", "user_id": "12"},
)
CALL = CrmCall(
    id=42,
    direction=Direction.OUTBOUND,
    caller="alice",
    callee="+447700900123",
    line="+15550100001",
    state=CallState.OPEN,
    started_at=datetime(2026, 3, 11, 14, 28, 46, 123_000, tzinfo=UTC),
    reason=None,
    record_code=200,
    seconds=0,
    cause=None,
    charge=None,
    currency="USD",
    crm_call_id=None,
    crm_user_id=None,
)
ENDED = replace(
    CALL,
    state=CallState.ENDED,
    seconds=95,
    cause=Cause.NORMAL,
    charge=Decimal("0.042750"),
    crm_call_id="externalCall.1.2",
    crm_user_id="33",
)
NOT_FOUND = (
    b'{"error":"ERROR_CORE","error_description":"Call is not found (call should be registered prior to finishing)"}'
)


def said(request: ProviderRequest) -> dict[str, object]:
    assert (request.method, request.headers) == ("POST", {"Content-Type": "application/json"})
    body: dict[str, object] = json.loads(request.body)
    return {"url": request.url} | body


def response(status: int, code: str = "", description: str = "") -> ProviderResponse:
    body = json.dumps({"error": code, "error_description": description}).encode() if code else b"<html>"
    return ProviderResponse(status=status, body=body)


def test_it_is_a_crm():
    assert isinstance(B24, Crm)


def test_a_live_call_is_registered_with_its_card_and_our_id():
    assert said(B24.register(CONNECTION, CALL, "token")) == {
        "url": "https://acme.bitrix24.com/rest/telephony.externalCall.register",
        "auth": "token",
        "USER_ID": 12,
        "PHONE_NUMBER": "+447700900123",
        "TYPE": 1,
        "CALL_START_DATE": "2026-03-11T14:28:46+00:00",
        "SHOW": 1,
        "LINE_NUMBER": "+15550100001",
        "EXTERNAL_CALL_ID": "gateway-42",
    }


def test_an_incoming_call_is_registered_by_who_calls():
    call = replace(CALL, direction=Direction.INBOUND, caller="+442079460000", callee="+15550100001")
    sent = said(B24.register(CONNECTION, call, ""))

    assert (sent["TYPE"], sent["PHONE_NUMBER"]) == (2, "+442079460000")
    assert "auth" not in sent, "the URL of an incoming webhook is the permission"


def test_a_refused_call_opens_no_card():
    refused = replace(CALL, state=CallState.REFUSED, record_code=402, reason="no_money")

    assert said(B24.register(CONNECTION, refused, ""))["SHOW"] == 0


def test_an_end_is_told_with_its_cost_to_four_places():
    assert said(B24.finish(CONNECTION, ENDED, "token")) == {
        "url": "https://acme.bitrix24.com/rest/telephony.externalCall.finish",
        "auth": "token",
        "CALL_ID": "externalCall.1.2",
        "USER_ID": 33,
        "DURATION": 95,
        "COST": 0.0428,
        "COST_CURRENCY": "USD",
        "STATUS_CODE": "200",
        "FAILED_REASON": "",
    }
    assert b'"COST":0.0428' in B24.finish(CONNECTION, ENDED, "").body, "half up, and no float in between"


def test_a_refused_call_ends_with_its_code_and_reason():
    refused = replace(ENDED, state=CallState.REFUSED, record_code=402, reason="no_money", seconds=0, charge=None)
    sent = said(B24.finish(CONNECTION, refused, ""))

    assert (sent["STATUS_CODE"], sent["FAILED_REASON"], sent["DURATION"], sent["COST"]) == ("402", "no_money", 0, 0)


def test_the_statistics_are_asked_for_the_call():
    sent = said(B24.look_up(CONNECTION, ENDED, ""))

    assert sent == {
        "url": "https://acme.bitrix24.com/rest/voximplant.statistic.get",
        "FILTER": {"CALL_ID": "externalCall.1.2"},
    }


@pytest.mark.parametrize(
    ("cause", "seconds", "outbound", "inbound"),
    [
        (Cause.NORMAL, 1, "200", "200"),
        (Cause.LIMIT, 3600, "200", "200"),
        (Cause.FAILED, 5, "200", "200"),
        (Cause.NORMAL, 0, "304", "304"),
        (None, 0, "304", "304"),
        (Cause.BUSY, 0, "486", "486"),
        (Cause.NO_ANSWER, 0, "480", "304"),
        (Cause.CANCELLED, 0, "603-S", "603-S"),
        (Cause.REJECTED, 0, "603", "603"),
        (Cause.FAILED, 0, "503", "304"),
    ],
)
def test_the_result_code_follows_from_what_we_know(cause, seconds, outbound, inbound):
    call = replace(ENDED, cause=cause, seconds=seconds)

    assert result_code(call) == outbound
    assert result_code(replace(call, direction=Direction.INBOUND)) == inbound


def test_every_refusal_has_a_code_of_the_crm():
    refused = replace(ENDED, state=CallState.REFUSED, seconds=0)
    codes = {codes.record: result_code(replace(refused, record_code=codes.record)) for codes in REFUSALS.values()}

    assert codes == {402: "402", 403: "403", 404: "404", 433: "403", 486: "486", 487: "603-S", 503: "503"}
    assert result_code(replace(refused, record_code=500)) == "OTHER"


def test_a_registered_call_has_the_crms_id():
    reply = b'{"result":{"CALL_ID":"externalCall.1.2","CRM_CREATED_LEAD":null},"time":{"start":1.5}}'

    assert B24.read_register(ProviderResponse(status=200, body=reply)) == CrmReply(
        verdict=Verdict.DONE, crm_call_id="externalCall.1.2"
    )


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"result":[]}', b'{"result":{"CALL_ID":""}}'])
def test_a_registration_without_an_id_is_sent_again(body):
    assert B24.read_register(ProviderResponse(status=200, body=body)).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (b'{"result":{"ID":"1","CALL_ID":"externalCall.1.2","COST":0.0428},"time":{}}', Verdict.DONE),
        (b'{"result":null}', Verdict.DONE),
        (b'{"error":"ERROR_CORE","error_description":"x"}', Verdict.FAILED),
        (b"<html>", Verdict.FAILED),
        (b"", Verdict.FAILED),
    ],
)
def test_a_call_is_finished_if_the_reply_has_a_result(body, verdict):
    """A status of 200 is not enough: an error may come with it, and the page of somebody in between."""
    assert B24.read_finish(ProviderResponse(status=200, body=body)).verdict is verdict


def test_a_second_finish_is_looked_up():
    """Vector E.9: the open row is gone, which may be our own doing."""
    assert B24.read_finish(ProviderResponse(status=400, body=NOT_FOUND)).verdict is Verdict.MISSING
    assert B24.read_register(ProviderResponse(status=400, body=NOT_FOUND)).verdict is Verdict.REFUSED


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (b'{"result":[{"ID":"9"}],"total":1}', Verdict.DONE),
        (b'{"result":[],"total":0}', Verdict.MISSING),
        (b'{"result":{}}', Verdict.FAILED),
    ],
)
def test_the_statistics_say_whether_it_is_finished(body, verdict):
    assert B24.read_look_up(ProviderResponse(status=200, body=body)).verdict is verdict


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (response(503, "QUERY_LIMIT_EXCEEDED", "Too many requests"), Verdict.LIMITED),
        (response(429, "OPERATION_TIME_LIMIT"), Verdict.LIMITED),
        (response(503, "OVERLOAD_LIMIT"), Verdict.LIMITED),
        (response(401, "PAYMENT_REQUIRED"), Verdict.BARRED),
        (response(410, "PORTAL_DELETED"), Verdict.BARRED),
        (response(429), Verdict.LIMITED),
        (response(401, "expired_token"), Verdict.EXPIRED),
        (response(401, "NO_AUTH_FOUND"), Verdict.EXPIRED),
        (response(401), Verdict.EXPIRED),
        (response(401, "invalid_grant"), Verdict.BARRED),
        (response(403, "insufficient_scope"), Verdict.BARRED),
        (response(403, "ACCESS_DENIED"), Verdict.BARRED),
        (response(403, "WRONG_AUTH_TYPE"), Verdict.BARRED),
        (response(400, "PAYMENT_REQUIRED"), Verdict.BARRED),
        (response(402), Verdict.BARRED),
        (response(404, "ERROR_METHOD_NOT_FOUND"), Verdict.BARRED),
        (response(400, "ERROR_CORE", "Unsupported phone number format"), Verdict.REFUSED),
        (response(400, "INVALID_ARGUMENT"), Verdict.REFUSED),
        (response(500, "INTERNAL_SERVER_ERROR"), Verdict.FAILED),
        (response(502), Verdict.FAILED),
        (response(302), Verdict.FAILED),
        (ProviderResponse(status=503, body=b'{"error":null}'), Verdict.FAILED),
    ],
)
def test_what_an_error_means(reply, verdict):
    for read in (B24.read_register, B24.read_finish, B24.read_look_up):
        assert read(reply).verdict is verdict


def test_an_error_is_told_in_its_own_words():
    assert B24.read_finish(response(400, "ERROR_CORE", "User not found")).why == "400 ERROR_CORE User not found"


# Access.


def test_tokens_are_asked_for_and_read():
    connection = replace(CONNECTION, options={**CONNECTION.options, **OAUTH})
    asked = B24.ask_tokens(connection, "newest")
    url = urlsplit(asked.url)

    assert (asked.method, f"{url.scheme}://{url.netloc}{url.path}") == ("GET", "https://oauth.bitrix.info/oauth/token/")
    assert parse_qs(url.query) == {
        "grant_type": ["refresh_token"],
        "client_id": ["local.1"],
        "client_secret": ["s3cret"],
        "refresh_token": ["newest"],
    }
    reply = ProviderResponse(status=200, body=b'{"access_token":"a","refresh_token":"r","expires_in":3600,"scope":"x"}')
    assert B24.read_tokens(reply, "newest") == Tokens(access="a", refresh="r", lives_s=3600)
    reply = ProviderResponse(status=200, body=b'{"access_token":"a","expires_in":"60"}')
    assert B24.read_tokens(reply, "newest") == Tokens(access="a", refresh="newest", lives_s=60)


@pytest.mark.parametrize("reply", [response(400, "invalid_grant"), response(200), response(503)])
def test_a_refused_refresh_is_a_failure(reply):
    with pytest.raises(ProviderFailed):
        B24.read_tokens(reply, "newest")


def test_a_connection_without_an_account_registers_nothing():
    assert B24.account_of(replace(CONNECTION, options={})) is None
    assert B24.account_of(CONNECTION) == 7
    assert B24.first_refresh(CONNECTION) is None
    assert B24.first_refresh(replace(CONNECTION, options=OAUTH)) == "first"
