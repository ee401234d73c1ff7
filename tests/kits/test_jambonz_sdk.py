"""jambonz's own npm packages: their schemas read our verbs, and their verifier takes what our tests sign."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.connection import Connection
from gateway.domain.events import CallStarted, Event
from gateway.providers.base import Outcome, Taken
from tests.kits.voximplant_session import require
from tests.support.http_samples import samples
from tests.unit.providers.jambonz_driver import INBOUND, OLD_SECRET, SECRET, JambonzDriver
from tests.unit.providers.provider_cases import PUBLIC_URL, START_OUTCOMES

PACKAGES = ("@jambonz/sdk@0.10.1", "@jambonz/schema@0.4.15")
SCRIPT = Path(__file__).parent / "jambonz_sdk.js"
DRIVER = JambonzDriver()


@pytest.fixture(scope="module")
def packages() -> Path:
    """The packages, installed once into the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "gateway-tests" / "jambonz-0.10.1-0.4.15"
    if not folder.exists():
        npm = require("npm")
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=folder.parent))
        command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(fresh), *PACKAGES]
        subprocess.run(command, check=True, capture_output=True, timeout=100)
        try:
            fresh.rename(folder)
        except OSError:  # another run was first
            shutil.rmtree(fresh)
    return folder / "node_modules"


def ask(packages: Path, **asked: object) -> dict[str, list[str]]:
    ran = subprocess.run(
        [require("node"), str(SCRIPT)],
        input=json.dumps({"verbs": [], "hooks": [], **asked}),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "NODE_PATH": str(packages)},
    )
    said: dict[str, list[str]] = json.loads(ran.stdout)
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
        *(verbs_of(event, Taken()) for event in events),
        verbs_of(INBOUND, START_OUTCOMES["connect"], forwarding),
    ]


def test_jambonz_reads_every_reply_of_ours(packages: Path) -> None:
    verbs = all_verbs()

    said = ask(packages, verbs=verbs)["verbs"]

    assert said == [""] * len(verbs)


def test_its_schemas_find_what_is_wrong(packages: Path) -> None:
    said = ask(packages, verbs=[[{"verb": "dial", "target": []}], [{"verb": "sip:decline"}], [{"verb": "reject"}]])

    assert all(said["verbs"])


def test_its_verifier_takes_every_sample_and_what_the_driver_signs(packages: Path) -> None:
    hooks = [*samples("jambonz").values(), *(DRIVER.sign(case.hook, SECRET) for case in DRIVER.cases().values())]
    asked = [
        {"secret": secret, "headers": {name.lower(): hook.headers[name] for name in hook.headers}, "body": body}
        for secret in (SECRET, OLD_SECRET)
        for hook, body in ((hook, hook.body.decode()) for hook in hooks)
    ]

    said = ask(packages, hooks=asked)["hooks"]

    assert said == [""] * len(hooks) + ["Webhook signature verification failed"] * len(hooks)
