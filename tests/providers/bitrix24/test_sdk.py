"""Bitrix24's own SDK asks what we ask, and makes of a portal's answers what we make of them."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.domain.calls.call import CallState
from gateway.domain.calls.refusals import REFUSALS
from gateway.domain.connection import Connection
from gateway.domain.events import Cause, Direction
from gateway.providers.base import ProviderRequest, ProviderResponse
from gateway.providers.bitrix24.adapter import Bitrix24
from gateway.providers.crm import CrmCall, Verdict
from tests.providers.bitrix24.test_rest import CALL, CONNECTION, ENDED, OAUTH
from tests.support.packages import ask, pip_packages

B24 = Bitrix24()
SCRIPT = Path(__file__).parent / "sdk.py"
WEBHOOK = replace(
    CONNECTION, options={**CONNECTION.options, "rest_url": "https://acme.bitrix24.com/rest/12/0a1b2c3d4e5f6071"}
)
# The SDK's methods, by the portal's; it names its arguments as the fields, but for one, which is Python's own word.
METHODS = {
    "telephony.externalCall.register": ("telephony.external_call", "register"),
    "telephony.externalCall.finish": ("telephony.external_call", "finish"),
    "voximplant.statistic.get": ("voximplant.statistic", "get"),
}
RENAMED = {"TYPE": "call_type"}


@pytest.fixture(scope="module")
def packages() -> Path:
    return pip_packages("b24pysdk-1.3.2", "b24pysdk==1.3.2")


def says(packages: Path, *, calls: Sequence[object] = (), answers: Sequence[tuple[int, str]] = ()) -> Any:
    asked = {"calls": calls, "answers": answers, "refresh": OAUTH}
    return ask([sys.executable, SCRIPT], asked, PYTHONPATH=str(packages))


def as_called(request: ProviderRequest) -> Mapping[str, object]:
    """The call of the SDK that says the same as a request of ours."""
    url = urlsplit(request.url)
    _, _, *user_and_key, name = url.path.split("/")
    fields = json.loads(request.body)
    token = fields.pop("auth", "/".join(user_and_key))
    scope, method = METHODS[name]
    return {
        "domain": url.netloc,
        "token": token,
        "is_webhook": bool(user_and_key),
        "scope": scope,
        "method": method,
        "arguments": {RENAMED.get(field, field.lower()): value for field, value in fields.items()},
    }


def ended() -> list[CrmCall]:
    """Calls of every end and every refusal, each way."""
    ends = [replace(ENDED, cause=cause, seconds=seconds) for cause, seconds in product([*Cause, None], (0, 95))]
    refusals = [
        replace(ENDED, state=CallState.REFUSED, record_code=codes.record, reason=reason, charge=None)
        for reason, codes in REFUSALS.items()
    ]
    return [replace(call, direction=direction) for call, direction in product([*ends, *refusals], Direction)]


def requests_of(connection: Connection, access: str) -> list[ProviderRequest]:
    starts = [replace(CALL, direction=direction, state=state) for direction, state in product(Direction, CallState)]
    return [
        *(B24.register(connection, call, access) for call in starts),
        *(B24.finish(connection, call, access) for call in ended()),
        B24.look_up(connection, ENDED, access),
    ]


@pytest.mark.parametrize(("connection", "access"), [(CONNECTION, "token"), (WEBHOOK, "")])
def test_it_asks_a_portal_as_we_do(packages: Path, connection: Connection, access: str) -> None:
    """Its types know every field and every result code; it puts `.json` behind a method, which may be left out."""
    ours = requests_of(connection, access)

    asked = says(packages, calls=[as_called(request) for request in ours])["requests"]

    assert [[request.method, f"{request.url}.json", json.loads(request.body)] for request in ours] == asked


def test_it_fetches_a_new_token_as_we_do(packages: Path) -> None:
    """From a newer name of the same server."""
    options = {**CONNECTION.options, **OAUTH}
    ours = urlsplit(B24.ask_tokens(replace(CONNECTION, options=options), OAUTH["refresh_token"]).url)

    asked = urlsplit(says(packages)["refresh"])

    assert (ours.path, parse_qs(ours.query)) == (asked.path, parse_qs(asked.query))


def test_what_it_takes_for_an_error_is_never_done(packages: Path) -> None:
    done = json.dumps({"result": {"CALL_ID": "externalCall.1.2"}, "time": {}})
    rows = json.dumps({"result": [{"CALL_ID": "externalCall.1.2"}], "next": 50})
    codes = [
        (status, json.dumps({"error": code, "error_description": "x"})) for status, code in says(packages)["known"]
    ]
    errors = [
        *codes,
        *((200, body) for _, body in codes),
        *((status, "<html>") for status in (200, 302, 403, 500, 502)),
        (400, '{"error": "", "error_description": "Call is not found"}'),
    ]
    answers = [(200, done), (200, rows), *errors]

    raised = says(packages, answers=answers)["errors"]

    assert [bool(error) for error in raised] == [False, False, *(True for _ in errors)]
    for status, body in errors:
        response = ProviderResponse(status=status, body=body.encode())
        for read in (B24.read_register, B24.read_finish, B24.read_look_up):
            assert read(response).verdict is not Verdict.DONE, (read.__name__, status, body)


def test_no_error_that_it_knows_of_permissions_or_limits_gives_a_call_up(packages: Path) -> None:
    known = says(packages)["known"]
    refused = {
        code for status, code in known if B24.read_register(response_of(status, code)).verdict is Verdict.REFUSED
    }

    assert refused == {code for status, code in known if status == 400} - {"INVALID_GRANT"}


def response_of(status: int, code: str) -> ProviderResponse:
    return ProviderResponse(status=status, body=json.dumps({"error": code}).encode())
