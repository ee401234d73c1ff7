"""What every provider adapter promises, tested the same way for each.

How to use it, in `tests/providers/<provider>/test_adapter.py`:

    from tests.providers.cases import Case, Driver, ProviderCases

    class AcmeDriver(Driver):
        adapter = Acme()
        connection = Connection(name="acme", kind="acme", secrets=("new secret", "old secret"), options={...})

        def sign(self, hook, secret, at=None): ...          # the hook with the provider's proof added
        def cases(self): return {"start": Case(...), "end": Case(...), ...}   # unsigned hooks and what they mean
        def without(self, hook, field): ...                 # the hook lacking one field
        def with_text(self, hook, field, text): ...         # the hook with another text in one field

    class TestAcme(ProviderCases):
        driver = AcmeDriver()
        replies = snapshot({...})       # "<case> <outcome>" -> [status, content type, body]
        hang_ups = snapshot({...})      # "<call id>" -> [method, url, headers, body]
        statuses = snapshot({...})         # likewise, of ask_status

The three snapshots stand in the provider's own file; leave `snapshot()` empty at first and let
`pytest --inline-snapshot=create` fill them in, then read them. `driver.connection` must have two secrets, the newest
first. The cases "start" and "end" are required (a provider with several kinds of either names them "start …", "end …");
what else is there is up to the provider. Recorded samples are a separate matter: `tests/support/http_samples.py`.

What differs between providers is an attribute of `Driver`: whether the proof covers the body (`signs_body`) and the
time (`signs_time`), bodies that are garbage (`garbage`), hooks of an unknown kind (`unknown()`), and what the provider
answers to our own requests (`hang_up_replies`, `fate_replies`, `fate_failures`; see their comments).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Connection
from gateway.domain.errors import BadSignature, MalformedHook, ProviderFailed
from gateway.domain.events import CallEnded, CallStarted, Event, Ignored
from gateway.providers.base import (
    Acknowledged,
    Adapter,
    CallRef,
    CallStatus,
    Charged,
    Connect,
    HangUp,
    Hook,
    Outcome,
    ProviderRequest,
    ProviderResponse,
    Reject,
)
from gateway.providers.registry import adapters
from tests.support.http_samples import Headers

NOW = datetime(2026, 3, 31, 12, 36, 0, tzinfo=UTC)
PUBLIC_URL = "https://gw.example.net"

START_OUTCOMES: Mapping[str, Outcome] = {
    "connect": Connect(caller_id="+15550100009", max_seconds=2220),
    "reject busy": Reject(sip_code=486, reason="number_suspended"),
    "reject money": Reject(sip_code=402, reason="no_money"),
    "reject unavailable": Reject(sip_code=503, reason="unavailable"),
}
OTHER_OUTCOMES: Mapping[str, Outcome] = {
    "charged": Charged(charged=Decimal("0.054000"), currency="USD"),
    "charged nobody": Charged(charged=None, currency=None),
    "taken": Acknowledged(),
}
CONTROL_CHARACTERS = ["\x00", "\n", "\x1b", "\x7f"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One unsigned hook, what it means, the fields it cannot do without, and those that carry text."""

    hook: Hook
    event: Event
    required: Sequence[str] = ()
    texts: Sequence[str] = ()


