# ruff: noqa: E501 - a reply is one line
"""FreeSWITCH: hooks and documents as it was seen to send and take them; `tests/e2e/freeswitch` runs one."""

import re
from dataclasses import replace
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from inline_snapshot import snapshot

from gateway.domain.calls.call import CutReason
from gateway.domain.errors import BadSignature, MalformedHook, ProviderFailed
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction, Event, Ignored
from gateway.providers.base import Acknowledged, CallRef, Connect, Hook, Reject
from gateway.providers.freeswitch.adapter import Freeswitch
from tests.providers.cases import NOW, PUBLIC_URL, ProviderCases, make_hook
from tests.providers.freeswitch.driver import (
    CHANNEL,
    FORWARD,
    FORWARDED_FLOW,
    INBOUND,
    INBOUND_LOOKUP,
    LOOKUP,
    OUTBOUND,
    FreeswitchDriver,
    cdr,
    cdr_hook,
    lookup_hook,
    profile,
)

FREESWITCH = Freeswitch()
CONNECTION = FreeswitchDriver.connection
CONNECT = Connect(caller_id="+15550100009", max_seconds=2220)


class TestFreeswitch(ProviderCases):
    driver = FreeswitchDriver()
    replies = snapshot(
        {
            "start connect": [
                200,
                "text/xml",
                '<document type="freeswitch/xml"><section name="dialplan"><context name="gateway-out"><extension name="gateway"><condition><action application="set" data="execute_on_answer_call=sched_hangup +2220 ALLOTTED_TIMEOUT" /><action application="set" data="api_on_answer_call=bgapi curl https://gw.example.net/hooks/fs?answered=8f14e45f-ceea-467f-9575-5a1c3b2d4e6f&amp;proof=a1c501d83bdc8aa849347519a764cfc9a137f30052a97a31f261e8952974cb05 secure timeout 5 post" /><action application="set" data="effective_caller_id_number=+15550100009" /><action application="set" data="effective_caller_id_name=+15550100009" /><action application="set" data="hangup_after_bridge=true" /><action application="set" data="call_timeout=80" /><action application="bridge" data="sofia/gateway/trunk/442079460000" /></condition></extension></context></section></document>',
            ],
            "start reject busy": [
                200,
                "text/xml",
                '<document type="freeswitch/xml"><section name="dialplan"><context name="gateway-out"><extension name="gateway"><condition><action application="respond" data="486 Busy Here" /><action application="hangup" data="USER_BUSY" /></condition></extension></context></section></document>',
            ],
            "start reject money": [
                200,
                "text/xml",
                '<document type="freeswitch/xml"><section name="dialplan"><context name="gateway-out"><extension name="gateway"><condition><action application="respond" data="402 Payment Required" /><action application="hangup" data="OUTGOING_CALL_BARRED" /></condition></extension></context></section></document>',
            ],
            "start reject unavailable": [
                200,
                "text/xml",
                '<document type="freeswitch/xml"><section name="dialplan"><context name="gateway-out"><extension name="gateway"><condition><action application="respond" data="503 Service Unavailable" /><action application="hangup" data="NORMAL_TEMPORARY_FAILURE" /></condition></extension></context></section></document>',
            ],
            "start inbound connect": [
                200,
                "text/xml",
                '<document type="freeswitch/xml"><section name="dialplan"><context name="gateway-in"><extension name="gateway"><condition><action application="set" data="execute_on_answer_call=sched_hangup +2220 ALLOTTED_TIMEOUT" /><action application="set" data="api_on_answer_call=bgapi curl https://gw.example.net/hooks/fs?answered=8f14e45f-ceea-467f-9575-5a1c3b2d4e6f&amp;proof=a1c501d83bdc8aa849347519a764cfc9a137f30052a97a31f261e8952974cb05 secure timeout 5 post" /><action application="set" data="effective_caller_id_number=+15550100009" /><action application="set" data="effective_caller_id_name=+15550100009" /><action application="set" data="hangup_after_bridge=true" /><action application="set" data="call_timeout=80" /><action application="bridge" data="user/15550100001@pbx.example.com" /></condition></extension></context></section></document>',
            ],
            "start inbound reject busy": [
                200,
                "text/xml",
                '<document type="freeswitch/xml"><section name="dialplan"><context name="gateway-in"><extension name="gateway"><condition><action application="respond" data="486 Busy Here" /><action application="hangup" data="USER_BUSY" /></condition></extension></context></section></document>',
            ],
            "start inbound reject money": [
                200,
                "text/xml",
                '<document type="freeswitch/xml"><section name="dialplan"><context name="gateway-in"><extension name="gateway"><condition><action application="respond" data="402 Payment Required" /><action application="hangup" data="OUTGOING_CALL_BARRED" /></condition></extension></context></section></document>',
            ],
            "start inbound reject unavailable": [
                200,
                "text/xml",
                '<document type="freeswitch/xml"><section name="dialplan"><context name="gateway-in"><extension name="gateway"><condition><action application="respond" data="503 Service Unavailable" /><action application="hangup" data="NORMAL_TEMPORARY_FAILURE" /></condition></extension></context></section></document>',
            ],
            "start forward connect": [
                200,
                "text/xml",
                '<document type="freeswitch/xml"><section name="dialplan"><context name="gateway-forward"><extension name="gateway"><condition><action application="set" data="execute_on_answer_forward=sched_hangup +2220 ALLOTTED_TIMEOUT" /><action application="set" data="api_on_answer_forward=bgapi curl https://gw.example.net/hooks/fs?answered=8f14e45f-ceea-467f-9575-5a1c3b2d4e6f%3Aforward&amp;proof=731a0eb06c4390c1c72f85e137d7de93afd8160e2d356b533d245d2ba616ab06 secure timeout 5 post" /><action application="set" data="effective_caller_id_number=+15550100009" /><action application="set" data="effective_caller_id_name=+15550100009" /><action application="set" data="hangup_after_bridge=true" /><action application="set" data="call_timeout=80" /><action application="bridge" data="sofia/gateway/trunk/442079460000" /></condition></extension></context></section></document>',
            ],
            "start forward reject busy": [
                200,
                "text/xml",
                '<document type="freeswitch/xml"><section name="dialplan"><context name="gateway-forward"><extension name="gateway"><condition><action application="respond" data="486 Busy Here" /><action application="hangup" data="USER_BUSY" /></condition></extension></context></section></document>',
            ],
            "start forward reject money": [
                200,
                "text/xml",
                '<document type="freeswitch/xml"><section name="dialplan"><context name="gateway-forward"><extension name="gateway"><condition><action application="respond" data="402 Payment Required" /><action application="hangup" data="OUTGOING_CALL_BARRED" /></condition></extension></context></section></document>',
            ],
            "start forward reject unavailable": [
                200,
                "text/xml",
                '<document type="freeswitch/xml"><section name="dialplan"><context name="gateway-forward"><extension name="gateway"><condition><action application="respond" data="503 Service Unavailable" /><action application="hangup" data="NORMAL_TEMPORARY_FAILURE" /></condition></extension></context></section></document>',
            ],
            "end charged": [200, "application/json", ""],
            "end charged nobody": [200, "application/json", ""],
            "end taken": [200, "application/json", ""],
            "end inbound charged": [200, "application/json", ""],
            "end inbound charged nobody": [200, "application/json", ""],
            "end inbound taken": [200, "application/json", ""],
            "end forward charged": [200, "application/json", ""],
            "end forward charged nobody": [200, "application/json", ""],
            "end forward taken": [200, "application/json", ""],
        }
    )
    hang_ups = snapshot(
        {
            "8f14e45f-ceea-467f-9575-5a1c3b2d4e6f": [
                "GET",
                "http://10.0.0.5:8080/txtapi/uuid_kill?8f14e45f-ceea-467f-9575-5a1c3b2d4e6f%20ALLOTTED_TIMEOUT",
                {"Authorization": "Basic ZnJlZXN3aXRjaDpzM2NyZXQ="},
                "",
            ],
            "8f14e45f-ceea-467f-9575-5a1c3b2d4e6f:forward": [
                "GET",
                "http://10.0.0.5:8080/txtapi/uuid_kill?8f14e45f-ceea-467f-9575-5a1c3b2d4e6f%20ALLOTTED_TIMEOUT",
                {"Authorization": "Basic ZnJlZXN3aXRjaDpzM2NyZXQ="},
                "",
            ],
        }
    )
    statuses = snapshot(
        {
            "8f14e45f-ceea-467f-9575-5a1c3b2d4e6f": [
                "GET",
                "http://10.0.0.5:8080/txtapi/uuid_dump?8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
                {"Authorization": "Basic ZnJlZXN3aXRjaDpzM2NyZXQ="},
                "",
            ],
            "8f14e45f-ceea-467f-9575-5a1c3b2d4e6f:forward": [
                "GET",
                "http://10.0.0.5:8080/txtapi/uuid_dump?8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
                {"Authorization": "Basic ZnJlZXN3aXRjaDpzM2NyZXQ="},
                "",
            ],
            "x y": None,
        }
    )


