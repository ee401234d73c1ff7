"""Every way in which a statement can fail: each class of the driver's exceptions, and of the network's."""

import asyncio
import inspect
import socket
import ssl
from typing import Any

from asyncpg import exceptions

_SAID: dict[str, Any] = {"severity": "ERROR", "message": "it went wrong"}


def _failure(kind: Any) -> Exception:
    failure: Exception = kind("it went wrong")
    if issubclass(kind, exceptions.PostgresLogMessage):
        failure.__dict__.update(_SAID)
    return failure


DRIVER_FAILURES = [
    _failure(kind) for _, kind in inspect.getmembers(exceptions, inspect.isclass) if issubclass(kind, Exception)
]
NETWORK_FAILURES: list[Exception] = [
    *(kind(1, "it went wrong") for kind in (OSError, *OSError.__subclasses__()) if kind.__module__ == "builtins"),
    *(kind() for kind in ConnectionError.__subclasses__() if kind.__module__ == "builtins"),
    TimeoutError(),
    asyncio.IncompleteReadError(b"", 5),
    EOFError(),
    socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
    socket.herror(1, "Unknown host"),
    ssl.SSLError(1, "it went wrong"),
    ssl.SSLEOFError(8, "EOF occurred in violation of protocol"),
    ssl.SSLZeroReturnError(6, "TLS/SSL connection has been closed"),
    ssl.SSLCertVerificationError(1, "certificate verify failed"),
]
FAILURES = DRIVER_FAILURES + NETWORK_FAILURES
