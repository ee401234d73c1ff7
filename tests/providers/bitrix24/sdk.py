"""What Bitrix24's SDK asks a portal, and what it makes of answers.

Reads {"calls": [{domain, token, is_webhook, scope, method, arguments}, …], "refresh": {client_id, client_secret,
refresh_token}, "answers": [[status, body], …]}; writes {"requests": [[method, URL, body], …], "refresh": URL, "errors":
[the error that it raises, "" for none, …], "known": [[status, code], …]}.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

import requests
from b24pysdk import BitrixApp, BitrixToken, BitrixWebhook
from b24pysdk.api.requesters._utils.parse_response import _EXCEPTIONS_BY_ERROR, parse_response
from b24pysdk.errors import BitrixSDKException

sent: list[requests.PreparedRequest] = []


def response(status: int, body: str) -> requests.Response:
    made = requests.Response()
    made.status_code, made._content = status, body.encode()
    return made


def record(_adapter: object, request: requests.PreparedRequest, **_how: object) -> requests.Response:
    """In place of the network."""
    sent.append(request)
    return response(418, '{"error": "nobody is here"}')


def request_of(call: Any) -> requests.PreparedRequest:
    sent.clear()
    try:
        call()
    except BitrixSDKException:
        [request] = sent
    return request


def asked(call: Mapping[str, Any]) -> list[object]:
    if call["is_webhook"]:
        token = BitrixWebhook(domain=call["domain"], webhook_token=call["token"])
    else:
        token = BitrixToken(domain=call["domain"], auth_token=call["token"], bitrix_app=APP)
    scope = token.get_client()
    for name in call["scope"].split("."):
        scope = getattr(scope, name)
    method = getattr(scope, call["method"])
    request = request_of(lambda: method(**call["arguments"]).response)
    return [request.method, request.url, json.loads(request.body or "{}")]


def error(status: int, body: str) -> str:
    try:
        parse_response(response(status, body))
    except BitrixSDKException as raised:
        return type(raised).__name__
    return ""


requests.adapters.HTTPAdapter.send = record
given = json.load(sys.stdin)
APP = BitrixApp(client_id=given["refresh"]["client_id"], client_secret=given["refresh"]["client_secret"])
json.dump(
    {
        "requests": [asked(call) for call in given["calls"]],
        "refresh": request_of(lambda: APP.refresh_oauth_token(given["refresh"]["refresh_token"])).url,
        "errors": [error(status, body) for status, body in given["answers"]],
        "known": [[int(raised.STATUS_CODE), code] for code, raised in _EXCEPTIONS_BY_ERROR.items()],
    },
    sys.stdout,
)