def actions(
    event: CallStarted, outcome: Connect | Reject | Acknowledged, **options: str
) -> list[tuple[str | None, str | None]]:
    """What FreeSWITCH is told to do, in order."""
    connection = replace(CONNECTION, options={**CONNECTION.options, **options})
    body = FREESWITCH.reply(event, outcome, connection, public_url=PUBLIC_URL).body
    return [(action.get("application"), action.get("data")) for action in ET.fromstring(body).iter("action")]  # noqa: S314 - our own document


def variables(event: CallStarted, outcome: Connect = CONNECT, **options: str) -> dict[str, str]:
    told = [data or "" for name, data in actions(event, outcome, **options) if name == "set"]
    return dict(text.split("=", 1) for text in told)


def parse(hook: Hook) -> Event:
    return FREESWITCH.parse(hook, CONNECTION)


def answer_hook(event: CallStarted = OUTBOUND) -> Hook:
    """The report of the answer as mod_curl makes it of our own reply."""
    [told] = [value for name, value in variables(event).items() if name.startswith("api_on_answer")]
    background, curl, url, *options = told.split(" ")
    assert (background, curl, options) == ("bgapi", "curl", ["secure", "timeout", "5", "post"])
    parts = urlsplit(url)
    return make_hook(f"{parts.path}?{parts.query}", headers={"User-Agent": "freeswitch-curl/1.0"})


