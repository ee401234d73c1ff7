"""The log: one line an event, JSON for machines or aligned text for a terminal; numbers masked, secrets left out.

Nothing here happens at import: `configure` is called once by whoever starts the process. Names of events are in
`log_events`.
"""

import json
import logging
import sys
from collections.abc import MutableMapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, BinaryIO, Final, Literal, cast

import msgspec
import structlog
from structlog.typing import FilteringBoundLogger, Processor

from gateway.domain.phone import mask
from gateway.log_events import LogEvent
from gateway.log_writer import LogWriter, LostLines

# Telephone numbers: only their last four characters are logged.
MASKED = frozenset({"caller", "callee", "line", "caller_id", "main_number", "number"})
# Secrets, capabilities and contents of messages: a log line that is given one says so instead.
LEFT_OUT = frozenset(
    {
        "secret",
        "secrets",
        "password",
        "token",
        "authorization",
        "signature",
        "headers",
        "body",
        "control_url",
        "database_url",
        "dsn",
        "smtp_url",
    }
)
PLACEHOLDER = "(left out)"
_DETAIL = "DETAIL:"

_encode = msgspec.json.Encoder(enc_hook=str, decimal_format="string").encode

LOST: Final = LostLines()


def logger() -> FilteringBoundLogger:
    """The logger; cheap, so modules may make one each."""
    return cast("FilteringBoundLogger", structlog.get_logger())


def configure(kind: Literal["json", "console"], *, to: BinaryIO | None = None) -> None:
    """Have everything logged to standard error, as standard output is for what commands print; or to a stream."""
    chain: list[Processor] = [structlog.contextvars.merge_contextvars, hide]
    if kind == "json":
        # Seconds since 1970 cost a tenth of an ISO text; render_json writes them as one.
        chain += [structlog.processors.TimeStamper(fmt=None, utc=True, key="at"), render_json]
    else:
        chain += [
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
            _traceback,
            structlog.dev.ConsoleRenderer(colors=to is None and is_terminal()),
            _to_bytes,
        ]
    structlog.configure(
        processors=[_unfailing(chain)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(file=_standard_error() if to is None else to),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [_FromLibraries()]
    root.setLevel(logging.WARNING)


def is_terminal() -> bool:
    """Whether people read standard error."""
    return sys.stderr is not None and sys.stderr.isatty()


def _standard_error() -> BinaryIO:
    """Standard error without waiting for it; what stands for it in memory as it is."""
    if sys.stderr is None:
        return _writer(None)
    try:
        return _writer(sys.stderr.fileno())
    except OSError:
        return sys.stderr.buffer


@cache
def _writer(descriptor: int | None) -> BinaryIO:
    return cast("BinaryIO", LogWriter(descriptor, lost=LOST, say_lost=_lost_line))


def _lost_line(lines: int) -> bytes:
    """A line about lines, made as all others are."""
    (render,) = structlog.get_config()["processors"]
    line: bytes = render(None, "error", {"event": LogEvent.LOG_LOST, "lines": lines})
    return line + b"\n"


def _unfailing(chain: Sequence[Processor]) -> Processor:
    """What is logged comes from anywhere: a line that cannot be made is lost, and never stops what it tells of."""

    def render(logger: Any, method: str, event: MutableMapping[str, Any]) -> Any:
        try:
            line: Any = event
            for each in chain:
                line = each(logger, method, line)
        except Exception as error:
            LOST.add(1)
            raise structlog.DropEvent from error
        return line

    return render


def hide(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask telephone numbers and leave out secrets."""
    for key in event:
        if key in MASKED:
            event[key] = None if event[key] is None else mask(str(event[key]))
        elif key in LEFT_OUT:
            event[key] = PLACEHOLDER
    return event


def _traceback(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception as text, without local variables and without the rows that PostgreSQL names in its DETAIL.

    Both hold secrets and telephone numbers.
    """
    if "exc_info" not in event:
        return event
    event = structlog.processors.format_exc_info(cast("Any", logger), method, event)
    text = event.get("exception")
    if text is not None and _DETAIL in text:
        event["exception"] = "\n".join(line for line in text.split("\n") if not line.startswith(_DETAIL))
    return event


def render_json(_logger: object, method: str, event: MutableMapping[str, Any]) -> bytes:
    """One JSON object: when, how grave, what, and then its data."""
    event = _traceback(_logger, method, event)
    at = datetime.fromtimestamp(event.pop("at"), UTC)
    level = "error" if method == "exception" else method
    line = {"at": at, "level": level, "event": event.pop("event"), **event}
    try:
        return _encode(line)
    except UnicodeEncodeError:  # bytes of a header that are no text
        return json.dumps(line, default=str).encode()


def _to_bytes(_logger: object, _method: str, line: Any) -> bytes:
    return str(line).encode(errors="backslashreplace")


class _FromLibraries(logging.Handler):
    """Hands on what libraries log in Python's own way (asyncio, aiohttp), so that there is one log."""

    def emit(self, record: logging.LogRecord) -> None:
        said = logger()
        what = said.error if record.levelno >= logging.ERROR else said.warning
        exc_info = record.exc_info if record.exc_info and record.exc_info[0] is not None else None
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            message = str(record.msg)
        what(LogEvent.LIBRARY_REPORTED, library=record.name, message=message, exc_info=exc_info)
