"""jambonz: the shared cases, whose figures count, and what becomes of a call that was not answered."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from inline_snapshot import snapshot

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Connection
from gateway.domain.errors import BadSignature, MalformedHook, ProviderFailed
from gateway.domain.events import CallEnded, CallHinted, CallStarted, Cause, Event, Ignored
from gateway.providers.abilities import SecondHangUp, ask_every
from gateway.providers.base import Acknowledged, CallRef, Connect, ProviderResponse, Reject
from gateway.providers.jambonz.adapter import Jambonz
from gateway.providers.registry import adapters
from gateway.providers.wire.proven import proven_url
from tests.providers.cases import NOW, PUBLIC_URL, ProviderCases, with_headers
from tests.providers.jambonz.driver import (
    CALL,
    CALL_SID,
    DIAL_ENDED,
    ENDED,
    FIRST_LEG,
    FORWARD,
    FORWARD_TAG,
    INBOUND,
    LEG_ENDED,
    LEG_SID,
    OLD_SECRET,
    OUTBOUND,
    OUTBOUND_TAG,
    REDIRECTED,
    SECRET,
    START,
    STATUS,
    USER_START,
    JambonzDriver,
    jambonz_hook,
    ours,
)

DRIVER = JambonzDriver()
JAMBONZ = Jambonz()
CONNECT = Connect(caller_id="+15550100009", max_seconds=60)
UNTIMED = replace(ENDED, ended_at=None)


class TestJambonz(ProviderCases):
    driver = DRIVER
    replies = snapshot(
        {
            "start connect": [
                200,
                "application/json",
                '[{"verb":"tag","data":{"leg":"outbound","caller":"alice","callee":"+15552223333","line":"+15550001000"}},{"verb":"dial","callerId":"+15550100009","timeLimit":2220,"timeout":30,"answerOnBridge":true,"actionHook":"https://gw.example.net/hooks/jb?leg=dial&proof=1099de189f1a6efd048b9d0337c37f4aff8cd507497555ae9913f9c183805876#rc=3&rp=ct,rt,5xx","tag":{"leg":"outbound","caller":"alice","callee":"+15552223333","line":"+15550001000"},"target":[{"type":"phone","number":"+15552223333","trunk":"carrier-a"}]}]',
            ],
            "start reject busy": [
                200,
                "application/json",
                '[{"verb":"sip:decline","status":486,"reason":"Busy Here"}]',
            ],
            "start reject money": [
                200,
                "application/json",
                '[{"verb":"sip:decline","status":402,"reason":"Payment Required"}]',
            ],
            "start reject unavailable": [
                200,
                "application/json",
                '[{"verb":"sip:decline","status":503,"reason":"Service Unavailable"}]',
            ],
            "start inbound connect": [
                200,
                "application/json",
                '[{"verb":"tag","data":{"leg":"inbound","caller":"+15557654321","callee":"+15550001000","line":"+15550001000"}},{"verb":"dial","callerId":"+15550100009","timeLimit":2220,"timeout":30,"answerOnBridge":true,"actionHook":"https://gw.example.net/hooks/jb?leg=dial&proof=1099de189f1a6efd048b9d0337c37f4aff8cd507497555ae9913f9c183805876#rc=3&rp=ct,rt,5xx","tag":{"leg":"inbound","caller":"+15557654321","callee":"+15550001000","line":"+15550001000"},"target":[{"type":"sip","sipUri":"sip:15550001000@pbx.example.com"}]}]',
            ],
            "start inbound reject busy": [
                200,
                "application/json",
                '[{"verb":"sip:decline","status":486,"reason":"Busy Here"}]',
            ],
            "start inbound reject money": [
                200,
                "application/json",
                '[{"verb":"sip:decline","status":402,"reason":"Payment Required"}]',
            ],
            "start inbound reject unavailable": [
                200,
                "application/json",
                '[{"verb":"sip:decline","status":503,"reason":"Service Unavailable"}]',
            ],
            "start forward connect": [
                200,
                "application/json",
                '[{"verb":"tag","data":{"leg":"forward","caller":"+15557654321","callee":"+442079460000","line":"+15550001000"}},{"verb":"dial","callerId":"+15550100009","timeLimit":2220,"timeout":30,"answerOnBridge":true,"actionHook":"https://gw.example.net/hooks/jb?leg=dial&proof=1099de189f1a6efd048b9d0337c37f4aff8cd507497555ae9913f9c183805876#rc=3&rp=ct,rt,5xx","tag":{"leg":"forward","caller":"+15557654321","callee":"+442079460000","line":"+15550001000"},"target":[{"type":"phone","number":"+442079460000","trunk":"carrier-a"}]}]',
            ],
            "start forward reject busy": [
                200,
                "application/json",
                '[{"verb":"sip:decline","status":486,"reason":"Busy Here"}]',
            ],
            "start forward reject money": [
                200,
                "application/json",
                '[{"verb":"sip:decline","status":402,"reason":"Payment Required"}]',
            ],
            "start forward reject unavailable": [
                200,
                "application/json",
                '[{"verb":"sip:decline","status":503,"reason":"Service Unavailable"}]',
            ],
            "answer charged": [200, "application/json", '[{"verb":"hangup"}]'],
            "answer charged nobody": [200, "application/json", '[{"verb":"hangup"}]'],
            "answer taken": [200, "application/json", '[{"verb":"hangup"}]'],
            "end charged": [200, "application/json", '[{"verb":"hangup"}]'],
            "end charged nobody": [200, "application/json", '[{"verb":"hangup"}]'],
            "end taken": [200, "application/json", '[{"verb":"hangup"}]'],
            "end of a forwarded call charged": [200, "application/json", '[{"verb":"hangup"}]'],
            "end of a forwarded call charged nobody": [200, "application/json", '[{"verb":"hangup"}]'],
            "end of a forwarded call taken": [200, "application/json", '[{"verb":"hangup"}]'],
            "end by action charged": [
                200,
                "application/json",
                '[{"verb":"sip:decline","status":486,"reason":"Busy Here"}]',
            ],
            "end by action charged nobody": [
                200,
                "application/json",
                '[{"verb":"sip:decline","status":486,"reason":"Busy Here"}]',
            ],
            "end by action taken": [
                200,
                "application/json",
                '[{"verb":"sip:decline","status":486,"reason":"Busy Here"}]',
            ],
            "end of the first leg charged": [
                200,
                "application/json",
                '[{"verb":"sip:decline","status":480,"reason":"Temporarily Unavailable"}]',
            ],
            "end of the first leg charged nobody": [
                200,
                "application/json",
                '[{"verb":"sip:decline","status":480,"reason":"Temporarily Unavailable"}]',
            ],
            "end of the first leg taken": [
                200,
                "application/json",
                '[{"verb":"sip:decline","status":480,"reason":"Temporarily Unavailable"}]',
            ],
            "hint charged": [200, "application/json", '[{"verb":"hangup"}]'],
            "hint charged nobody": [200, "application/json", '[{"verb":"hangup"}]'],
            "hint taken": [200, "application/json", '[{"verb":"hangup"}]'],
        }
    )
    hang_ups = snapshot(
        {
            "8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11": [
                "PUT",
                "https://jambonz.example.com/api/v1/Accounts/fef61e75-cec3-496c-a7bc-8368e4d02a04/Calls/8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                {"Authorization": "Bearer 38700987-c7a4-4685-a5bb-af378f9734de", "Content-Type": "application/json"},
                '{"call_status":"completed"}',
            ],
            "8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11:forward": [
                "PUT",
                "https://jambonz.example.com/api/v1/Accounts/fef61e75-cec3-496c-a7bc-8368e4d02a04/Calls/8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                {"Authorization": "Bearer 38700987-c7a4-4685-a5bb-af378f9734de", "Content-Type": "application/json"},
                '{"call_status":"completed"}',
            ],
        }
    )
    statuses = snapshot(
        {
            "8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11": [
                "GET",
                "https://jambonz.example.com/api/v1/Accounts/fef61e75-cec3-496c-a7bc-8368e4d02a04/Calls/8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                {"Authorization": "Bearer 38700987-c7a4-4685-a5bb-af378f9734de"},
                "",
            ],
            "8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11:forward": [
                "GET",
                "https://jambonz.example.com/api/v1/Accounts/fef61e75-cec3-496c-a7bc-8368e4d02a04/Calls/8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                {"Authorization": "Bearer 38700987-c7a4-4685-a5bb-af378f9734de"},
                "",
            ],
        }
    )


def connection(**options: str) -> Connection:
    return replace(DRIVER.connection, options=options)


def parse(fields: Mapping[str, object], query: str = "", **options: str) -> Event:
    """What an unsigned hook means, which has no time."""
    return JAMBONZ.parse(jambonz_hook(fields, query), connection(**options))


def told(event: Event, outcome: Connect | Reject | Acknowledged, **options: str) -> list[dict[str, Any]]:
    reply = JAMBONZ.reply(event, outcome, connection(**options), public_url=PUBLIC_URL)
    verbs: list[dict[str, Any]] = json.loads(reply.body)
    return verbs


# Authenticity.


def test_any_of_several_signatures_may_match() -> None:
    hook = jambonz_hook(START)
    timestamp, _, proof = DRIVER.sign(hook, SECRET).headers["Jambonz-Signature"].partition(",")

    for header in (f"{timestamp},v1=00,{proof}", f"{proof}, {timestamp}", f"{timestamp},v0=1,,{proof},v1="):
        JAMBONZ.authenticate(with_headers(hook, Jambonz_Signature=header), DRIVER.connection)


@pytest.mark.parametrize("header", ["", "t=1774960560", "v1=00", "t=,v1=", "t=x,v1=00", "t=1774960560,v2={proof}"])
def test_a_header_that_says_less_is_refused(header: str) -> None:
    hook = jambonz_hook(START)
    proof = DRIVER.sign(hook, SECRET).headers["Jambonz-Signature"].partition("v1=")[2]

    with pytest.raises(BadSignature):
        JAMBONZ.authenticate(with_headers(hook, Jambonz_Signature=header.replace("{proof}", proof)), DRIVER.connection)


def test_a_time_that_is_none_is_no_time() -> None:
    hook = with_headers(jambonz_hook(LEG_ENDED), Jambonz_Signature="t=99999999999,v1=00")

    assert JAMBONZ.parse(hook, DRIVER.connection) == replace(UNTIMED, start=OUTBOUND)


def test_a_get_is_refused_with_what_to_do() -> None:
    """It is signed over a body that is not sent."""
    with pytest.raises(MalformedHook, match="set the method of the hook to POST"):
        JAMBONZ.parse(replace(jambonz_hook({}), method="GET", body=b""), DRIVER.connection)


# Starts.


def user_start(headers: Mapping[str, str], **fields: object) -> dict[str, object]:
    return {
        **USER_START,
        **fields,
        "sip": {"headers": {"x-authenticated-user": "alice@acme.sip.example.com", **headers}},
    }


def test_the_line_of_a_users_call() -> None:
    said = user_start({"x-line": "15550001001"})

    assert parse(user_start({}, to="+15552223333")) == replace(OUTBOUND, line="alice")
    assert parse(user_start({}), default_line="+15550001007") == replace(OUTBOUND, line="+15550001007")
    assert parse(said, default_line="+15550001007") == replace(OUTBOUND, line="+15550001001")
    assert parse(said, line="15550001009", default_line="x") == replace(OUTBOUND, line="+15550001009")


def test_the_line_is_not_read_from_the_url_which_nobody_signs() -> None:
    assert parse(USER_START, "?line=4912345678") == OUTBOUND


def test_r33_a_hook_of_another_application_of_the_account_is_refused() -> None:
    """All applications of an account are signed for with one secret."""
    own = str(STATUS["application_sid"])

    assert parse(USER_START, application_sid=own) == OUTBOUND
    for fields in (USER_START, {**LEG_ENDED, "application_sid": None}):
        with pytest.raises(MalformedHook, match="application_sid"):
            parse(fields, application_sid="1f1792c1-e5a0-4fc9-ca84-c6b4d7869ef2")


def test_a_call_that_a_carrier_brings_is_inbound_whatever_user_it_names() -> None:
    spoofed = {**USER_START, "from": "+15557654321", "to": "+15550001000", "originating_sip_trunk_name": "carrier-a"}

    assert parse(spoofed) == INBOUND


def test_a_user_without_a_number_is_named_by_the_registration() -> None:
    assert parse(user_start({"X-Line": "15550001000"}, **{"from": None})) == OUTBOUND


def test_a_caller_who_hides_is_nobody() -> None:
    assert parse({**START, "from": None}) == replace(INBOUND, caller="anonymous")


@pytest.mark.parametrize(
    "headers", [{"X-Authenticated-User": "a\x00b"}, {"X-Authenticated-User": "a", "X-Line": "1" * 2000}]
)
def test_a_header_that_cannot_be_stored_is_refused(headers: Mapping[str, str]) -> None:
    with pytest.raises(MalformedHook):
        parse({**START, "sip": {"headers": headers}})


@pytest.mark.parametrize("tag", [None, "x", {}, {"forward_to": ""}, {"forward_to": 7}, {"forward_to": "+442079460000"}])
def test_a_redirect_that_is_none_of_ours_is_refused(tag: object) -> None:
    with pytest.raises(MalformedHook):
        parse({**STATUS, "customerData": tag}, ours("forward"))


# What we tell.


@pytest.mark.parametrize(
    ("inbound_to", "target"),
    [
        ("user:{digits}", {"type": "user", "name": "15550001000"}),
        ("user:office@acme.example", {"type": "user", "name": "office@acme.example"}),
        ("sip:{line}@pbx.example.com", {"type": "sip", "sipUri": "sip:+15550001000@pbx.example.com"}),
    ],
)
def test_where_an_inbound_call_goes(inbound_to: str, target: dict[str, str]) -> None:
    assert told(INBOUND, CONNECT, inbound_to=inbound_to)[1]["target"] == [target]
    assert told(INBOUND, CONNECT)[1]["target"] == [{"type": "user", "name": "15550001000"}]


def test_r18_every_call_is_given_a_limit_as_jambonz_has_none() -> None:
    for start in (OUTBOUND, INBOUND, FORWARD):
        dial = told(start, CONNECT)[1]
        assert (dial["timeLimit"], dial["answerOnBridge"]) == (60, True)


def test_r13_an_inbound_call_to_be_forwarded_is_asked_about_again() -> None:
    tag, redirect = told(INBOUND, CONNECT, inbound_to="+442079460000")

    assert redirect["actionHook"] == f"{PUBLIC_URL}/hooks/jb{ours('forward')}#rc=3&rp=ct,rt,5xx"
    assert parse({**STATUS, "customerData": tag["data"]}, ours("forward")) == FORWARD


def test_the_carrier_is_left_to_jambonz_unless_the_connection_names_one() -> None:
    assert told(OUTBOUND, CONNECT)[1]["target"] == [{"type": "phone", "number": "+15552223333"}]


def test_the_caller_id_is_a_number_or_left_out() -> None:
    named = replace(CONNECT, caller_id="alice")

    assert told(OUTBOUND, named)[1]["callerId"] == "+15550001000"
    assert "callerId" not in told(replace(OUTBOUND, line="alice"), named)[1]
    assert "callerId" not in told(INBOUND, replace(CONNECT, caller_id="anonymous"))[1]


def test_a_start_that_nobody_decided_is_refused() -> None:
    assert told(OUTBOUND, Acknowledged()) == [{"verb": "sip:decline", "status": 500}]


@pytest.mark.parametrize(
    ("cause", "status"),
    [(Cause.BUSY, 486), (Cause.REJECTED, 603), (Cause.CANCELLED, 487), (Cause.NO_ANSWER, 480), (Cause.FAILED, 480)],
)
def test_a_first_leg_that_rings_is_declined_when_nobody_answered(cause: Cause, status: int) -> None:
    """`hangup` does nothing to a leg that is not answered."""
    [decline] = told(replace(ENDED, cause=cause, seconds=0), Acknowledged())

    assert (decline["verb"], decline["status"]) == ("sip:decline", status)


# Ends.


@pytest.mark.parametrize("start", [replace(OUTBOUND, caller="o'b \"r+ï&=%/?#;", line="ipbx & sons"), INBOUND, FORWARD])
def test_r21_the_tag_comes_back_as_the_start_of_its_end(start: CallStarted) -> None:
    tag, dial = told(start, CONNECT)

    event = parse({**LEG_ENDED, "customerData": dial["tag"]})

    assert event == replace(UNTIMED, call_id=start.call_id, start=start)
    assert tag["data"] == dial["tag"]


def test_an_end_without_our_tag_is_an_end() -> None:
    assert parse({**LEG_ENDED, "customerData": [1]}) == UNTIMED
    assert parse({**LEG_ENDED, "customerData": {"leg": 1, "x": "y" * 500}}) == UNTIMED


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"call_status": "busy", "sip_status": 486}, Cause.BUSY),
        ({"call_status": "failed", "sip_status": 600}, Cause.BUSY),
        ({"call_status": "no-answer", "sip_status": 487}, Cause.NO_ANSWER),
        ({"call_status": "failed", "sip_status": 480}, Cause.NO_ANSWER),
        ({"call_status": "failed", "sip_status": 603}, Cause.REJECTED),
        ({"call_status": "failed", "sip_status": 404}, Cause.FAILED),
        ({"call_status": "failed", "sip_status": None}, Cause.FAILED),
    ],
)
def test_why_a_leg_was_not_answered(fields: dict[str, object], cause: Cause) -> None:
    expected = replace(UNTIMED, cause=cause, seconds=0)

    assert parse({**LEG_ENDED, "duration": None, **fields}) == replace(expected, start=OUTBOUND)
    assert parse({**STATUS, **fields}) == expected
    dialled = {f"dial_{name}": value for name, value in fields.items()}
    assert parse({**DIAL_ENDED, **dialled}, ours("dial")) == replace(expected, start=OUTBOUND)


@pytest.mark.parametrize("status", ["trying", "ringing", "early-media"])
def test_a_dial_that_rang_until_its_end_was_not_answered(status: str | None) -> None:
    """The last status of the dialled leg is never sent then: this is all that tells."""
    fields = {**DIAL_ENDED, "dial_call_status": status, "dial_sip_status": 183}

    assert parse(fields, ours("dial")) == replace(UNTIMED, cause=Cause.NO_ANSWER, seconds=0, start=OUTBOUND)


@pytest.mark.parametrize("status", [None, "completed", "in-progress"])
def test_a_dial_that_was_answered_or_does_not_say_hints_at_the_end(status: str | None) -> None:
    assert parse({**DIAL_ENDED, "dial_call_status": status}, ours("dial")) == CallHinted(call_id=CALL_SID)
    forward = {**DIAL_ENDED, "dial_call_status": status, "customerData": FORWARD_TAG}
    assert parse(forward, ours("dial")) == CallHinted(call_id=FORWARD.call_id)


@pytest.mark.parametrize("fields", [START, {**STATUS, "call_status": "in-progress", "customerData": OUTBOUND_TAG}])
@pytest.mark.parametrize("query", ["?hook=dial", "?leg=dial", ours("dial")])
def test_r20_a_body_sent_again_to_the_url_of_a_dial_ends_no_call(fields: dict[str, object], query: str) -> None:
    """Only the body is signed, not the URL."""
    assert not isinstance(parse(fields, query), CallEnded)


@pytest.mark.parametrize("leg", ["dial", "forward"])
def test_a_url_without_our_proof_for_this_call_says_nothing(leg: str) -> None:
    another = proven_url("", {"leg": leg}, LEG_SID, (SECRET,))
    foreign = proven_url("", {"leg": leg}, CALL_SID, ("another",))
    kept = ours("forward" if leg == "dial" else "dial").replace("forward" if leg == "dial" else "dial", leg)

    for query in (f"?leg={leg}", another, foreign, kept):
        assert parse({**DIAL_ENDED, **REDIRECTED}, query) == Ignored(kind="call_status trying")


def test_what_the_older_secret_has_proven_still_holds() -> None:
    query = proven_url("", {"leg": "dial"}, CALL_SID, (OLD_SECRET,))

    assert isinstance(parse(DIAL_ENDED, query), CallEnded)


def test_r13_the_incoming_call_of_a_forwarded_one_ends_with_its_own_seconds() -> None:
    assert parse({**FIRST_LEG, "customerData": FORWARD_TAG}) == UNTIMED
    assert parse({**REDIRECTED, "call_status": "failed", "sip_status": 486}) == replace(
        UNTIMED, cause=Cause.BUSY, seconds=0
    )


# Requests to jambonz.


@pytest.mark.parametrize("missing", ["api_url", "account_sid", "api_key"])
def test_without_the_api_nothing_is_asked(missing: str) -> None:
    options = {name: value for name, value in DRIVER.connection.options.items() if name != missing}
    off = connection(**options)

    assert not JAMBONZ.can_cut(off, CALL)
    assert JAMBONZ.ask_status(off, CALL, NOW) is None
    with pytest.raises(ProviderFailed, match="jb lacks one of api_url"):
        JAMBONZ.hang_up(off, CALL, CutReason.LIMIT, NOW)


def test_r18_a_call_that_still_rings_is_ended_by_another_word() -> None:
    ringing = ProviderResponse(status=422, body=b"current call state is incompatible with requested action")
    hung_up = JAMBONZ.hang_up(DRIVER.connection, CALL, CutReason.OPERATOR, NOW)

    request = JAMBONZ.second_hang_up(DRIVER.connection, CALL, ringing, NOW)

    assert request == replace(hung_up, body=b'{"call_status":"no-answer"}')
    assert isinstance(JAMBONZ, SecondHangUp)


@pytest.mark.parametrize(
    ("status", "body"),
    [(202, b""), (404, b""), (422, b"call session is gone for call_sid x"), (500, b"incompatible"), (400, b"")],
)
def test_any_other_reply_to_a_hang_up_stands(status: int, body: bytes) -> None:
    response = ProviderResponse(status=status, body=body)

    assert JAMBONZ.second_hang_up(DRIVER.connection, CALL, response, NOW) is None


@pytest.mark.parametrize("call_id", ["", "a/b", f"{CALL_SID}/..", f"{CALL_SID}:forward:forward", f"{CALL_SID}\n", "é"])
def test_no_url_is_made_of_junk(call_id: str) -> None:
    assert not JAMBONZ.can_cut(DRIVER.connection, CallRef(call_id=call_id))
    assert JAMBONZ.ask_status(DRIVER.connection, CallRef(call_id=call_id), NOW) is None


def test_the_fate_of_a_forwarded_call_has_its_id() -> None:
    response = DRIVER.fate_replies[0][0]

    status = JAMBONZ.read_status(response, CallRef(call_id=FORWARD.call_id))

    assert status == CallEnded(call_id=FORWARD.call_id, cause=Cause.NORMAL, seconds=61)


def test_r22_jambonz_is_asked_before_it_forgets() -> None:
    """It remembers a call for an hour after its end; the deadline of a call that was short is later."""
    often = ask_every(JAMBONZ)

    assert often is not None
    assert 4 * often <= timedelta(hours=1)
    assert ask_every(adapters()["native"]) is None


def test_the_kit_says_what_is_not_set() -> None:
    kit = JAMBONZ.kit(connection(), public_url=PUBLIC_URL)

    assert "user:{digits} (the default)" in kit
    assert "(none)" in kit
    assert "chosen by jambonz" in kit
    assert "no: give api_url" in kit


def test_a_call_somebody_places_by_the_api_is_none_of_ours() -> None:
    assert isinstance(parse({**START, "direction": "outbound"}), Ignored)