# Authenticity.


def test_the_login_of_another_connection_is_refused() -> None:
    hook = FreeswitchDriver().sign(lookup_hook(LOOKUP), CONNECTION.secrets[0])

    with pytest.raises(BadSignature):
        FREESWITCH.authenticate(hook, replace(CONNECTION, name="other"))


def test_an_answer_is_reported_by_the_url_of_our_reply_without_the_secret() -> None:
    hook = answer_hook()

    FREESWITCH.authenticate(hook, CONNECTION)
    assert parse(hook) == CallAnswered(call_id=CHANNEL)
    assert not any(secret in hook.url for secret in CONNECTION.secrets)


def test_the_answer_of_a_forwarded_call_is_its_own() -> None:
    hook = answer_hook(FORWARD)

    FREESWITCH.authenticate(hook, CONNECTION)
    assert parse(hook) == CallAnswered(call_id=f"{CHANNEL}:forward")


def test_the_proof_of_an_answer_is_good_after_the_secret_was_changed_and_bad_after_it_was_taken_out() -> None:
    hook = answer_hook()

    FREESWITCH.authenticate(hook, replace(CONNECTION, secrets=("another", CONNECTION.secrets[0])))
    for secrets in (("another", CONNECTION.secrets[1]), ()):
        with pytest.raises(BadSignature):
            FREESWITCH.authenticate(hook, replace(CONNECTION, secrets=secrets))


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.replace(CHANNEL, CHANNEL.replace("8", "9")),
        lambda url: url.replace("&proof=", "%3Aforward&proof="),
        lambda url: url.partition("&proof=")[0],
        lambda url: url.partition("&proof=")[0] + "&proof=",
        lambda url: url[:-1],
    ],
)
def test_the_proof_of_an_answer_is_good_for_that_answer_only(change) -> None:
    hook = answer_hook()

    with pytest.raises(BadSignature):
        FREESWITCH.authenticate(replace(hook, url=change(hook.url)), CONNECTION)


def test_a_login_does_not_replace_the_proof_of_an_answer() -> None:
    hook = make_hook(f"/hooks/fs?answered={CHANNEL}")

    with pytest.raises(BadSignature):
        FREESWITCH.authenticate(FreeswitchDriver().sign(hook, CONNECTION.secrets[0]), CONNECTION)


@pytest.mark.parametrize("call_id", ["", "x", f"{CHANNEL}:forward:forward", CHANNEL.upper()])
def test_an_answer_of_no_call_is_malformed(call_id: str) -> None:
    with pytest.raises(MalformedHook):
        parse(make_hook(f"/hooks/fs?answered={call_id}"))


# Starts.


