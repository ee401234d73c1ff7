"""What a log line looks like, and what never stands in one."""

import io
import json
import logging
from datetime import datetime

import pytest
import structlog

from gateway import log
from gateway.log_events import LogEvent


@pytest.fixture
def stream():
    """A log that is written to memory; the next test has its own."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield io.BytesIO()
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers, root.level = before


def lines(stream) -> list[dict]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_time_level_and_event_first(stream):
    log.configure("json", to=stream)

    log.logger().info(LogEvent.CALL_AUTHORIZED, call_id=7, granted_s=60)

    [line] = lines(stream)
    assert list(line) == ["at", "level", "event", "call_id", "granted_s"]
    assert (line["level"], line["event"], line["call_id"]) == ("info", "call.authorized", 7)
    assert datetime.fromisoformat(line["at"]).utcoffset() is not None


def test_r37_numbers_are_masked_to_their_last_four(stream):
    log.configure("json", to=stream)

    log.logger().info(
        LogEvent.CALL_REFUSED, caller="+15550100001", callee="+442079460000", line="112", caller_id=None, call_id="x"
    )

    [line] = lines(stream)
    assert (line["caller"], line["callee"]) == ("********0001", "*********0000")
    assert (line["line"], line["caller_id"], line["call_id"]) == ("112", None, "x")


@pytest.mark.parametrize("key", sorted(log.LEFT_OUT))
def test_secrets_are_left_out(stream, key):
    log.configure("json", to=stream)

    log.logger().warning(LogEvent.HOOK_REJECTED, **{key: "hunter2"})

    assert lines(stream)[0][key] == "(left out)"
    assert b"hunter2" not in stream.getvalue()


def test_bound_values_are_in_every_line_and_masked_too(stream):
    log.configure("json", to=stream)

    log.logger().bind(connection="pbx", caller="+15550100001").info(LogEvent.HOOK_ANSWERED)

    assert lines(stream)[0]["connection"] == "pbx"
    assert lines(stream)[0]["caller"] == "********0001"


def test_debug_is_off(stream):
    log.configure("json", to=stream)

    log.logger().debug(LogEvent.HOOK_ANSWERED)

    assert stream.getvalue() == b""


def test_an_exception_brings_its_traceback_and_stays_one_line(stream):
    log.configure("json", to=stream)

    try:
        int("broken")
    except ValueError:
        log.logger().exception(LogEvent.WORKER_FAILED, worker="cutter", value=object())

    [line] = lines(stream)
    assert line["level"] == "error"
    assert "ValueError: invalid literal" in line["exception"]


def test_people_get_aligned_text(stream):
    log.configure("console", to=stream)

    log.logger().info(LogEvent.SERVER_STARTED, url="http://x", caller="+15550100001")

    text = stream.getvalue().decode()
    assert "server.started" in text
    assert "url=http://x" in text
    assert "********0001" in text


def test_what_libraries_say_is_in_the_same_log(stream):
    log.configure("json", to=stream)
    library = logging.getLogger("some.library")

    library.warning("careful with %s", "this")
    library.error("a wrong %d format", "number")
    library.info("chatter")
    try:
        int("inside")
    except ValueError:
        library.exception("it broke")

    first, second, third = lines(stream)
    assert (first["event"], first["level"], first["library"]) == ("library.reported", "warning", "some.library")
    assert first["message"] == "careful with this"
    assert (second["level"], second["message"]) == ("error", "a wrong %d format")
    assert "ValueError: invalid literal" in third["exception"]


def test_every_event_is_a_noun_and_what_happened_to_it():
    for event in LogEvent:
        noun, dot, verb = event.partition(".")
        assert noun.isalpha()
        assert dot == "."
        assert verb.replace("_", "").isalpha()


class Unspeakable:
    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize("kind", ["json", "console"])
def test_a_line_that_cannot_be_made_is_lost_and_stops_nothing(stream, kind):
    log.configure(kind, to=stream)
    before = log.LOST.count

    log.logger().info(LogEvent.CALL_AUTHORIZED, caller=Unspeakable())

    assert stream.getvalue() == b""
    assert log.LOST.count == before + 1


def test_what_is_no_text_is_written_all_the_same(stream):
    log.configure("json", to=stream)

    log.logger().warning(LogEvent.HOOK_REJECTED, why="\udcff")

    assert lines(stream)[0]["why"] == "\udcff"


def test_a_line_says_how_many_were_lost(stream):
    log.configure("json", to=stream)

    line = json.loads(log._lost_line(7))

    assert (line["level"], line["event"], line["lines"]) == ("error", "log.lost", 7)
