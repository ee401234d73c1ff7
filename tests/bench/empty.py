"""The yardstick: an aiohttp handler that parses JSON and gives it back, on the gateway's event loop.

python -m tests.bench.empty: prints where it listens.
"""

import asyncio
import json
import sys

import uvloop
from aiohttp import web


async def echo(request: web.Request) -> web.Response:
    return web.json_response(await request.json())


async def main() -> None:
    application = web.Application()
    application.router.add_post("/hooks/{connection}", echo)
    application.router.add_post("/control", echo)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    sys.stdout.write(json.dumps({"listening": f"http://127.0.0.1:{runner.addresses[0][1]}"}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()  # until told to stop


if __name__ == "__main__":
    uvloop.run(main())