def test_the_line_of_a_call_to_outside_is_the_users_then_the_connections_then_the_caller() -> None:
    fields = {name: value for name, value in LOOKUP.items() if name != "variable_gateway_line"}
    defaulted = replace(CONNECTION, options={**CONNECTION.options, "default_line": "15550100007"})

    lines = [
        started.line
        for started in (
            FREESWITCH.parse(lookup_hook(LOOKUP), defaulted),
            FREESWITCH.parse(lookup_hook(fields), defaulted),
            FREESWITCH.parse(lookup_hook({**fields, "Hunt-Caller-ID-Number": "15550100002"}), CONNECTION),
        )
        if isinstance(started, CallStarted)
    ]

    assert lines == ["+15550100001", "+15550100007", "+15550100002"]


def test_the_line_of_a_call_from_outside_is_the_called_number_whatever_a_variable_says() -> None:
    assert parse(lookup_hook({**INBOUND_LOOKUP, "variable_gateway_line": "+15550100099"})) == INBOUND


def test_a_caller_without_a_number_is_read() -> None:
    fields = {name: value for name, value in INBOUND_LOOKUP.items() if name != "Hunt-Caller-ID-Number"}

    assert parse(lookup_hook(fields)) == replace(INBOUND, caller="anonymous")


def test_a_channel_whose_id_the_caller_chose_is_refused() -> None:
    with pytest.raises(MalformedHook, match="Unique-ID"):
        parse(lookup_hook({**LOOKUP, "Unique-ID": "call-id-of-mallory@evil.example"}))


def test_a_call_that_was_answered_before_is_refused_as_its_limit_would_not_be_kept() -> None:
    with pytest.raises(MalformedHook, match="answered before"):
        parse(lookup_hook({**LOOKUP, "Answer-State": "answered"}))


# Documents.


def test_no_document_has_what_makes_freeswitch_leave_out_a_line() -> None:
    """A document is one line, so all of it would be gone, and every call refused by the files on the disk."""
    for event in (OUTBOUND, INBOUND, FORWARD, Ignored(kind="directory")):
        body = FREESWITCH.reply(event, CONNECT, CONNECTION, public_url=PUBLIC_URL).body
        assert body.startswith(b"<document ")
        assert b"<?" not in body


@pytest.mark.parametrize("text", ["${system(reboot)}", "1 XML default", "a,b", "x'y", "1|2", "", "1" * 65])
def test_no_text_of_a_party_is_expanded_by_the_dialplan(text: str) -> None:
    refused = [("respond", "404 Not Found"), ("hangup", "UNALLOCATED_NUMBER")]

    assert actions(replace(OUTBOUND, callee=text), CONNECT) == refused
    assert actions(replace(OUTBOUND, line=text), CONNECT, outbound_to="sofia/gateway/{line}/{digits}") == refused
    assert actions(replace(INBOUND, line=text), CONNECT) == refused
    assert actions(replace(INBOUND, line=text), CONNECT, inbound_to="+442079460000") == refused
    assert actions(replace(INBOUND, caller=text), replace(CONNECT, caller_id=text)) == [
        action for action in actions(INBOUND, CONNECT) if "effective_caller_id" not in (action[1] or "")
    ]


def test_a_line_with_a_name_calls_where_its_name_is_not_dialled() -> None:
    assert actions(replace(OUTBOUND, line="Acme, Inc."), CONNECT)[-1] == ("bridge", "sofia/gateway/trunk/442079460000")


def test_a_caller_who_shows_no_number_is_left_as_it_is() -> None:
    assert "effective_caller_id_number" in variables(INBOUND)
    assert "effective_caller_id_number" not in variables(INBOUND, replace(CONNECT, caller_id="anonymous"))


def test_an_emergency_call_shows_its_line_and_not_its_users_name() -> None:
    told = variables(replace(OUTBOUND, callee="112"), Connect(caller_id="1001", max_seconds=3600))

    assert told["effective_caller_id_number"] == told["effective_caller_id_name"] == "+15550100001"


def test_a_call_to_a_number_that_is_forwarded_asks_again_with_both_limits_side_by_side() -> None:
    told = actions(INBOUND, CONNECT, inbound_to="+442079460000")

    assert told[-2:] == [("set", "gateway_line=+15550100001"), ("transfer", "+442079460000 XML gateway-forward")]
    first, second = variables(INBOUND, CONNECT, inbound_to="+442079460000"), variables(FORWARD)
    assert {name for name in first if "_on_answer" in name} == {"execute_on_answer_call", "api_on_answer_call"}
    assert {name for name in second if "_on_answer" in name} == {"execute_on_answer_forward", "api_on_answer_forward"}


