"""What SignalWire's library for cXML signs, builds and asks for.

Reads {"forms": [{secret, url, fields}, …], "documents": [cXML, …], "calls": {user, password, space, sid}}; writes
{"signatures": [text, …], "documents": [the same as its builder writes them, or what is wrong, …], "requests": {name:
[method, URL, query, form, user and password], …}}.
"""

import inspect
import json
import re
import sys
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from signalwire.request_validator import RequestValidator
from signalwire.rest import Client
from signalwire.voice_response import VoiceResponse
from twilio.base.exceptions import TwilioException
from twilio.http import HttpClient
from twilio.http.response import Response


def signature(secret: str, url: str, fields: Mapping[str, str]) -> str:
    return RequestValidator(secret).build_signature_with_compatibility(url, fields)


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def build(parent: Any, source: ET.Element) -> None:
    """Every verb by its method, every attribute by the method's parameter, the text by its first one."""
    for verb in source:
        method = getattr(parent, snake(verb.tag))
        given = {snake(name): value for name, value in verb.attrib.items()}
        names = list(inspect.signature(method).parameters)
        unknown = given.keys() - names
        if unknown:
            raise AttributeError(f"<{verb.tag}> has no {sorted(unknown)}")
        build(method(*([verb.text] if verb.text else []), **given), verb)


def document(source: str) -> str:
    response = VoiceResponse()
    try:
        build(response, ET.fromstring(source))  # noqa: S314 - our own
    except AttributeError as error:
        return str(error)
    return str(response)


class Recorder(HttpClient):
    """Takes what the client sends, and answers nothing that it could read."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def request(self, method: str, url: str, **more: Any) -> Response:
        self.sent = [method, url, more["params"] or {}, more["data"] or {}, more["auth"]]
        return Response(500, "{}")


def requests(user: str, password: str, space: str, sid: str) -> dict[str, Any]:
    recorder = Recorder()
    client = Client(user, password, signalwire_space_url=space, http_client=recorder)
    calls = {
        "hang_up": lambda: client.calls(sid).update(status="completed"),
        "ask_status": lambda: client.calls.list(parent_call_sid=sid, page_size=50),
        "ask_rest": lambda: client.calls(sid).fetch(),
    }
    sent = {}
    for name, call in calls.items():
        try:
            call()
        except TwilioException:
            sent[name] = recorder.sent
    return sent


asked = json.load(sys.stdin)
json.dump(
    {
        "signatures": [signature(**form) for form in asked["forms"]],
        "documents": [document(source) for source in asked["documents"]],
        "requests": requests(**asked["calls"]),
    },
    sys.stdout,
)
