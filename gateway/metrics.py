"""What the gateway counts, for Prometheus (R37). One set per process, made when it starts."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Generic, Literal, TypeVar

import prometheus_client.values as storage
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from gateway.domain.calls.call import Flag

_LATENCY_S: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.5)
_BATCH: Final = (1, 2, 4, 8, 16, 32, 64, 128)
_LATENESS_S: Final = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 3600)
# prometheus_client keeps its figures here, in files, when several processes serve one address.
MULTIPROCESS_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
# The files of a process there, each with room for all the figures that it may ever have.
_FILES: Final = ("counter", "histogram", "gauge_mostrecent", "gauge_livesum", "gauge_livemax")
_FILE_BYTES: Final = 2 << 20

Figure = TypeVar("Figure", bound=Counter | Gauge | Histogram)
Mode = Literal["mostrecent", "livesum", "livemax"]


class _Described(Generic[Figure]):
    """A figure that each `Metrics` has one of, made by its description once and kept."""

    def __init__(self, make: Callable[[CollectorRegistry], Figure]) -> None:
        self._make = make

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, metrics: "Metrics", owner: type) -> Figure:
        made = self._make(metrics.registry)
        metrics.__dict__[self._name] = made  # which is looked up before us from now on
        return made


def _counter(name: str, text: str, *labels: str) -> _Described[Counter]:
    return _Described(lambda registry: Counter(name, text, labels, registry=registry))


def _gauge(name: str, text: str, mode: Mode = "mostrecent", *labels: str) -> _Described[Gauge]:
    """`mode` says how several processes are shown as one: most see the same database, each has its own spool."""
    return _Described(lambda registry: Gauge(name, text, labels, registry=registry, multiprocess_mode=mode))


def _histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> _Described[Histogram]:
    return _Described(lambda registry: Histogram(name, text, labels, buckets=buckets, registry=registry))


class Metrics:
    """The table of figures: each has a name, a text and labels. A process has all from its start."""

    hooks = _counter("gateway_hooks", "Webhooks by outcome.", "connection", "kind", "outcome")
    http_connections = _gauge("gateway_http_connections", "HTTP connections that are open.", "livesum")
    http_places = _gauge(
        "gateway_http_places",
        "How many HTTP connections may be open, by the file descriptors there are.",
        "livesum",
    )
    http_closed = _counter(
        "gateway_http_closed",
        "HTTP connections that the gateway closed: too long idle, in a header, a body or a reply, or too crowded.",
        "why",
    )
    http_malformed = _counter("gateway_http_malformed", "Requests that are no HTTP, or broke off.")
    decisions = _counter("gateway_decisions", "Decided call starts by reason.", "direction", "reason")
    batches = _histogram("gateway_batch_size", "Events worked in one transaction.", _BATCH, "lane")
    hooks_not_kept = _counter(
        "gateway_hooks_not_kept", "Webhooks that were not kept to be looked at, as many came at once."
    )
    hook_seconds = _histogram("gateway_hook_seconds", "Time to reply to a webhook.", _LATENCY_S, "kind")
    cut_lateness = _histogram("gateway_cut_lateness_seconds", "Hang-up request sent after the deadline.", _LATENESS_S)
    hang_ups = _counter("gateway_hang_ups", "Hang-up requests by what became of them.", "connection", "result")
    commands = _counter("gateway_commands", "Commands by what became of them.", "connection", "result")
    extensions = _counter("gateway_hold_extensions", "Holds extended.", "result")
    statuses = _counter("gateway_fates", "Calls whose end did not come or is in doubt, by what became of them.", "fate")
    rents = _counter("gateway_rents", "What became of rented lines when they were due.", "result")
    live_calls = _gauge("gateway_live_calls", "Calls that are up, by the database.")
    uncut_calls = _gauge("gateway_uncut_calls", "Live calls past their deadline by more than a minute.")
    flagged_calls = _gauge(
        "gateway_flagged_calls",
        "Calls that got a flag in the last 24 hours, by their flags; of the newest 10,000.",
        "mostrecent",
        "flag",
    )
    flags = _counter("gateway_flags", "Flags that calls got, as this process wrote them.", "flag")
    held_calls = _gauge("gateway_held_calls", "Live calls that hold money.")
    ledger_differences = _gauge(
        "gateway_ledger_differences",
        "Accounts whose books were wrong when last proved, by whichever process; -1 before the first.",
        "livemax",
    )
    spooled = _gauge("gateway_spool_records", "Call events on disk, waiting for the database.", "livesum")
    spool_writes = _counter("gateway_spool_writes", "Call events written to disk.")
    spool_failures = _counter("gateway_spool_failures", "Writes of call events that the disk did not take.")
    spool_set_aside = _gauge(
        "gateway_spool_set_aside_records", "Call events on disk that were put aside, for an operator to see to."
    )
    database_away = _counter("gateway_database_away", "Call starts decided without the database.", "reply")
    mails = _counter("gateway_mails", "Mails by what became of a try.", "result")
    mails_waiting = _gauge("gateway_mails_waiting", "Mails in the outbox that are still to be sent.")
    mails_refused = _gauge("gateway_mails_refused", "Mails that were refused for good or given up.")
    crm_calls = _counter("gateway_crm_calls", "Calls told to CRMs by what became of it.", "connection", "result")
    account_pulls = _counter("gateway_account_pulls", "Questions about provider accounts.", "connection", "result")
    payments = _counter("gateway_payments", "Payments at providers by what became of them.", "connection", "result")
    provider_balance = _gauge(
        "gateway_provider_balance",
        "What is left of an account at a provider.",
        "mostrecent",
        "connection",
        "currency",
    )
    clock_difference = _gauge(
        "gateway_clock_difference_seconds",
        "How far the gateway's clock is ahead of a provider's, by its latest call start.",
        "mostrecent",
        "connection",
    )
    database_standbys = _gauge("gateway_database_standbys", "Standbys that follow the database.")
    synchronous_standby_lost = _gauge(
        "gateway_synchronous_standby_lost",
        "1 while the database waits for a synchronous standby that is not there.",
    )
    replication_may_lose = _gauge(
        "gateway_replication_may_lose",
        "1 if a failover may lose ends that were acknowledged: nobody waits for them.",
    )
    crash_may_lose = _gauge(
        "gateway_crash_may_lose",
        "1 if a crash of the database's machine may lose or damage what was acknowledged: a setting of it is off.",
    )
    machine_clock_ahead = _gauge(
        "gateway_machine_clock_ahead_seconds", "How far this machine's clock is ahead of the database's."
    )
    worker_errors = _counter("gateway_worker_errors", "Failed turns of workers.", "worker")
    log_lines_lost = _counter("gateway_log_lines_lost", "Lines of the log that could not be written.")

    def __init__(self) -> None:
        self.registry: Final = CollectorRegistry()
        self._totals: dict[Counter, int] = {}
        for name, described in vars(Metrics).items():
            if isinstance(described, _Described):
                getattr(self, name)
        self.ledger_differences.set(-1)

    def observe_batch(self, queue: str) -> Callable[[int], None]:
        return self.batches.labels(queue).observe

    def count_flags(self, flags: Iterable[Flag]) -> None:
        for flag in flags:
            self.flags.labels(flag.value).inc()

    def count_failure(self, worker: str) -> None:
        self.worker_errors.labels(worker).inc()

    def bring_up(self, figure: Counter, total: int) -> int:
        """Bring a counter up to what was counted elsewhere in this process; by how much."""
        more = total - self._totals.get(figure, 0)
        figure.inc(more)
        self._totals[figure] = total
        return more

    def clock_differences(self) -> dict[str, float]:
        """By connection, as this process has heard of them."""
        samples = (sample for metric in self.clock_difference.collect() for sample in metric.samples)
        return {sample.labels["connection"]: round(sample.value, 3) for sample in samples}

    def render(self) -> bytes:
        """The figures in the text format, of all processes that serve together."""
        if MULTIPROCESS_VARIABLE not in os.environ:
            return generate_latest(self.registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library does not annotate it
        return generate_latest(registry)


def take_room() -> None:
    """Have the disk keep room for the figures of this process before there are any; without it they stay in memory.

    The files are mapped into memory: a disk that were full when a figure is written would kill the process.
    """
    directory = os.environ.get(MULTIPROCESS_VARIABLE)
    if directory is None:
        return
    try:
        for name in _FILES:
            with (Path(directory) / f"{name}_{os.getpid()}.db").open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, _FILE_BYTES)
    except OSError:
        del os.environ[MULTIPROCESS_VARIABLE]
        storage.ValueClass = storage.MutexValue
