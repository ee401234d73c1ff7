"""How much one token may ask for: so many requests a second, and so many exports at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from gateway.web.api.problems import Declined, ErrorCode

# How many requests may come at once, in seconds of the rate: after as long a rest they may again.
BURST_S: Final = 2.0
EXPORTS_MAX: Final = 2
_KNOWN_MAX: Final = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float
    exports: int = 0


class RequestLimits:
    """Of one process. Each actor has a bucket that fills by `rate` a second, up to what BURST_S bring."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._burst = rate * BURST_S
        self._buckets: dict[str, _Bucket] = {}

    def take(self, actor: str, *, at: float) -> dict[str, str]:
        """Count a request; the headers that say what is left. Declined where nothing is."""
        bucket = self._bucket(actor, at)
        bucket.left = min(self._burst, bucket.left + (at - bucket.at) * self._rate)
        bucket.at = at
        if bucket.left < 1:
            raise Declined(code=ErrorCode.TOO_MANY_REQUESTS, detail=f"at most {self._rate} requests a second")
        bucket.left -= 1
        return {
            "RateLimit-Limit": f"{self._burst:.0f}",
            "RateLimit-Remaining": str(int(bucket.left)),
            "RateLimit-Reset": str(max(1, round((self._burst - bucket.left) / self._rate))),
        }

    @contextmanager
    def exporting(self, actor: str) -> Iterator[None]:
        """A list that is streamed whole."""
        bucket = self._buckets[actor]
        if bucket.exports >= EXPORTS_MAX:
            raise Declined(code=ErrorCode.TOO_MANY_REQUESTS, detail=f"at most {EXPORTS_MAX} exports at once")
        bucket.exports += 1
        try:
            yield
        finally:
            bucket.exports -= 1

    def _bucket(self, actor: str, at: float) -> _Bucket:
        if len(self._buckets) >= _KNOWN_MAX:
            self._forget(at)
        return self._buckets.setdefault(actor, _Bucket(left=self._burst, at=at))

    def _forget(self, at: float) -> None:
        full = [name for name, each in self._buckets.items() if not each.exports and each.at < at - BURST_S]
        for name in full:
            del self._buckets[name]
