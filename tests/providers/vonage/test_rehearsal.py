"""Vonage's own validator on the hooks of a rehearsal, and its silent refusal."""

from dataclasses import replace

from vonage_jwt.verify_jwt import verify_signature

from gateway.providers.base import Reject
from gateway.providers.registry import scripts
from tests.providers.rehearsals import hooks_of, rehearsal, replied, started
from tests.support.connections import CONNECTIONS


def test_a_silent_refusal_of_vonage_is_told_as_one() -> None:
    call = rehearsal("vonage-1")
    silent = replace(call.connection, options={**call.connection.options, "refusal": "silent"})

    reply = replied(silent, started(call), Reject(sip_code=486, reason="number_suspended"))

    assert scripts()["vonage"].read(call, reply).does == "answers and hangs up without a word"


def test_vonages_own_validator_takes_the_hooks() -> None:
    for hook in hooks_of("vonage-1"):
        token = hook.headers["Authorization"].removeprefix("Bearer ")
        assert verify_signature(token, CONNECTIONS["vonage-1"].secrets[0])
