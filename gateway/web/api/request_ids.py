"""A name for each request, the asker's own or one of ours: in the reply, the log and the audit."""

import re
import secrets
from typing import Final

from aiohttp import web

HEADER: Final = "X-Request-Id"
REQUEST_ID: Final = web.RequestKey("request_id", str)
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id_of(request: web.Request) -> str:
    """What is no name is not taken: it would stand in logs."""
    given = request.headers.get(HEADER, "")
    return given if _NAME.fullmatch(given) else new_request_id()


def new_request_id() -> str:
    return secrets.token_hex(8)
