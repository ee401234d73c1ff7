"""A provider that takes call.hangup, notes how late it came, and ends the call as a provider would.

python -m tests.bench.sink: prints where it listens; GET /figures gives what was noted. A call's id ends with its
deadline in milliseconds of unix time.
"""

import asyncio
import json
import sys
from typing import Any

import aiohttp
import uvloop
from aiohttp import web

from gateway.clock import SystemClock
from tests.bench.hooks import signed_headers


class Sink:
    def __init__(self) -> None:
        self.lateness_s: dict[str, float] = {}
        self.repeats = 0
        self.ends_failed = 0
        self._session: aiohttp.ClientSession | None = None
        self._gateway = ""
        self._tasks: set[asyncio.Task[None]] = set()

    async def control(self, request: web.Request) -> web.Response:
        now = SystemClock().now().timestamp()
        call = json.loads(await request.read())
        call_id: str = call["call_id"]
        if call["type"] != "call.hangup":
            return web.Response(status=405)
        if call_id in self.lateness_s:
            self.repeats += 1
        else:
            self.lateness_s[call_id] = now - int(call_id.rsplit("-", 1)[1]) / 1000
            task = asyncio.create_task(self._end(call_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return web.Response()

    async def hooks_go_to(self, request: web.Request) -> web.Response:
        self._gateway = await request.text()
        return web.Response()

    async def figures(self, _: web.Request) -> web.Response:
        await asyncio.gather(*self._tasks)
        late = sorted(self.lateness_s.values())
        figures: dict[str, Any] = {"calls": len(late), "repeats": self.repeats, "ends_failed": self.ends_failed}
        if late:
            figures |= {"p50_s": late[len(late) // 2], "p99_s": late[len(late) * 99 // 100], "max_s": late[-1]}
            figures["min_s"] = late[0]
        return web.json_response(figures)

    async def _end(self, call_id: str) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=16))
        body = json.dumps({"type": "call.end", "call_id": call_id, "seconds": 60, "cause": "limit"}).encode()
        async with self._session.post(
            self._gateway, data=body, headers=signed_headers(body, f"end-{call_id}")
        ) as reply:
            self.ends_failed += reply.status != 200


async def main() -> None:
    sink = Sink()
    application = web.Application()
    application.router.add_post("/control", sink.control)
    application.router.add_post("/gateway", sink.hooks_go_to)
    application.router.add_get("/figures", sink.figures)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    sys.stdout.write(json.dumps({"listening": f"http://127.0.0.1:{runner.addresses[0][1]}"}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()  # until told to stop


if __name__ == "__main__":
    uvloop.run(main())
