"""Voximplant's account callbacks: who proves them how, and that they say no more than that something is to be asked."""

import json
from dataclasses import replace

import pytest

from gateway.domain.errors import BadSignature
from gateway.domain.events import AccountPoked
from gateway.providers.base import Acknowledged, Hook
from gateway.providers.voximplant.adapter import Voximplant
from gateway.providers.voximplant.callbacks import callbacks_url
from tests.providers.cases import PUBLIC_URL, make_hook
from tests.providers.voximplant.driver import START, VoximplantDriver, vox_hook

VOX = Voximplant()
API_KEY = "11111111-2222-3333-4444-555555555555"
# Vector E.1 of the notes: with the salt gw-salt-01, and with none.
HASH, HASH_WITHOUT_SALT = "eac93fa84f14d4a424f4c053d4c29ab2", "f24224477d94146ab03dc53fd79b22d7"
CONNECTION = replace(
    VoximplantDriver.connection,
    options={"api_key": API_KEY, "callback_salt": "gw-salt-01", "account_id": "1234567"},
)
KEYLESS = VoximplantDriver.connection
FROZEN = {
    "callback_id": 900000001,
    "type": "subscription_is_frozen",
    "account_id": 1234567,
    "hash": HASH,
    "balance": 0.42,
    "currency": "USD",
    "subscription_is_frozen": {"subscriptions": [{"type": "PHONE_NUM", "name": "15550100001", "cost": 4.0}]},
}


def callbacks(*each: object, path: str = "/hooks/vox") -> Hook:
    body = json.dumps({"callbacks": each}).encode()
    return make_hook(path, body, headers={"Content-Type": "application/json"})


def ours(hook: Hook, secret: str = VoximplantDriver.connection.secrets[0]) -> Hook:
    """The hook, sent to the URL that the kit shows."""
    return replace(hook, url=callbacks_url(hook.url, replace(KEYLESS, secrets=(secret,))))


def refused(hook: Hook, connection=CONNECTION) -> None:
    with pytest.raises(BadSignature):
        VOX.authenticate(hook, connection)


def test_r33_the_hash_of_the_notes_proves_a_callback():
    VOX.authenticate(callbacks(FROZEN), CONNECTION)
    VOX.authenticate(callbacks({**FROZEN, "hash": HASH.upper()}), CONNECTION)


def test_r33_without_a_salt_the_hash_is_another():
    unsalted = replace(CONNECTION, options={"api_key": API_KEY})

    VOX.authenticate(callbacks({**FROZEN, "hash": HASH_WITHOUT_SALT}), unsalted)
    refused(callbacks(FROZEN), unsalted)


def test_the_id_is_spelled_in_two_ways():
    spelled = {name: value for name, value in FROZEN.items() if name != "callback_id"}

    VOX.authenticate(callbacks({**spelled, "callbackId": 900000001}), CONNECTION)
    refused(callbacks(spelled))


@pytest.mark.parametrize(
    "changed",
    [
        {"hash": HASH_WITHOUT_SALT},
        {"hash": ""},
        {"hash": "é"},
        {"callback_id": 900000002},
        {"account_id": 7654321},
        {"account_id": {}},
    ],
)
def test_r33_a_callback_that_is_not_what_was_hashed_is_refused(changed):
    refused(callbacks({**FROZEN, **changed}))


def test_r33_every_callback_must_prove_itself():
    refused(callbacks(FROZEN, {**FROZEN, "callback_id": 900000002}))
    refused(callbacks())


def test_r33_the_scenarios_secret_is_no_proof_of_a_callback():
    refused(VoximplantDriver().sign(callbacks(FROZEN), "new secret"), KEYLESS)


def test_r33_an_account_without_a_key_proves_callbacks_by_the_url_of_the_kit():
    refused(callbacks(FROZEN), KEYLESS)
    refused(callbacks(FROZEN, path="/hooks/vox?callbacks="), KEYLESS)

    for secret in ("new secret", "old secret"):
        VOX.authenticate(ours(callbacks(FROZEN), secret), KEYLESS)
    refused(ours(callbacks(FROZEN), "another"), KEYLESS)


def test_r33_the_url_of_one_connection_opens_no_other():
    refused(ours(callbacks(FROZEN)), replace(KEYLESS, name="vox2"))


def test_r33_a_connection_without_a_secret_takes_no_callbacks():
    refused(callbacks(FROZEN), replace(CONNECTION, secrets=()))
    refused(ours(callbacks(FROZEN)), replace(KEYLESS, secrets=()))


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({**START, "caller": "callbacks"}).encode(),
        json.dumps({**START, "callbacks": "no list"})[:-1].encode(),
        b'["callbacks"]',
    ],
)
def test_r33_the_url_of_callbacks_opens_nothing_but_callbacks(body):
    """Whoever knows it must not be able to start and end calls."""
    refused(replace(ours(callbacks(FROZEN)), body=body), KEYLESS)


def test_a_call_of_somebody_called_callbacks_is_a_call():
    hook = vox_hook(**{**START, "caller": "callbacks"})

    VOX.authenticate(VoximplantDriver().sign(hook, "new secret"), KEYLESS)
    event = VOX.parse(hook, KEYLESS)
    assert not isinstance(event, AccountPoked)


def test_callbacks_of_a_new_shape_are_a_poke():
    hook = make_hook("/hooks/vox", b'{"callbacks": {"type": "min_balance"}}')

    VOX.authenticate(ours(hook), KEYLESS)
    assert VOX.parse(hook, KEYLESS) == AccountPoked(kind="account: of a new shape")


def test_a_callback_is_a_poke_whatever_it_says():
    hook = callbacks(FROZEN, {"account_id": 1, "type": "min_balance"}, {"account_id": 1, "type": "min_balance"})
    event = VOX.parse(hook, KEYLESS)

    assert event == AccountPoked(kind="account: subscription_is_frozen,min_balance")
    assert VOX.reply(event, Acknowledged(), KEYLESS, public_url=PUBLIC_URL).status == 200


@pytest.mark.parametrize("kind", ["subscription_is_detached", "unverified_subscription_detached"])
def test_r29_a_poke_names_the_numbers_that_are_said_to_be_gone(kind):
    said = {
        "subscriptions": [
            {"type": "PHONE_NUM", "name": "15550100001"},
            {"type": "SIP_REGISTRATION", "name": "office"},
            {"type": "PHONE_NUM", "details": [{"type": "PHONE", "phone_numbers": [{"phone_number": 15550100002}]}]},
        ]
    }
    event = VOX.parse(callbacks({"account_id": 1, "type": kind, kind: said}), KEYLESS)

    assert event == AccountPoked(kind=f"account: {kind}", lost=("+15550100001", "+15550100002"))


def test_the_kit_says_where_callbacks_go():
    kit = VOX.kit(KEYLESS, public_url=PUBLIC_URL)

    assert callbacks_url(f"{PUBLIC_URL}/hooks/vox", KEYLESS) in kit
    assert "?callbacks=" not in VOX.kit(replace(KEYLESS, secrets=()), public_url=PUBLIC_URL)