class Driver:
    """One provider as the shared cases need it."""

    adapter: Adapter
    connection: Connection
    signs_body: bool = True
    signs_time: bool = False
    # The fields of ends that say which call it is, and what is charged. All others are only noted (`test_fuzz.py`).
    deciding: Sequence[str] = ()
    # Bodies that are authentic and unreadable.
    garbage: Sequence[bytes] = (b"", b"\x00", b"\xff\xfe\xfd", b"[" * 5000)
    # The calls that are hung up and asked for; the first is an ordinary one.
    calls: Sequence[CallRef] = ()
    # Whether gateway.can_cut() says so for the first of `calls`.
    cuts: bool = True
    # Responses of the provider to hang_up, and what they mean.
    hang_up_replies: Sequence[tuple[ProviderResponse, HangUp]] = ()
    # Responses of the provider to ask_status about the first of `calls`, and what they mean.
    fate_replies: Sequence[tuple[ProviderResponse, CallStatus]] = ()
    # Responses to ask_status that mean: ask again.
    fate_failures: Sequence[ProviderResponse] = ()
    # What the kit must name, beside the hook URL.
    kit_names: Sequence[str] = ()

    def sign(self, hook: Hook, secret: str, at: datetime | None = None) -> Hook:
        """The hook with the proof of this secret, made `at` (else when it was received)."""
        raise NotImplementedError

    def cases(self) -> Mapping[str, Case]:
        raise NotImplementedError

    def without(self, hook: Hook, field: str) -> Hook:
        raise NotImplementedError

    def with_text(self, hook: Hook, field: str, text: str) -> Hook:
        raise NotImplementedError

    def unknown(self) -> Sequence[Hook]:
        """Unsigned hooks of kinds that mean nothing to us."""
        raise NotImplementedError

    def shown(self, request: ProviderRequest | None) -> list[object] | None:
        """A request as a snapshot shows it; a driver whose proof is another one each time shows what it says."""
        return shown(request)

    def verify_control(self, request: ProviderRequest) -> None:
        """Assert that the provider would take our request as proven, with an independent verifier if there is one."""


def make_hook(
    path: str,
    body: bytes = b"",
    *,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    received_at: datetime = NOW,
) -> Hook:
    return Hook(
        method=method,
        url=PUBLIC_URL + path,
        headers=Headers(headers or {}),
        body=body,
        received_at=received_at,
    )


def with_headers(hook: Hook, **headers: str) -> Hook:
    """The hook with more headers; underscores in their names stand for hyphens."""
    added = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(hook, headers=Headers({**hook.headers, **added}))


def shown(request: ProviderRequest | None) -> list[object] | None:
    """A request as a snapshot shows it."""
    if request is None:
        return None
    return [request.method, request.url, dict(request.headers), request.body.decode()]


