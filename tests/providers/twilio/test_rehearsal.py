"""Twilio's own validator on the hooks of a rehearsal."""

from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator

from tests.providers.rehearsals import hooks_of
from tests.support.connections import CONNECTIONS


def test_twilios_own_validator_takes_the_hooks() -> None:
    validator = RequestValidator(CONNECTIONS["twilio-1"].secrets[0])

    for hook in hooks_of("twilio-1"):
        fields = dict(parse_qsl(hook.body.decode(), keep_blank_values=True))
        assert validator.validate(hook.url, fields, hook.headers["X-Twilio-Signature"])
