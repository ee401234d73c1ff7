"""What a running gateway tells: its figures, its log, and its mails."""

from collections.abc import Iterator
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from gateway.domain.mail.notices import SWITCHABLE, NoticeKind
from gateway.log_events import LogEvent
from gateway.metrics import Metrics
from gateway.words.vocabulary import FALLBACK, words_of
from tests.support.reference.text import code, page, paragraph, table


def pages() -> Iterator[tuple[str, str]]:
    yield "metrics.md", _metrics()
    yield "log-events.md", _log_events()
    yield "mails.md", _mails()


def _metrics() -> str:
    return page(
        "Figures",
        paragraph(
            "`/metrics` has them in the text format of Prometheus. Of several processes it has the sums."
            " [What to alert on](../how-to/what-to-alert-on.md) says which to watch."
        ),
        table(("name", "type", "labels", "meaning"), (_metric(each) for each in _collectors())),
    )


def _collectors() -> list[Any]:
    metrics = vars(Metrics()).values()
    return sorted(
        (each for each in metrics if isinstance(each, Counter | Gauge | Histogram)), key=lambda each: each._name
    )


def _metric(metric: Any) -> tuple[str, str, str, str]:
    name = f"{metric._name}_total" if isinstance(metric, Counter) else metric._name
    return code(name), metric._type, ", ".join(map(code, metric._labelnames)), metric._documentation


def _log_events() -> str:
    return page(
        "Log events",
        paragraph(
            "Each line of the log has one of these names as its `event`, beside `at` and `level`. Telephone numbers are"
            " masked to their last four digits. [GATEWAY_LOG](settings.md#gateway_log) says how lines look."
        ),
        table(("event", "meaning"), ((code(event.value), event.meaning) for event in LogEvent)),
    )


def _mails() -> str:
    return page(
        "Mails",
        paragraph(
            "What administrators are told, and when. `gateway mail settings ACCOUNT --off KIND` switches a kind off."
            " [Send mails](../how-to/send-mails.md) says how they leave."
        ),
        table(("kind", "when", "subject", "may be switched off"), (_mail(kind) for kind in NoticeKind)),
    )


def _mail(kind: NoticeKind) -> tuple[str, str, str, str]:
    words = words_of(FALLBACK)
    subjects = dict.fromkeys(
        words[name]["subject"] for name in words if name.startswith(kind.value) and isinstance(words[name], dict)
    )
    return code(kind.value), kind.meaning, "; ".join(map(code, subjects)), "yes" if kind in SWITCHABLE else "no"
