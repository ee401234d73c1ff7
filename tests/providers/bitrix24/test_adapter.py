"""Bitrix24's events: the shared cases, the traps of its forms, and that none of them is the event of a call."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from inline_snapshot import snapshot

from gateway.domain.calls.call import CutReason
from gateway.domain.errors import BadSignature, MalformedHook, ProviderFailed
from gateway.domain.events import CallEnded, CallStarted, Ignored
from gateway.providers.base import CallRef
from gateway.providers.bitrix24.adapter import TOKEN
from tests.providers.bitrix24.driver import CALL_END, CLICK, CLICKED, Bitrix24Driver, call_event, event_hook
from tests.providers.cases import NOW, Case, ProviderCases

DRIVER = Bitrix24Driver()
B24 = DRIVER.adapter
CONNECTION = DRIVER.connection
OK = [200, "application/json", ""]


class TestBitrix24(ProviderCases):
    driver = DRIVER
    replies = snapshot(
        {
            f"{event} {outcome}": OK
            for event in ("init", "start", "end", "echo", "click")
            for outcome in ("charged", "charged nobody", "taken")
        }
    )
    hang_ups = snapshot({})
    statuses = snapshot({"5E316880469A6376.1773306964.8740011": None})

    def start(self) -> Case:
        return self.driver.cases()["init"]

    def test_a_start_and_an_end_are_among_the_cases(self) -> None:
        """None is: what a portal tells of calls neither decides nor charges."""
        events = [case.event for case in self.driver.cases().values()]

        assert not any(isinstance(event, CallStarted | CallEnded) for event in events)


def test_r33_the_event_of_the_notes_is_authentic_by_its_token_alone():
    """Vector E.4."""
    hook = event_hook(CALL_END)

    B24.authenticate(hook, replace(CONNECTION, secrets=("TESTTOKEN",)))
    with pytest.raises(BadSignature):
        B24.authenticate(hook, CONNECTION)


@pytest.mark.parametrize("token", ["", "new-toke", "new-tokenx", "NEW-TOKEN", "new-token\n", "\x00", "é"])
def test_r33_a_token_that_is_nearly_right_is_wrong(token):
    with pytest.raises(BadSignature):
        B24.authenticate(event_hook({**CLICK, TOKEN: token}), CONNECTION)


def test_r33_an_empty_secret_opens_nothing():
    with pytest.raises(BadSignature):
        B24.authenticate(event_hook({**CLICK, TOKEN: ""}), replace(CONNECTION, secrets=("",)))


def test_a_token_outside_of_auth_proves_nothing():
    with pytest.raises(BadSignature):
        B24.authenticate(event_hook({**CLICK, "data[application_token]": "new-token"}), CONNECTION)


def test_brackets_may_come_unescaped():
    body = "&".join(f"{name}={value}" for name, value in CLICK.items()).replace("+", "%2B").encode()

    assert B24.parse(event_hook(body), CONNECTION) == CLICKED


def test_of_a_name_that_comes_twice_the_last_counts_as_in_php():
    first = urlencode({"event": "ONAPPTEST", "data[CALL_ID]": "", TOKEN: "old-token"})
    hook = event_hook(f"{first}&{urlencode({**CLICK, TOKEN: 'new-token'})}".encode())

    B24.authenticate(hook, replace(CONNECTION, secrets=("new-token",)))
    with pytest.raises(BadSignature):
        B24.authenticate(hook, replace(CONNECTION, secrets=("old-token",)))
    assert B24.parse(hook, CONNECTION) == CLICKED


def test_deeper_names_and_empty_values_are_borne():
    deep = "data" + "[FIELDS]" * 1000
    hook = event_hook({"event": "OnCrmDealAdd", deep: "1", "data[FIELDS][ID]": ""})

    assert B24.parse(hook, CONNECTION) == Ignored(kind="ONCRMDEALADD")


def test_an_event_is_known_in_small_letters_too():
    assert B24.parse(event_hook(call_event("OnVoximplantCallInit")), CONNECTION) == Ignored(kind="ONVOXIMPLANTCALLINIT")


def test_a_click_without_an_international_number_is_read_as_it_was_dialled():
    fields = {**CLICK, "data[PHONE_NUMBER]": "+44 7700 900123", "data[PHONE_NUMBER_INTERNATIONAL]": ""}

    assert B24.parse(event_hook(fields), CONNECTION) == CLICKED


def test_a_click_of_nobody_is_malformed():
    with pytest.raises(MalformedHook) as refusal:
        B24.parse(event_hook({**CLICK, "data[USER_ID]": "twelve"}), CONNECTION)

    assert refusal.value.field == "data[USER_ID]"


def test_it_cannot_end_a_call():
    with pytest.raises(ProviderFailed):
        B24.hang_up(CONNECTION, CallRef(call_id="x"), CutReason.LIMIT, NOW)
