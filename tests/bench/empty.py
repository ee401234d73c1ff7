"""The yardstick: an aiohttp handler that parses JSON and gives it back, on the gateway's event loop."""

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
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    sys.stdout.write(f'{{"listening": "{site.name.replace(":0", f":{runner.addresses[0][1]}")}"}}\n')
    sys.stdout.flush()
    await uvloop_forever()


async def uvloop_forever() -> None:
    import asyncio

    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
