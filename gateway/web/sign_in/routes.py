"""Where the pages are."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from gateway.context import Context
from gateway.web.api.database import ApiDatabase
from gateway.web.browser.rendering import static
from gateway.web.browser.visiting import Visiting
from gateway.web.sign_in import demo, factors, passkey_sign_in, passkeys, signing_in


def routes(context: Context, database: ApiDatabase) -> list[web.RouteDef]:
    visiting = Visiting(context, database)
    on = visiting.handler

    def own(handle: factors.OwnHandler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        return on(factors.of_somebody(handle))

    def script(handle: passkeys.OwnAnswer) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        return on(passkeys.of_script(handle))

    return [
        web.get("/sign-in", on(signing_in.show_sign_in)),
        web.post("/sign-in", on(signing_in.ask_for_link)),
        web.get("/sign-in/sent", on(signing_in.show_sent)),
        web.get("/sign-in/link", on(signing_in.show_link)),
        web.post("/sign-in/link", on(signing_in.use_link)),
        web.post("/sign-in/passkey/begin", on(passkey_sign_in.begin)),
        web.post("/sign-in/passkey", on(passkey_sign_in.sign_in)),
        web.get("/welcome", on(signing_in.show_welcome)),
        web.post("/welcome", on(signing_in.be_welcomed)),
        web.post("/demo/enter", on(demo.enter)),
        web.get(factors.PATH, own(factors.show)),
        web.post(f"{factors.PATH}/password", own(factors.show_password)),
        web.post(f"{factors.PATH}/password/set-up", own(factors.set_up_password)),
        web.post(f"{factors.PATH}/password/remove", own(factors.remove_password)),
        web.post(f"{factors.PATH}/passkey/remove", own(factors.remove_key)),
        web.post(f"{factors.PATH}/passkey/begin", script(passkeys.begin_registration)),
        web.post(f"{factors.PATH}/passkey", script(passkeys.register)),
        web.post(f"{factors.PATH}/proof/begin", script(passkeys.begin_proof)),
        web.post(f"{factors.PATH}/proof", script(passkeys.prove)),
        web.post("/sign-out", on(signing_in.sign_out)),
        web.get("/static/{name}", static),
    ]
