# ruff: noqa: E501 - a reply is one line
"""Vonage: signed as its helpers verify, answered with NCCOs that its models read."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from inline_snapshot import snapshot
from vonage_voice.models import ncco as official

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Connection
from gateway.domain.errors import BadSignature, MalformedHook, ProviderFailed
from gateway.domain.events import CallEnded, CallHinted, CallStarted, Cause, Direction, Event
from gateway.providers.abilities import SecondHangUp, StatusInParts
from gateway.providers.base import Acknowledged, CallRef, Connect, Hook, Live, ProviderResponse, Reject, Unknown
from gateway.providers.vonage.adapter import Vonage
from gateway.providers.vonage.signing import sign
from tests.providers.cases import NOW, PUBLIC_URL, ProviderCases, with_headers
from tests.providers.vonage.driver import (
    APP_START,
    APPLICATION,
    CALL,
    CONTROL_URL,
    CONVERSATION,
    ENDED,
    FIRST_LEG,
    FORWARD,
    INBOUND,
    LEG_ANSWERED,
    LEG_ENDED,
    NOT_FOUND,
    NOTIFIED,
    OLD_SECRET,
    OUTBOUND,
    PRIVATE_KEY,
    SECRET,
    START,
    UUID,
    VonageDriver,
    token_of,
    vonage_hook,
)

DRIVER = VonageDriver()
VONAGE = Vonage()
CONNECT = Connect(caller_id="+15550100009", max_seconds=60)
OFFICIAL = {"connect": official.Connect, "talk": official.Talk, "notify": official.Notify}


class TestVonage(ProviderCases):
    driver = DRIVER
    replies = snapshot(
        {
            "start connect": [
                200,
                "application/json",
                '[{"action":"connect","from":"15550100009","limit":2220,"timeout":30,"eventUrl":["https://gw.example.net/hooks/vo?callee=%2B15552223333&caller=alice&leg=outbound&line=%2B15550001000&proof=28f01803143b9c6ebfb53c5d650a208d21bfa1bc6324fb5e80ef2befa3d19afe"],"eventMethod":"POST","endpoint":[{"type":"phone","number":"15552223333"}]}]',
            ],
            "start reject busy": [
                200,
                "application/json",
                '[{"action":"talk","text":"The number you called is busy.","language":"en-US"}]',
            ],
            "start reject money": [
                200,
                "application/json",
                '[{"action":"talk","text":"This call cannot be connected.","language":"en-US"}]',
            ],
            "start reject unavailable": [
                200,
                "application/json",
                '[{"action":"talk","text":"This call cannot be connected.","language":"en-US"}]',
            ],
            "start inbound connect": [
                200,
                "application/json",
                '[{"action":"connect","from":"15550100009","limit":2220,"timeout":30,"eventUrl":["https://gw.example.net/hooks/vo?callee=%2B15550001000&caller=%2B15557654321&leg=inbound&line=%2B15550001000&proof=7ef3f1a12d1df4ba3a847bd04008e46dad8a49042cb0682f135fe40f241dce69"],"eventMethod":"POST","endpoint":[{"type":"sip","uri":"sip:15550001000@pbx.example.com"}]}]',
            ],
            "start inbound reject busy": [
                200,
                "application/json",
                '[{"action":"talk","text":"The number you called is busy.","language":"en-US"}]',
            ],
            "start inbound reject money": [
                200,
                "application/json",
                '[{"action":"talk","text":"This call cannot be connected.","language":"en-US"}]',
            ],
            "start inbound reject unavailable": [
                200,
                "application/json",
                '[{"action":"talk","text":"This call cannot be connected.","language":"en-US"}]',
            ],
            "start forward connect": [
                200,
                "application/json",
                '[{"action":"connect","from":"15550100009","limit":2220,"timeout":30,"eventUrl":["https://gw.example.net/hooks/vo?callee=%2B442079460000&caller=%2B15557654321&leg=forward&line=%2B15550001000&proof=6fb07bb5638708885d96f872a2b14f2ad911d9551426be85c36d637fcc2076b6"],"eventMethod":"POST","endpoint":[{"type":"phone","number":"442079460000"}]}]',
            ],
            "start forward reject busy": [
                200,
                "application/json",
                '[{"action":"talk","text":"The number you called is busy.","language":"en-US"}]',
            ],
            "start forward reject money": [
                200,
                "application/json",
                '[{"action":"talk","text":"This call cannot be connected.","language":"en-US"}]',
            ],
            "start forward reject unavailable": [
                200,
                "application/json",
                '[{"action":"talk","text":"This call cannot be connected.","language":"en-US"}]',
            ],
            "answer charged": [204, "application/json", ""],
            "answer charged nobody": [204, "application/json", ""],
            "answer taken": [204, "application/json", ""],
            "end charged": [204, "application/json", ""],
            "end charged nobody": [204, "application/json", ""],
            "end taken": [204, "application/json", ""],
            "end unanswered charged": [204, "application/json", ""],
            "end unanswered charged nobody": [204, "application/json", ""],
            "end unanswered taken": [204, "application/json", ""],
            "end of the first leg charged": [204, "application/json", ""],
            "end of the first leg charged nobody": [204, "application/json", ""],
            "end of the first leg taken": [204, "application/json", ""],
            "hint charged": [204, "application/json", ""],
            "hint charged nobody": [204, "application/json", ""],
            "hint taken": [204, "application/json", ""],
            "error charged": [204, "application/json", ""],
            "error charged nobody": [204, "application/json", ""],
            "error taken": [204, "application/json", ""],
        }
    )
    hang_ups = snapshot(
        {
            "CON-63f61863-4a51-4f6b-86e1-46edebcf9356": [
                "PUT",
                "https://api-us-3.vonage.com/v1/calls/aaaaaaaabbbbccccdddd0123456789ab",
                {
                    "Authorization": "{'application_id': 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab', 'iat': 1774960555, 'exp': 1774960860, 'jti': 'cc94601b03a4be6179671b6553fc767e'}",
                    "Content-Type": "application/json",
                },
                '{"action":"hangup"}',
            ],
            "CON-63f61863-4a51-4f6b-86e1-46edebcf9356:forward": [
                "PUT",
                "https://api-us-3.vonage.com/v1/calls/aaaaaaaabbbbccccdddd0123456789ab",
                {
                    "Authorization": "{'application_id': 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab', 'iat': 1774960555, 'exp': 1774960860, 'jti': 'e3f7e104af08f047a5e5b35f2ed8b7ea'}",
                    "Content-Type": "application/json",
                },
                '{"action":"hangup"}',
            ],
        }
    )
    statuses = snapshot(
        {
            "CON-63f61863-4a51-4f6b-86e1-46edebcf9356": [
                "GET",
                "https://api-us-3.vonage.com/v1/calls?conversation_uuid=CON-63f61863-4a51-4f6b-86e1-46edebcf9356&page_size=100",
                {
                    "Authorization": "{'application_id': 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab', 'iat': 1774960555, 'exp': 1774960860, 'jti': 'f705d9fe07a5afacf518ef46dde872a3'}"
                },
                "",
            ],
            "CON-63f61863-4a51-4f6b-86e1-46edebcf9356:forward": [
                "GET",
                "https://api-us-3.vonage.com/v1/calls?conversation_uuid=CON-63f61863-4a51-4f6b-86e1-46edebcf9356&page_size=100",
                {
                    "Authorization": "{'application_id': 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab', 'iat': 1774960555, 'exp': 1774960860, 'jti': '58ba63906cf8c1a488013dd7fb769fb0'}"
                },
                "",
            ],
            "CON-7": [
                "GET",
                "https://api.nexmo.com/v1/calls?conversation_uuid=CON-7&page_size=100",
                {
                    "Authorization": "{'application_id': 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab', 'iat': 1774960555, 'exp': 1774960860, 'jti': 'd8055a60e6df3344413fce2750cc0e8d'}"
                },
                "",
            ],
        }
    )


def connection(**options: str) -> Connection:
    return replace(DRIVER.connection, options={"application_id": APPLICATION, **options})


def parse(fields: Mapping[str, object], query: str = "", **options: str) -> Event:
    return VONAGE.parse(vonage_hook(fields, query), connection(**options))


def told(event: CallStarted, outcome: Connect | Reject | Acknowledged, **options: str) -> list[dict[str, Any]]:
    """The NCCO, which the official models read, and make again."""
    said: list[dict[str, Any]] = json.loads(
        VONAGE.reply(event, outcome, connection(**options), public_url=PUBLIC_URL).body
    )
    for action in said:
        fields = {"from_" if name == "from" else name: value for name, value in action.items()}
        read = OFFICIAL[action["action"]](**fields)
        assert read.model_dump(by_alias=True, exclude_none=True, mode="json") == action
    return said


# Authenticity.


def refused(hook: Hook, token: str) -> None:
    with pytest.raises(BadSignature):
        VONAGE.authenticate(with_headers(hook, Authorization=f"Bearer {token}"), DRIVER.connection)


def test_only_hs256_is_a_signature() -> None:
    hook = vonage_hook(START)
    header, claims, _ = token_of(hook.body, SECRET, NOW).split(".")
    none = urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")

    refused(hook, f"{none}.{claims}.")
    refused(hook, f"{none}.{claims}.AAAA")
    refused(hook, f"{header}.{claims}.")
    refused(
        hook,
        jwt.encode(jwt.decode(f"{header}.{claims}.AAAA", options={"verify_signature": False}), SECRET * 2, "HS512"),
    )
    refused(hook, jwt.encode({"iat": int(NOW.timestamp())}, PRIVATE_KEY, "RS256"))


@pytest.mark.parametrize(
    "claims",
    [
        {"payload_hash": "0" * 64},
        {"payload_hash": "é"},
        {"payload_hash": None},
        {"application_id": "bbbbbbbb-bbbb-cccc-dddd-0123456789ab"},
        {"application_id": 7},
        {"iat": -1},
        {"iat": "1774960557"},
        {"iat": 10**18},
    ],
)
def test_a_well_signed_token_for_anything_else_is_refused(claims: dict[str, Any]) -> None:
    hook = vonage_hook(START)
    said = jwt.decode(token_of(hook.body, SECRET, NOW), options={"verify_signature": False})

    refused(hook, jwt.encode(said | claims, SECRET, "HS256"))


def test_the_libraries_own_vector_is_refused_as_it_covers_no_body() -> None:
    """Vector `vo-jwt-py`, of the official test suite: its signature is good, and that is not enough."""
    token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJPbmxpbmUgSldUIEJ1aWxkZXIiLCJpYXQiOjE2OTc2MzQ2ODAsImV4cCI6MzMyNTQ1NDA4MjgsImF1ZCI6IiIsInN1YiI6IiJ9.88vJc3I2HhuqEDixHXVhc9R30tA6U_HQHZTC29y6CGM"
    hook = with_headers(vonage_hook(START), Authorization=f"Bearer {token}")

    with pytest.raises(BadSignature, match="payload_hash"):
        VONAGE.authenticate(hook, DRIVER.connection)


def self_made(header: str, claims: str) -> str:
    signed = f"{header}.{claims}".encode()
    return f"{signed.decode()}.{sign(SECRET, signed).decode()}"


@pytest.mark.parametrize("part", [b"[" * 6000, b"\xff", b"{}", b"", b'{"alg":"none"}', b'{"alg":"RS256"}'])
def test_a_token_signed_well_may_be_junk_all_the_same(part: bytes) -> None:
    hook = vonage_hook(START)
    header, claims, _ = token_of(hook.body, SECRET, NOW).split(".")
    junk = urlsafe_b64encode(part).decode()

    VONAGE.authenticate(with_headers(hook, Authorization=f"bearer {self_made(header, claims)}"), DRIVER.connection)
    refused(hook, self_made(junk, claims))
    refused(hook, self_made(header, junk))
    refused(hook, self_made(header, "AAAAA"))


def test_a_get_is_refused_with_what_to_do() -> None:
    hook = replace(vonage_hook({}), method="GET", body=b"")

    with pytest.raises(MalformedHook, match="set the method of the URL to POST"):
        VONAGE.parse(hook, DRIVER.connection)


# Starts.


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({}, "alice"),
        ({"SipHeader_X-Line": "15550001000"}, "+15550001000"),
        ({"custom_data": {"line": "+15550001000", "more": 1}}, "+15550001000"),
        ({"custom_data": {"line": "+15550001000"}, "SipHeader_X-Line": "15550001001"}, "+15550001001"),
    ],
)
def test_the_line_of_a_users_call(fields: dict[str, object], line: str) -> None:
    start = {name: value for name, value in APP_START.items() if name != "SipHeader_X-Line"}

    event = parse(start | {"to": "+15552223333"} | fields)

    assert event == replace(OUTBOUND, line=line)


def test_the_line_of_the_connection_comes_before_all_others_and_its_default_after_them() -> None:
    start = {name: value for name, value in APP_START.items() if name != "SipHeader_X-Line"}

    assert parse(APP_START, line="15550001007", default_line="x") == replace(OUTBOUND, line="+15550001007")
    assert parse(APP_START, default_line="+15550001007") == OUTBOUND
    assert parse(start, default_line="+15550001007") == replace(OUTBOUND, line="+15550001007")


def test_the_line_is_not_read_from_the_url_which_nobody_signs() -> None:
    assert parse(APP_START, "?line=4912345678") == OUTBOUND


@pytest.mark.parametrize(
    ("fields", "caller"),
    [
        ({"endpoint_type": "sip", "from": "15557654321"}, "+15557654321"),
        ({"endpoint_type": "vbc", "from": "101"}, "101"),
        ({"endpoint_type": None, "from": "sip:bob@acme.example"}, "bob"),
        ({"endpoint_type": None, "from_user": "bob", "from": None}, "bob"),
    ],
)
def test_a_call_of_an_own_user_is_outbound(fields: dict[str, object], caller: str) -> None:
    event = parse(START | fields, default_line="+15550001000")

    assert event == replace(INBOUND, direction=Direction.OUTBOUND, caller=caller)


def test_a_users_app_may_say_the_callee_in_its_data() -> None:
    event = parse({**APP_START, "to": None, "custom_data": {"to": "15552223333"}})

    assert event == OUTBOUND


def test_the_fallback_url_asks_the_same() -> None:
    asked = {"url": f"{PUBLIC_URL}/hooks/vo", "type": "answer"}

    assert parse({**START, "reason": "Connection timed out", "original_request": asked}) == INBOUND


@pytest.mark.parametrize(
    "region_url",
    [
        None,
        "",
        "http://api-us-3.vonage.com",
        "https://api.vonage.com.evil.example",
        "https://evil.example/.vonage.com",
        "https://u@api-us-3.vonage.com",
        "https://api-us-3.vonage.com:444",
        "https://a.b.vonage.com/",
    ],
)
def test_a_region_that_is_none_of_vonages_is_not_believed(region_url: str | None) -> None:
    event = parse({**START, "region_url": region_url})

    assert event == replace(INBOUND, control_url=f"https://api.nexmo.com/v1/calls/{UUID}")


@pytest.mark.parametrize("uuid", ["", "../x", "a/b", "a?b", "é", "a" * 65])
def test_no_url_is_made_of_junk(uuid: str) -> None:
    with pytest.raises(MalformedHook):
        parse({**START, "uuid": uuid})
    with pytest.raises(MalformedHook):
        parse({**LEG_ENDED, "conversation_uuid": uuid})


def test_a_forwarded_call_without_an_address_of_vonage_has_none() -> None:
    payload = {**NOTIFIED["payload"], "control_url": "https://evil.example/v1/calls/x"}

    assert parse({**NOTIFIED, "payload": payload}) == replace(FORWARD, control_url=None)


# What we tell.


@pytest.mark.parametrize(
    ("inbound_to", "endpoint"),
    [
        ("app:{digits}", {"type": "app", "user": "15550001000"}),
        ("app:office", {"type": "app", "user": "office"}),
        ("sip:{line}@pbx.example.com", {"type": "sip", "uri": "sip:+15550001000@pbx.example.com"}),
        ("sips:a@pbx.example.com", {"type": "sip", "uri": "sips:a@pbx.example.com"}),
    ],
)
def test_where_an_inbound_call_goes(inbound_to: str, endpoint: dict[str, str]) -> None:
    assert told(INBOUND, CONNECT, inbound_to=inbound_to)[0]["endpoint"] == [endpoint]


def test_by_default_an_inbound_call_goes_to_the_user_named_by_its_line() -> None:
    assert told(INBOUND, CONNECT)[0]["endpoint"] == [{"type": "app", "user": "15550001000"}]


def test_r13_an_inbound_call_to_be_forwarded_is_asked_about_again() -> None:
    action = told(INBOUND, CONNECT, inbound_to="+442079460000")[0]
    answer = {"conversation_uuid": CONVERSATION, "payload": action["payload"]}

    assert action["action"] == "notify"
    assert action["eventUrl"] == [f"{PUBLIC_URL}/hooks/vo"]
    assert parse(answer) == FORWARD


def test_r13_a_forwarded_call_of_a_start_without_address_has_none() -> None:
    action = told(replace(INBOUND, control_url=None), CONNECT, inbound_to="+442079460000")[0]

    assert parse({"payload": action["payload"]}) == replace(FORWARD, control_url=None)


def test_the_caller_id_is_a_number() -> None:
    named = replace(CONNECT, caller_id="alice")

    assert told(OUTBOUND, CONNECT)[0]["from"] == "15550100009"
    assert told(OUTBOUND, named)[0]["from"] == "15550001000"
    assert told(INBOUND, replace(CONNECT, caller_id="anonymous"))[0]["from"] == "15550001000"


def test_without_a_number_to_show_vonage_takes_one() -> None:
    action = told(replace(OUTBOUND, line="alice"), replace(CONNECT, caller_id="alice"))[0]

    assert action["randomFromNumber"]
    assert "from" not in action


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (Reject(sip_code=486, reason="number_suspended"), "The number you called is busy."),
        (Reject(sip_code=402, reason="no_money"), "This call cannot be connected."),
        (Acknowledged(), "This call cannot be connected."),
    ],
)
def test_the_nearest_to_a_refusal_is_a_sentence(outcome: Reject | Acknowledged, text: str) -> None:
    assert told(OUTBOUND, outcome) == [{"action": "talk", "text": text, "language": "en-US"}]
    assert told(OUTBOUND, outcome, language="de-DE")[0]["language"] == "de-DE"
    assert told(OUTBOUND, outcome, refusal="silent") == []


# What comes back of what we told.


@pytest.mark.parametrize("secrets", [(SECRET,), (OLD_SECRET,), (OLD_SECRET, SECRET)])
@pytest.mark.parametrize("start", [replace(OUTBOUND, caller="o'b r+ï&=%/?#;", line="ipbx & sons"), INBOUND, FORWARD])
def test_r21_what_we_tell_comes_back_as_the_start_of_its_end(start: CallStarted, secrets: tuple[str, ...]) -> None:
    """Also when the secret has been changed meanwhile, as long as the old one is still there."""
    telling = replace(DRIVER.connection, secrets=secrets)
    action = json.loads(VONAGE.reply(start, CONNECT, telling, public_url=PUBLIC_URL).body)[0]
    query = "?" + urlsplit(action["eventUrl"][0]).query

    event = VONAGE.parse(vonage_hook(LEG_ENDED, query), DRIVER.connection)

    repeated = replace(start, control_url=None)
    assert event == replace(ENDED, call_id=start.call_id, start=repeated)


def query_of(start: CallStarted) -> str:
    return "?" + urlsplit(told(start, CONNECT)[0]["eventUrl"][0]).query


@pytest.mark.parametrize(
    "query",
    [
        "?callee=%2B15552223333&caller=a&leg=forward&line=%2B15550001000",
        query_of(FORWARD).replace("15550001000", "15550001001"),
        query_of(FORWARD) + "0",
        query_of(FORWARD).replace("&proof=", "&proof=A"),
        query_of(replace(FORWARD, parent_call_id="CON-another")),
    ],
)
def test_a_url_without_our_proof_for_this_call_says_nothing(query: str) -> None:
    """Vonage signs the body and not the URL."""
    assert parse(LEG_ENDED, query) == ENDED


def test_without_a_secret_nothing_is_proven() -> None:
    off = replace(DRIVER.connection, secrets=())
    action = json.loads(VONAGE.reply(FORWARD, CONNECT, off, public_url=PUBLIC_URL).body)[0]
    query = "?" + urlsplit(action["eventUrl"][0]).query

    assert "proof" not in query
    assert VONAGE.parse(vonage_hook(LEG_ENDED, query), off) == ENDED


def test_the_first_leg_of_a_forwarded_call_hints_at_the_incoming_one() -> None:
    assert parse(FIRST_LEG, query_of(FORWARD)) == CallHinted(call_id=CONVERSATION)


@pytest.mark.parametrize("fields", [{"timestamp": None}, {"timestamp": ""}])
def test_an_answer_may_come_without_its_time(fields: dict[str, object]) -> None:
    event = parse(LEG_ANSWERED | fields)

    assert getattr(event, "at", 0) is None


def test_the_end_is_stamped_by_the_event_if_nothing_else_says_when() -> None:
    event = parse({**LEG_ENDED, "end_time": None})

    assert isinstance(event, CallEnded)
    assert event.ended_at is not None
    assert event.ended_at.microsecond == 412_000


# Requests to Vonage.


def test_without_a_private_key_nothing_is_asked() -> None:
    assert not VONAGE.can_cut(connection(), CALL)
    assert VONAGE.ask_status(connection(), CALL, NOW) is None
    with pytest.raises(ProviderFailed, match="no private key"):
        VONAGE.hang_up(connection(), CALL, CutReason.LIMIT, NOW)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "https://api-us-3.vonage.com/v1/calls/",
        "https://api-us-3.vonage.com/v1/calls/a/b",
        f"https://evil.example/v1/calls/{UUID}",
        f"{CONTROL_URL}?x",
        f"{CONTROL_URL}\n",
    ],
)
def test_the_token_goes_to_vonage_only(url: str | None) -> None:
    call = CallRef(call_id=CONVERSATION, control_url=url)
    asked = VONAGE.ask_status(DRIVER.connection, call, NOW)

    assert not VONAGE.can_cut(DRIVER.connection, call)
    with pytest.raises(ProviderFailed, match="no address"):
        VONAGE.hang_up(DRIVER.connection, call, CutReason.LIMIT, NOW)
    assert asked is not None
    assert asked.url.startswith("https://api.nexmo.com/v1/calls?")


@pytest.mark.parametrize("call_id", [CONVERSATION, f"{CONVERSATION}:forward"])
def test_the_first_leg_is_asked_for_where_no_leg_is_listed_and_legs_elsewhere(call_id: str) -> None:
    """Else a call whose caller was gone before it was connected would be up for a day, and count as such."""
    call = replace(CALL, call_id=call_id)
    rest, first = VONAGE.ask_rest(DRIVER.connection, call, NOW)
    status = VONAGE.ask_status(DRIVER.connection, call, NOW)

    assert isinstance(VONAGE, StatusInParts)
    assert status is not None
    assert (first.method, first.url) == ("GET", CONTROL_URL)
    assert (rest.method, rest.url) == ("GET", status.url.replace("api-us-3.vonage.com", "api.nexmo.com"))
    assert len({request.headers["Authorization"] for request in (first, rest, status)}) == 3
    for request in (first, rest):
        DRIVER.verify_control(request)


def test_r22_nobody_talked_only_if_no_leg_is_known_elsewhere_either() -> None:
    """The first leg is over for a while, and its region knows no connected one."""
    told = {CONTROL_URL: replied(FIRST_LEG)}
    legs = replied({"_embedded": {"calls": [LEG_ENDED]}})

    requests = VONAGE.ask_rest(DRIVER.connection, CALL, NOW)
    statuses = [VONAGE.read_rest(told.get(request.url, legs), CALL, NOW + timedelta(hours=1)) for request in requests]

    assert statuses[0] == ENDED


def test_there_is_no_elsewhere_than_the_general_address() -> None:
    general = CallRef(call_id=CONVERSATION, control_url=f"https://api.nexmo.com/v1/calls/{UUID}")

    assert [request.url for request in VONAGE.ask_rest(DRIVER.connection, general, NOW)] == [general.control_url]
    assert VONAGE.ask_rest(DRIVER.connection, CallRef(call_id=CONVERSATION), NOW) == ()


NOBODY = CallEnded(call_id=CONVERSATION, cause=Cause.FAILED, ended_at=ENDED.ended_at, seconds=0)


def replied(body: Mapping[str, object]) -> ProviderResponse:
    return ProviderResponse(status=200, body=json.dumps(body).encode())


@pytest.mark.parametrize(
    ("response", "after_s", "status"),
    [
        (replied({**FIRST_LEG, "status": "answered", "end_time": None}), 0, Live()),
        (replied(FIRST_LEG), 899, Unknown()),
        (replied({**FIRST_LEG, "end_time": None}), 900, Unknown()),
        (replied(FIRST_LEG), 900, NOBODY),
        (replied({**FIRST_LEG, "status": "cancelled"}), 900, replace(NOBODY, cause=Cause.CANCELLED)),
        (replied({"_embedded": {"calls": [LEG_ENDED]}}), 0, ENDED),
        (replied({"_embedded": {"calls": []}}), 900, Unknown()),
        (ProviderResponse(status=404, body=NOT_FOUND), 900, Unknown()),
    ],
)
def test_r22_a_call_that_was_connected_to_nobody_ends_by_its_first_leg(
    response: ProviderResponse, after_s: int, status: object
) -> None:
    assert ENDED.ended_at is not None

    assert VONAGE.read_rest(response, CALL, ENDED.ended_at + timedelta(seconds=after_s)) == status


def test_r22_a_call_that_was_answered_is_not_closed_for_want_of_its_leg() -> None:
    answered = replace(CALL, answered_at=NOW - timedelta(hours=1))

    assert VONAGE.read_rest(replied(FIRST_LEG), answered, NOW + timedelta(hours=1)) == Unknown()


@pytest.mark.parametrize(
    "response",
    [
        *(ProviderResponse(status=status, body=b"") for status in (201, 302, 401, 429, 503)),
        ProviderResponse(status=200, body=b"<html>"),
        replied({}),
        replied({**FIRST_LEG, "status": "parked"}),
        replied({**FIRST_LEG, "end_time": "yesterday"}),
    ],
)
def test_a_first_leg_that_cannot_be_read_is_asked_again(response: ProviderResponse) -> None:
    with pytest.raises(ProviderFailed):
        VONAGE.read_rest(response, CALL, NOW)


@pytest.mark.parametrize("call_id", ["", "x", UUID, f"{CONVERSATION}/..", f"{CONVERSATION}\n"])
def test_no_fate_is_asked_of_what_is_no_conversation(call_id: str) -> None:
    assert VONAGE.ask_status(DRIVER.connection, CallRef(call_id=call_id), NOW) is None


def test_the_api_may_be_elsewhere() -> None:
    here = connection(private_key=PRIVATE_KEY, api_url="http://127.0.0.1:8080")
    start = VONAGE.parse(vonage_hook(START), here)
    assert isinstance(start, CallStarted)
    request = VONAGE.hang_up(here, CallRef(call_id=start.call_id, control_url=start.control_url), CutReason.LIMIT, NOW)

    assert request.url == f"http://127.0.0.1:8080/v1/calls/{UUID}"


def test_two_requests_have_tokens_of_their_own() -> None:
    hang_up = VONAGE.hang_up(DRIVER.connection, CALL, CutReason.LIMIT, NOW)
    status = VONAGE.ask_status(DRIVER.connection, CALL, NOW)

    assert status is not None
    assert hang_up.headers["Authorization"] != status.headers["Authorization"]


def test_r18_a_call_that_is_not_in_its_region_is_ended_at_the_general_address() -> None:
    hung_up = VONAGE.hang_up(DRIVER.connection, CALL, CutReason.LIMIT, NOW)

    request = VONAGE.second_hang_up(DRIVER.connection, CALL, ProviderResponse(status=404, body=b""), NOW)

    assert request is not None
    assert (request.method, request.url, request.body) == (
        "PUT",
        f"https://api.nexmo.com/v1/calls/{UUID}",
        hung_up.body,
    )
    DRIVER.verify_control(request)
    # A token is good once.
    assert request.headers["Authorization"] != hung_up.headers["Authorization"]
    assert isinstance(VONAGE, SecondHangUp)


@pytest.mark.parametrize("status", [204, 401, 429, 503])
def test_any_other_reply_to_a_hang_up_stands(status: int) -> None:
    response = ProviderResponse(status=status, body=b"")

    assert VONAGE.second_hang_up(DRIVER.connection, CALL, response, NOW) is None


def test_a_call_that_was_looked_for_at_the_general_address_is_gone() -> None:
    general = CallRef(call_id=CONVERSATION, control_url=f"https://api.nexmo.com/v1/calls/{UUID}")
    gone = ProviderResponse(status=404, body=b"")

    assert VONAGE.second_hang_up(DRIVER.connection, general, gone, NOW) is None


def test_the_kit_says_what_is_not_set() -> None:
    kit = VONAGE.kit(connection(refusal="silent"), public_url=PUBLIC_URL)

    assert "app:{digits} (the default)" in kit
    assert "default_line (none)" in kit
    assert "no: give private_key" in kit
    assert "nothing: the call ends" in kit
