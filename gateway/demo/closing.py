"""The last words of the first round: what to open, what to type, what to paste."""

import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterator

from gateway.demo import world
from gateway.demo.calls import BEARER
from gateway.demo.settings import LIMITS
from gateway.demo.stage import Stage
from gateway.demo.stories import IN_LONDON
from gateway.settings import Settings, default_data


def closing_words(settings: Settings, stage: Stage, *, url: str, example: str) -> Iterator[str]:
    """Line by line; `example` is what the gateway replied to a call like the one that is pasted."""
    call_id = f"paste-{stage.run}"
    yield from ("", "Pages to open:")
    if settings.has_api:
        yield f"  {url}/         the pages: enter as the operator, as Anna, or as one who reads her account"
    yield f"  {url}/readyz    can calls be decided?"
    yield f"  {url}/metrics   the figures, for Prometheus"
    same = " (with the same GATEWAY_DATABASE_URL)" if settings.database_url is not None else ""
    yield from ("", f"Commands, in another terminal{same}:")
    command = gateway_command(settings)
    for arguments, what in (
        ("calls list", "the newest calls"),
        ("calls list --live", "those that are up"),
        (f"ledger show {stage.world.anna}", "what moved Anna's money"),
        ("mail list", "what the administrators were told"),
        ("check", "prove that the books agree"),
        (f"calls show {BEARER}:{call_id}", "why your own call, below, was decided and priced so"),
    ):
        yield f"  {command} {arguments:<32}  {what}"
    life = f"picked up after {LIMITS.ring_s} s and cut {LIMITS.call_seconds_max} s later"
    yield from ("", f"A call of your own, to paste (it is {life}):")
    yield f"  {curl(stage, {'type': 'call.start', 'call_id': call_id, **_call()}, url=url)}"
    if example:
        yield f"Its reply is like this one, {example}"
    yield "Paste it again: the reply is the same, and nothing more is held. For another call, change the call_id."
    yield "To end it before it is cut:"
    yield f"  {curl(stage, {'type': 'call.end', 'call_id': call_id, 'seconds': 5}, url=url)}"
    yield from ("", "Calls go on now, one every ten seconds, without words. Stop the demo with Ctrl-C.", "")


def curl(stage: Stage, body: dict[str, object], *, url: str) -> str:
    """A line for a POSIX shell that sends a webhook with the bearer token."""
    secret = stage.provider.connections[BEARER].secrets[0]
    words = ["curl", "-sS", f"{url}/hooks/{BEARER}", "-H", f"Authorization: Bearer {secret}"]
    words += ["-H", "Content-Type: application/json", "-d", json.dumps(body), "-w", "\\n"]
    return shlex.join(words)


def gateway_command(settings: Settings) -> str:
    """How this program is called for the same database."""
    program = "gateway" if shutil.which("gateway") else shlex.join([sys.executable, "-m", "gateway"])
    is_default = settings.data == default_data(os.environ, is_root=os.geteuid() == 0)
    if settings.database_url is not None or is_default:
        return program
    return f"GATEWAY_DATA={shlex.quote(str(settings.data.absolute()))} {program}"


def _call() -> dict[str, object]:
    return {"direction": "outbound", "caller": world.NEW_YORK, "callee": IN_LONDON}
