"""Webhooks at a fixed pace, sent from a process of its own."""

import asyncio
import json
import subprocess
import sys
from typing import Any

from tests.bench.processes import ROOT
from tests.bench.rounds import Subject, Wrong


async def paced(subject: Subject, rate: int) -> dict[str, Any]:
    """Send the subject's requests at a fixed pace, from a process of its own; what latencies it saw."""
    command = [sys.executable, "-m", "tests.bench.client", str(subject.server.port), str(subject.path), str(rate)]
    done = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, text=True, check=True)
    run: dict[str, Any] = json.loads(done.stdout)
    if run["failed"]:
        raise Wrong(f"{run['failed']} webhooks were not answered with 200")
    return run
