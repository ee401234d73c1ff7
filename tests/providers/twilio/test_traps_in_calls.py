"""The traps of signatures over URLs that a whole gateway can fall into; see `tests/providers/test_traps.py`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from twilio.request_validator import RequestValidator
from yarl import URL

from gateway.domain.connection import Connection
from tests.support.running import Gateway, gateway_on

ACCOUNT_SID = "AC0123456789abcdef0123456789abcdef"
TWILIO = Connection(name="tw", kind="twilio", secrets=("token",), options={"account_sid": ACCOUNT_SID})
START = {
    "AccountSid": ACCOUNT_SID,
    "CallSid": "CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "CallStatus": "ringing",
    "From": "+442079460000",
    "FromCity": "",
    "To": "+15550100001",
}


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path, connections={"tw": TWILIO}) as running:
        yield running


async def post(gateway: Gateway, target: str, signed_url: str, **headers: str) -> int:
    """The status of a start that is signed for a URL, with further headers."""
    proof = RequestValidator("token").compute_signature(signed_url, START)
    sent = {"X-Twilio-Signature": proof} | {name.replace("_", "-"): value for name, value in headers.items()}
    response = await gateway.client.post(URL(target, encoded=True), data=START, headers=sent)
    return response.status


@pytest.mark.parametrize("query", ["a=%7e&b=%C3%a9", "a=x%2by", "a=%41&b="])
async def test_trap9_a_signature_is_over_what_was_sent_and_not_over_its_meaning(gateway: Gateway, query: str) -> None:
    """Escapes in any spelling, and fields without a value, as they came."""
    target = f"/hooks/tw?{query}"
    public_url = gateway.process.context.settings.public_url

    assert await post(gateway, target, public_url + target) == 200
    assert await post(gateway, target, str(URL(public_url + target))) == 403


async def test_trap10_the_signed_url_is_the_configured_one_whatever_the_request_says(gateway: Gateway) -> None:
    public_url = gateway.process.context.settings.public_url
    others = {"Host": "evil.example", "X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "http"}

    assert await post(gateway, "/hooks/tw", f"{public_url}/hooks/tw", **others) == 200
    assert await post(gateway, "/hooks/tw", "http://evil.example/hooks/tw", **others) == 403
