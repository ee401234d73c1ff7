"""SignalWire's own libraries: one signs for us and builds our documents and requests, the newer one judges signatures.

Both are the module `signalwire`, and the one for cXML pins an aiohttp of its own that only its Relay needs, which we do
not: so each is in a folder of its own, for a program of its own.
"""

import sys
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree as ET

import pytest

from gateway.domain.calls.call import CutReason
from gateway.domain.errors import BadSignature
from gateway.domain.events import CallStarted
from gateway.providers.base import CallRef, Hook, ProviderRequest
from gateway.providers.signalwire.signing import require_signature
from tests.providers.cases import NOW, PUBLIC_URL, START_OUTCOMES, with_headers
from tests.providers.signalwire.driver import (
    CALL,
    INBOUND,
    KEY,
    LEG_ENDED,
    OLD_KEY,
    OUTBOUND_QUERY,
    PROJECT,
    SIGNALWIRE,
    START,
    TOKEN,
    SignalWireDriver,
    connection,
    fields_of,
    json_hook,
    signalwire_hook,
    signed,
)
from tests.support.http_samples import sample_connection, samples
from tests.support.packages import ask, pip_packages

HERE = Path(__file__).parent
CXML = ("signalwire==2.1.1", "twilio==6.54.0", "pyjwt==1.7.1", "pytz==2025.2", "six==1.17.0")
SDK = ("signalwire-sdk==3.7.5",)
DRIVER = SignalWireDriver()


@pytest.fixture(scope="module")
def cxml() -> Path:
    return pip_packages("signalwire-2.1.1", "--no-deps", *CXML)


@pytest.fixture(scope="module")
def sdk() -> Path:
    return pip_packages("signalwire-sdk-3.7.5", *SDK)


def cxml_says(
    packages: Path, *, forms: list[dict[str, object]] | None = None, documents: list[str] | None = None
) -> Any:
    calls = {"user": PROJECT, "password": TOKEN, "space": "https://acme.signalwire.com/api/laml", "sid": CALL}
    asked = {"forms": forms or [], "documents": documents or [], "calls": calls}
    return ask([sys.executable, HERE / "cxml.py"], asked, PYTHONPATH=str(packages))


def sdk_takes(packages: Path, hooks: list[tuple[str, Hook]]) -> list[bool]:
    """Whether the SDK takes each of these (secret, hook) for SignalWire's."""
    asked = [
        {
            "secret": secret,
            "method": hook.method,
            "url": hook.url,
            "headers": {name.lower(): hook.headers[name] for name in hook.headers},
            "body": hook.body.decode(),
        }
        for secret, hook in hooks
    ]
    taken: list[bool] = ask([sys.executable, HERE / "sdk.py"], asked, PYTHONPATH=str(packages))
    return taken


def we_take(*secrets: str, hook: Hook) -> bool:
    try:
        require_signature(hook, secrets)
    except BadSignature:
        return False
    return True


# Signatures.


@pytest.mark.parametrize("secret", [KEY, OLD_KEY])
def test_we_take_what_its_library_signs(cxml: Path, secret: str) -> None:
    hooks = [case.hook for case in DRIVER.cases().values()]
    forms = [{"secret": secret, "url": hook.url, "fields": fields_of(hook)} for hook in hooks]

    signatures = cxml_says(cxml, forms=forms)["signatures"]

    for hook, signature in zip(hooks, signatures, strict=True):
        SIGNALWIRE.authenticate(with_headers(hook, x_signalwire_signature=signature), connection())
        assert not we_take("another", hook=with_headers(hook, x_signalwire_signature=signature))


def test_its_sdk_takes_every_sample_and_what_our_tests_sign(sdk: Path) -> None:
    recorded = sample_connection("signalwire")
    assert recorded is not None
    hooks = [
        *((recorded.secrets[0], hook) for hook in samples("signalwire").values()),
        *((secret, signed(case.hook, secret)) for case in DRIVER.cases().values() for secret in (KEY, OLD_KEY)),
        (KEY, signed(json_hook(LEG_ENDED))),
    ]

    assert sdk_takes(sdk, hooks) == [True] * len(hooks)