def test_a_forwarded_call_is_dialled_and_not_forwarded_again() -> None:
    assert actions(FORWARD, CONNECT, inbound_to="+442079460000")[-1] == ("bridge", "sofia/gateway/trunk/442079460000")


def test_the_dial_strings_are_filled_in() -> None:
    assert actions(OUTBOUND, CONNECT, outbound_to="sofia/gateway/{line}/{callee}")[-1] == (
        "bridge",
        "sofia/gateway/+15550100001/+442079460000",
    )
    connection = replace(CONNECTION, options={"outbound_to": "x"})
    body = FREESWITCH.reply(INBOUND, CONNECT, connection, public_url=PUBLIC_URL).body
    assert b'data="user/15550100001"' in body


@pytest.mark.parametrize(
    ("code", "said"), [(486, "486 Busy Here"), (403, "403 Forbidden"), (500, "503 Service Unavailable")]
)
def test_a_refusal_has_its_cause(code: int, said: str) -> None:
    assert actions(OUTBOUND, Reject(sip_code=code, reason="x"))[0] == ("respond", said)


def test_a_start_without_a_decision_is_refused() -> None:
    assert actions(OUTBOUND, Acknowledged())[0] == ("respond", "503 Service Unavailable")


# Ends.


@pytest.mark.parametrize(
    ("hangup_cause", "cause"),
    [
        ("USER_BUSY", Cause.BUSY),
        ("NO_ANSWER", Cause.NO_ANSWER),
        ("ORIGINATOR_CANCEL", Cause.CANCELLED),
        ("CALL_REJECTED", Cause.REJECTED),
        ("ALLOTTED_TIMEOUT", Cause.LIMIT),
        ("DESTINATION_OUT_OF_ORDER", Cause.FAILED),
        ("", Cause.FAILED),
    ],
)
def test_an_unanswered_call_has_no_seconds_and_its_cause(hangup_cause: str, cause: Cause) -> None:
    ended = parse(cdr_hook(cdr(hangup_cause=hangup_cause, answer_uepoch="0")))

    assert isinstance(ended, CallEnded)
    assert (ended.cause, ended.seconds, ended.answered_at) == (cause, 0, None)


@pytest.mark.parametrize(
    ("hangup_cause", "cause"),
    [
        ("ORIGINATOR_CANCEL", Cause.NORMAL),
        ("NO_USER_RESPONSE", Cause.NORMAL),
        ("USER_BUSY", Cause.NORMAL),
        ("CALL_REJECTED", Cause.NORMAL),
        ("MEDIA_TIMEOUT", Cause.FAILED),
        ("ALLOTTED_TIMEOUT", Cause.LIMIT),
    ],
)
def test_a_call_that_talked_was_answered_whatever_it_was_hung_up_with(hangup_cause: str, cause: Cause) -> None:
    talked = {"answer_uepoch": "1774960490000000", "end_uepoch": "1774960550000000"}
    ended = parse(cdr_hook(cdr(hangup_cause=hangup_cause, **talked)))

    assert isinstance(ended, CallEnded)
    assert (ended.cause, ended.seconds) == (cause, 60)


@pytest.mark.parametrize(
    ("answer_us", "end_us", "seconds"),
    [
        (1774960490000000, 1774960490000000, 0),
        (1774960490000000, 1774960490000001, 1),
        (1774960490999999, 1774960550999999, 60),
    ],
)
def test_seconds_are_rounded_up_from_the_two_instants(answer_us: int, end_us: int, seconds: int) -> None:
    ended = parse(cdr_hook(cdr(answer_uepoch=str(answer_us), end_uepoch=str(end_us))))

    assert isinstance(ended, CallEnded)
    assert ended.seconds == seconds


@pytest.mark.parametrize(
    "figures",
    [
        {"end_uepoch": "0"},
        {"end_uepoch": "9" * 16},
        {"end_uepoch": "-1"},
        {"answer_uepoch": "1"},
        {"answer_uepoch": "\u0661"},
        {"answer_uepoch": ""},
        {"uuid": "x"},
    ],
)
def test_a_record_with_impossible_figures_is_malformed(figures: dict[str, str]) -> None:
    with pytest.raises(MalformedHook):
        parse(cdr_hook(cdr(**figures)))


def test_a_channel_that_was_answered_and_never_bridged_has_no_seconds() -> None:
    ended = parse(cdr_hook(cdr(profile("gateway-out", "1001", "011442079460000", "0"))))

    assert isinstance(ended, CallEnded)
    assert (ended.seconds, ended.answered_at) == (0, None)