class ProviderCases:
    """The shared cases. A subclass names its driver and holds the snapshots."""

    driver: ClassVar[Driver]
    replies: ClassVar[Any]
    hang_ups: ClassVar[Any]
    statuses: ClassVar[Any]

    # Authenticity: R33.

    def test_a_well_signed_hook_is_authentic_and_read(self) -> None:
        driver = self.driver

        for name, case in driver.cases().items():
            hook = driver.sign(case.hook, driver.connection.secrets[0])
            driver.adapter.authenticate(hook, driver.connection)
            assert driver.adapter.parse(hook, driver.connection) == case.event, name

    def test_the_second_secret_is_good_too(self) -> None:
        driver = self.driver

        driver.adapter.authenticate(driver.sign(self.start().hook, driver.connection.secrets[1]), driver.connection)

    def test_a_secret_that_was_taken_out_is_refused(self) -> None:
        driver = self.driver
        new, old = driver.connection.secrets

        self.refused(driver.sign(self.start().hook, old), replace(driver.connection, secrets=(new,)))

    def test_an_unsigned_hook_is_refused(self) -> None:
        self.refused(self.start().hook)

    def test_a_wrong_key_is_refused(self) -> None:
        driver = self.driver
        wrong = driver.connection.secrets[0].swapcase()

        self.refused(driver.sign(self.start().hook, wrong))

    def test_a_connection_without_a_secret_is_off(self) -> None:
        driver = self.driver
        signed = driver.sign(self.start().hook, driver.connection.secrets[0])

        self.refused(signed, replace(driver.connection, secrets=()))
        self.refused(self.start().hook, replace(driver.connection, secrets=()))

    def test_a_proof_with_one_character_changed_is_refused(self) -> None:
        driver = self.driver
        plain = self.start().hook
        signed = driver.sign(plain, driver.connection.secrets[0])
        proofs = [name for name, value in signed.headers.items() if plain.headers.get(name) != value]

        for name in proofs:
            value = signed.headers[name]
            for at in range(len(value)):
                other = "B" if value[at] == "A" else "A"
                changed = value[:at] + other + value[at + 1 :]
                if self.same_proof(name, value, changed):
                    continue
                self.refused(replace(signed, headers=Headers({**signed.headers, name: changed})))

    def same_proof(self, name: str, value: str, changed: str) -> bool:
        """Whether a changed header still proves the same; a provider whose header has free text overrides it."""
        return value.lower() == changed.lower() and name.lower() == "authorization"

    def test_a_proof_that_is_no_text_is_refused(self) -> None:
        """Bytes over 127: aiohttp hands those of a header on as lone surrogates."""
        driver = self.driver
        plain = self.start().hook
        signed = driver.sign(plain, driver.connection.secrets[0])
        proofs = [name for name, value in signed.headers.items() if plain.headers.get(name) != value]

        for name in proofs:
            for text in ("\udcff", "é", "", " ", "\x00", signed.headers[name] + "\udcff"):
                self.refused(replace(signed, headers=Headers({**signed.headers, name: text})))

    def test_a_changed_body_is_refused(self) -> None:
        driver = self.driver
        if not driver.signs_body:
            pytest.skip("the proof does not cover the body")
        signed = driver.sign(self.start().hook, driver.connection.secrets[0])

        self.refused(replace(signed, body=signed.body[:-1] + bytes([signed.body[-1] ^ 1])))
        self.refused(replace(signed, body=signed.body + b" "))

    @pytest.mark.parametrize("seconds", [-301, 301, -86_400, 86_400])
    def test_a_stale_or_early_timestamp_is_refused(self, seconds: int) -> None:
        driver = self.driver
        if not driver.signs_time:
            pytest.skip("the proof does not cover the time")
        at = NOW + timedelta(seconds=seconds)

        self.refused(driver.sign(self.start().hook, driver.connection.secrets[0], at))

    @pytest.mark.parametrize("seconds", [-300, 0, 300])
    def test_a_timestamp_within_five_minutes_is_good(self, seconds: int) -> None:
        driver = self.driver
        if not driver.signs_time:
            pytest.skip("the proof does not cover the time")
        at = NOW + timedelta(seconds=seconds)

        driver.adapter.authenticate(driver.sign(self.start().hook, driver.connection.secrets[0], at), driver.connection)

    # Reading.

    def test_a_start_and_an_end_are_among_the_cases(self) -> None:
        events = [case.event for case in self.driver.cases().values()]

        assert any(isinstance(event, CallStarted) for event in events)
        assert any(isinstance(event, CallEnded) for event in events)

    def test_the_same_hook_twice_means_the_same(self) -> None:
        driver = self.driver

        for case in driver.cases().values():
            first = driver.adapter.parse(case.hook, driver.connection)
            assert driver.adapter.parse(case.hook, driver.connection) == first

    def test_unknown_kinds_are_ignored(self) -> None:
        driver = self.driver

        for hook in driver.unknown():
            signed = driver.sign(hook, driver.connection.secrets[0])
            driver.adapter.authenticate(signed, driver.connection)
            event = driver.adapter.parse(signed, driver.connection)
            assert isinstance(event, Ignored)
            assert driver.adapter.reply(event, Acknowledged(), driver.connection, public_url=PUBLIC_URL).status in (
                200,
                204,
            )

    def test_garbage_is_malformed(self) -> None:
        driver = self.driver

        for body in driver.garbage:
            with pytest.raises(MalformedHook):
                driver.adapter.parse(replace(self.start().hook, body=body), driver.connection)

    def test_a_missing_field_is_named(self) -> None:
        driver = self.driver

        for name, case in driver.cases().items():
            for field in case.required:
                with pytest.raises(MalformedHook) as refusal:
                    driver.adapter.parse(driver.without(case.hook, field), driver.connection)
                leaf = field.rpartition(".")[2]
                assert refusal.value.field in (field, leaf) or f"`{leaf}`" in str(refusal.value), (name, field)

    def test_control_characters_are_refused(self) -> None:
        driver = self.driver

        for name, case in driver.cases().items():
            for field in case.texts:
                for text in CONTROL_CHARACTERS:
                    for value in (text, f"+1555{text}0100001", f"+15550100001{text}"):
                        self.malformed(driver.with_text(case.hook, field, value), (name, field, value))

    def test_a_text_without_end_is_refused(self) -> None:
        driver = self.driver

        for name, case in driver.cases().items():
            for field in case.texts:
                self.malformed(driver.with_text(case.hook, field, "1" * 2000), (name, field))

    # Replies.

    def test_every_outcome_has_its_reply(self) -> None:
        driver = self.driver
        said: dict[str, list[object]] = {}

        for name, case in driver.cases().items():
            outcomes = START_OUTCOMES if isinstance(case.event, CallStarted) else OTHER_OUTCOMES
            for outcome_name, outcome in outcomes.items():
                reply = driver.adapter.reply(case.event, outcome, driver.connection, public_url=PUBLIC_URL)
                said[f"{name} {outcome_name}"] = [reply.status, reply.content_type, reply.body.decode()]

        assert said == self.replies

    def test_a_decision_is_of_the_promised_type_and_repeats_to_the_byte(self) -> None:
        driver = self.driver

        for case in driver.cases().values():
            if isinstance(case.event, CallStarted):
                for outcome in START_OUTCOMES.values():
                    first = driver.adapter.reply(case.event, outcome, driver.connection, public_url=PUBLIC_URL)
                    again = driver.adapter.reply(case.event, outcome, driver.connection, public_url=PUBLIC_URL)
                    assert first == again
                    assert (first.status, first.content_type) == (200, driver.adapter.decision_type)

    # Requests to the provider.

    def test_whether_it_can_cut(self) -> None:
        driver = self.driver

        for call in driver.calls[:1]:
            assert driver.adapter.can_cut(driver.connection, call) is driver.cuts

    def test_a_hang_up_is_asked_for_in_the_providers_way(self) -> None:
        driver = self.driver
        asked = {}

        for call in driver.calls:
            if driver.adapter.can_cut(driver.connection, call):
                request = driver.adapter.hang_up(driver.connection, call, CutReason.LIMIT, NOW)
                driver.verify_control(request)
                asked[call.call_id] = driver.shown(request)

        assert asked == self.hang_ups

    def test_a_fate_is_asked_for_in_the_providers_way(self) -> None:
        driver = self.driver
        asked = {}

        for call in driver.calls:
            request = driver.adapter.ask_status(driver.connection, call, NOW)
            if request is not None:
                driver.verify_control(request)
            asked[call.call_id] = driver.shown(request)

        assert asked == self.statuses

    def test_what_a_hang_up_was_answered_with(self) -> None:
        adapter = self.driver.adapter

        for response, meaning in self.driver.hang_up_replies:
            assert adapter.read_hang_up(response) is meaning, response
        for status in (401, 403, 429, 500, 502, 503):
            assert adapter.read_hang_up(ProviderResponse(status=status, body=b"")) is HangUp.FAILED

    def test_what_a_fate_was_answered_with(self) -> None:
        driver = self.driver

        for response, meaning in driver.fate_replies:
            assert driver.adapter.read_status(response, driver.calls[0]) == meaning, response
        for response in driver.fate_failures:
            with pytest.raises(ProviderFailed):
                driver.adapter.read_status(response, driver.calls[0])

    # The operator.

    def test_the_kit_is_filled_in(self) -> None:
        driver = self.driver
        kit = driver.adapter.kit(driver.connection, public_url=PUBLIC_URL)

        for name in (f"{PUBLIC_URL}/hooks/{driver.connection.name}", *driver.kit_names):
            assert name in kit
        assert not any(secret in kit for secret in driver.connection.secrets)

    def test_it_is_registered_under_its_name(self) -> None:
        assert type(adapters()[self.driver.adapter.name]) is type(self.driver.adapter)

    # Helpers.

    def start(self) -> Case:
        """The first case that is a start."""
        return next(case for case in self.driver.cases().values() if isinstance(case.event, CallStarted))

    def refused(self, hook: Hook, connection: Connection | None = None) -> None:
        with pytest.raises(BadSignature):
            self.driver.adapter.authenticate(hook, connection or self.driver.connection)

    def malformed(self, hook: Hook, what: object) -> None:
        """Refused; or left out, where the field is only noted."""
        try:
            event = self.driver.adapter.parse(hook, self.driver.connection)
        except MalformedHook:
            return
        if getattr(event, "left_out", ()):
            return
        pytest.fail(f"{what!r} was read as {event}")