def spoiled() -> Mapping[str, Hook]:
    """What may become of a hook on its way, and whoever sends one himself."""
    good = signed(signalwire_hook(LEG_ENDED, OUTBOUND_QUERY))
    bare = signalwire_hook(START)
    twice = replace(bare, body=b"CallSid=b&CallSid=a&CallSid=a&AccountSid=c")
    as_json = signed(json_hook(LEG_ENDED))
    signature = good.headers["x-signalwire-signature"]
    return {
        "as it is": good,
        "as Twilio names it": signed(bare, header="x_twilio_signature"),
        "by the standard port": replace(good, url=good.url.replace("example.net", "example.net:443")),
        "by another port": replace(good, url=good.url.replace("example.net", "example.net:8443")),
        "by another scheme": replace(good, url=good.url.replace("https:", "http:")),
        "to another host": replace(good, url=good.url.replace("example.net", "example.com")),
        "another query": replace(good, url=good.url + "&line=1"),
        "another field": replace(good, body=good.body + b"&a="),
        "a field less": replace(good, body=good.body.rpartition(b"&")[0]),
        "fields in another order": replace(good, body=b"&".join(reversed(good.body.split(b"&")))),
        "another body": replace(good, body=good.body.replace(b"61", b"1")),
        "fields that come twice": signed(twice),
        "fields that come twice, sorted": replace(signed(twice), body=b"CallSid=a&CallSid=a&CallSid=b&AccountSid=c"),
        "no signature": bare,
        "an empty signature": with_headers(good, x_signalwire_signature=""),
        "a signature in other letters": with_headers(good, x_signalwire_signature=signature.swapcase()),
        "a signature cut short": with_headers(good, x_signalwire_signature=signature[:-1]),
        "two signatures": with_headers(good, x_signalwire_signature=f"{signature}, {signature}"),
        "JSON": as_json,
        "JSON of another hash": replace(as_json, body=as_json.body + b" "),
    }


def test_its_sdk_and_we_are_of_one_mind(sdk: Path) -> None:
    """By the right key, the key before it, a wrong one."""
    asked = [(name, secret, hook) for name, hook in spoiled().items() for secret in (KEY, OLD_KEY)]

    taken = sdk_takes(sdk, [(secret, hook) for _, secret, hook in asked])

    ours = {(name, secret): we_take(secret, hook=hook) for name, secret, hook in asked}
    assert ours == {(name, secret): said for (name, secret, _), said in zip(asked, taken, strict=True)}
    assert {name for (name, secret), said in ours.items() if said} == {
        "as it is",
        "as Twilio names it",
        "by the standard port",
        "fields in another order",
        "fields that come twice",
        "JSON",
    }


def test_we_are_stricter_than_its_sdk_where_a_signature_does_not_prove_the_form(sdk: Path) -> None:
    """It takes a signature over the URL alone for any form."""
    form = signalwire_hook(START)
    over_the_url = signed(replace(form, body=b"")).headers["x-signalwire-signature"]
    hook = with_headers(form, x_signalwire_signature=over_the_url)

    assert sdk_takes(sdk, [(KEY, hook)]) == [True]
    assert not we_take(KEY, hook=hook)


# Documents.


def test_its_builder_writes_every_document_of_ours(cxml: Path) -> None:
    starts = [case.event for case in DRIVER.cases().values() if isinstance(case.event, CallStarted)]
    forwarding = connection(inbound_to="+442079460000")
    told = [
        *(
            SIGNALWIRE.reply(start, outcome, connection(), public_url=PUBLIC_URL)
            for start in starts
            for outcome in START_OUTCOMES.values()
        ),
        *(
            SIGNALWIRE.reply(case.event, START_OUTCOMES["connect"], connection(), public_url=PUBLIC_URL)
            for case in DRIVER.cases().values()
        ),
        SIGNALWIRE.reply(INBOUND, START_OUTCOMES["connect"], forwarding, public_url=PUBLIC_URL),
    ]
    documents = [reply.body.decode() for reply in told]

    built = cxml_says(cxml, documents=documents)["documents"]

    assert [ET.canonicalize(text) for text in built] == [ET.canonicalize(text) for text in documents]
    assert {verb.tag for text in documents for verb in ET.fromstring(text).iter()} == {  # noqa: S314 - our own
        "Response",
        "Dial",
        "Number",
        "Sip",
        "Redirect",
        "Reject",
        "Hangup",
    }


def test_its_builder_finds_what_is_wrong(cxml: Path) -> None:
    wrong = ["<Response><Verto/></Response>", '<Response><Dial limit="60"/></Response>']

    assert cxml_says(cxml, documents=wrong)["documents"] == [
        "'VoiceResponse' object has no attribute 'verto'",
        "<Dial> has no ['limit']",
    ]


# Requests.


def test_its_client_asks_as_we_do(cxml: Path) -> None:
    """But for the `.json` that it puts behind its paths, which SignalWire's OpenAPI file does not have."""
    call = CallRef(call_id=CALL)
    (rest,) = SIGNALWIRE.ask_rest(connection(), call, NOW)
    ours = {
        "hang_up": SIGNALWIRE.hang_up(connection(), call, CutReason.LIMIT, NOW),
        "ask_status": SIGNALWIRE.ask_status(connection(), call, NOW),
        "ask_rest": rest,
    }

    sent = cxml_says(cxml)["requests"]

    assert {name: asked_by(request) for name, request in ours.items() if request} == {
        name: (method, url.removesuffix(".json"), {k: str(v) for k, v in query.items()}, form, ":".join(auth))
        for name, (method, url, query, form, auth) in sent.items()
    }


def asked_by(request: ProviderRequest) -> tuple[str, str, dict[str, str], dict[str, str], str]:
    url, _, query = request.url.partition("?")
    assert not urlsplit(url).query
    proof = b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
    return request.method, url, dict(parse_qsl(query)), dict(parse_qsl(request.body.decode())), proof