def test_a_record_that_does_not_tell_whether_it_was_bridged_is_malformed() -> None:
    for times in ({}, {"bridged_time": "x"}):
        with pytest.raises(MalformedHook, match="bridged_time"):
            parse(cdr_hook(cdr({**profile("gateway-out", "1001", "011442079460000"), "times": times})))


def test_the_latest_lookup_of_a_channel_is_the_one_that_was_charged() -> None:
    flow = (profile("gateway-out", "1001", "011442079460001"), profile("gateway-out", "1001", "011442079460000"))

    ended = parse(cdr_hook(cdr(*flow)))

    assert isinstance(ended, CallEnded)
    assert ended.start is not None
    assert ended.start.callee == "+442079460001"


def test_both_calls_of_a_channel_end_with_its_record() -> None:
    ends = [parse(cdr_hook(cdr(*FORWARDED_FLOW), leg)) for leg in ("call", "forward")]

    assert [(end.call_id, end.start.direction) for end in ends if isinstance(end, CallEnded) and end.start] == [
        (CHANNEL, Direction.INBOUND),
        (f"{CHANNEL}:forward", Direction.FORWARD),
    ]


def test_the_end_of_a_call_is_answered_with_nothing() -> None:
    reply = FREESWITCH.reply(
        CallEnded(call_id="x", cause=Cause.NORMAL), Acknowledged(), CONNECTION, public_url=PUBLIC_URL
    )

    assert (reply.status, reply.body) == (200, b"")


# Requests to FreeSWITCH.


@pytest.mark.parametrize(
    "connection",
    [
        replace(CONNECTION, control_url=None),
        replace(CONNECTION, options={"outbound_to": "x"}),
    ],
)
def test_without_the_api_nothing_is_cut_or_asked(connection) -> None:
    call = CallRef(call_id=CHANNEL)

    assert not FREESWITCH.can_cut(connection, call)
    assert FREESWITCH.ask_status(connection, call, NOW) is None
    with pytest.raises(ProviderFailed):
        FREESWITCH.hang_up(connection, call, CutReason.CREDIT, NOW)


@pytest.mark.parametrize(
    ("reason", "cause"), [(CutReason.CREDIT, "ALLOTTED_TIMEOUT"), (CutReason.OPERATOR, "MANAGER_REQUEST")]
)
def test_a_cut_says_why(reason: CutReason, cause: str) -> None:
    assert FREESWITCH.hang_up(CONNECTION, CallRef(call_id=CHANNEL), reason, NOW).url.endswith(f"?{CHANNEL}%20{cause}")


# The kit.


def kit_documents() -> dict[str, ET.Element]:
    text = FREESWITCH.kit(CONNECTION, public_url=PUBLIC_URL)
    blocks = list(re.finditer(r"^<(include|configuration|extension)\b.*?^</\1>", text, re.MULTILINE | re.DOTALL))
    assert len(blocks) == 4
    return {root.get("name") or root.tag: root for root in (ET.fromstring(block[0]) for block in blocks)}  # noqa: S314 - our own document


def test_the_files_of_the_kit_are_xml_and_ask_the_gateway() -> None:
    documents = kit_documents()

    urls = [
        param.get("value")
        for root in documents.values()
        for param in root.iter("param")
        if "url" in (param.get("name") or "")
    ]
    assert urls == [
        f"{PUBLIC_URL}/hooks/fs",
        f"{PUBLIC_URL}/hooks/fs?leg=call&cdr",
        f"{PUBLIC_URL}/hooks/fs?leg=forward&cdr",
    ]


def test_where_freeswitch_falls_back_to_its_files_there_is_nothing_but_a_refusal() -> None:
    contexts = {
        context.get("name"): [(action.get("application"), action.get("data")) for action in context.iter("action")]
        for context in kit_documents()["include"]
    }

    refusal = [("respond", "503 Service Unavailable")]
    assert contexts == {"gateway-in": refusal, "gateway-out": refusal, "gateway-forward": refusal}


def test_the_kit_posts_what_the_adapter_reads() -> None:
    posted = {
        param.get("value")
        for param in kit_documents()["xml_curl.conf"].iter("param")
        if param.get("name") == "enable-post-var"
    }

    assert posted == set(LOOKUP) - {"hostname", "section", "tag_name", "key_name", "key_value"}
