"""How much one token may ask for: so many requests a second, and so many exports at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from gateway.web.api.problems import ErrorCode, Refused

RATE: Final = 50.0
BURST: Final = 100.0
EXPORTS_MAX: Final = 2
# Those that were not seen for so long have all their requests again, and are forgotten.
_FULL_AFTER_S: Final = BURST / RATE
_KNOWN_MAX: Final = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float
    exports: int = 0


class Limits:
    """Of one process. Each actor has a bucket that fills by RATE a second, up to BURST."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}

    def take(self, actor: str, *, at: float) -> dict[str, str]:
        """Count a request; the headers that say what is left. Refused where nothing is."""
        bucket = self._bucket(actor, at)
        bucket.left = min(BURST, bucket.left + (at - bucket.at) * RATE)
        bucket.at = at
        if bucket.left < 1:
            raise Refused(code=ErrorCode.TOO_MANY_REQUESTS, detail=f"at most {RATE:.0f} requests a second")
        bucket.left -= 1
        return {
            "RateLimit-Limit": f"{BURST:.0f}",
            "RateLimit-Remaining": str(int(bucket.left)),
            "RateLimit-Reset": str(max(1, round((BURST - bucket.left) / RATE))),
        }

    @contextmanager
    def exporting(self, actor: str) -> Iterator[None]:
        """A list that is streamed whole."""
        bucket = self._buckets[actor]
        if bucket.exports >= EXPORTS_MAX:
            raise Refused(code=ErrorCode.TOO_MANY_REQUESTS, detail=f"at most {EXPORTS_MAX} exports at once")
        bucket.exports += 1
        try:
            yield
        finally:
            bucket.exports -= 1

    def _bucket(self, actor: str, at: float) -> _Bucket:
        if len(self._buckets) >= _KNOWN_MAX:
            self._forget(at)
        return self._buckets.setdefault(actor, _Bucket(left=BURST, at=at))

    def _forget(self, at: float) -> None:
        full = [name for name, each in self._buckets.items() if not each.exports and each.at < at - _FULL_AFTER_S]
        for name in full:
            del self._buckets[name]
