"""jambonz's own npm packages: their schemas read our verbs, and their verifier takes what our tests sign."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.connection import Connection
from gateway.domain.events import CallStarted, Event
from gateway.providers.base import Acknowledged, Outcome
from tests.providers.cases import PUBLIC_URL, START_OUTCOMES
from tests.providers.jambonz.driver import INBOUND, OLD_SECRET, SECRET, JambonzDriver
from tests.support.http_samples import samples
from tests.support.packages import ask, npm_packages, require

PACKAGES = ("@jambonz/sdk@0.10.1", "@jambonz/schema@0.4.15")
SCRIPT = Path(__file__).parent / "sdk.js"
DRIVER = JambonzDriver()


@pytest.fixture(scope="module")
def packages() -> Path:
    return npm_packages("jambonz-0.10.1-0.4.15", *PACKAGES)


def said_of(packages: Path, *, verbs: Sequence[object] = (), hooks: Sequence[object] = ()) -> dict[str, list[str]]:
    said: dict[str, list[str]] = ask(
        [require("node"), SCRIPT], {"verbs": verbs, "hooks": hooks}, NODE_PATH=str(packages)
    )
    return said


def verbs_of(start: Event, outcome: Outcome, connection: Connection = DRIVER.connection) -> Any:
    return json.loads(DRIVER.adapter.reply(start, outcome, connection, public_url=PUBLIC_URL).body)


def all_verbs() -> list[Any]:
    """Everything we ever tell jambonz."""
    events = [case.event for case in DRIVER.cases().values()]
    starts = [event for event in events if isinstance(event, CallStarted)]
    forwarding = Connection(name="jb", kind="jambonz", options={"inbound_to": "+442079460000"})
    return [
        *(verbs_of(start, outcome) for start in starts for outcome in START_OUTCOMES.values()),
        *(verbs_of(event, Acknowledged()) for event in events),
        verbs_of(INBOUND, START_OUTCOMES["connect"], forwarding),
    ]


def test_jambonz_reads_every_reply_of_ours(packages: Path) -> None:
    verbs = all_verbs()

    said = said_of(packages, verbs=verbs)["verbs"]

    assert said == [""] * len(verbs)


def test_its_schemas_find_what_is_wrong(packages: Path) -> None:
    said = said_of(packages, verbs=[[{"verb": "dial", "target": []}], [{"verb": "sip:decline"}], [{"verb": "reject"}]])

    assert all(said["verbs"])


def test_its_verifier_takes_every_sample_and_what_the_driver_signs(packages: Path) -> None:
    hooks = [*samples("jambonz").values(), *(DRIVER.sign(case.hook, SECRET) for case in DRIVER.cases().values())]
    asked = [
        {"secret": secret, "headers": {name.lower(): hook.headers[name] for name in hook.headers}, "body": body}
        for secret in (SECRET, OLD_SECRET)
        for hook, body in ((hook, hook.body.decode()) for hook in hooks)
    ]

    said = said_of(packages, hooks=asked)["hooks"]

    assert said == [""] * len(hooks) + ["Webhook signature verification failed"] * len(hooks)
