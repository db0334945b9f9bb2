"""Rate limiting: one token bucket a caller."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable


class RateLimiter:
    """Allows `burst` requests at once and `rate` a second after that, for each key.

    It holds at most `capacity` keys and forgets the one that was quiet the longest, so that callers
    cannot fill the memory. It counts within this process: replicas each allow the full rate.
    """

    def __init__(
        self,
        rate: float,
        burst: int,
        capacity: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._capacity = capacity
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Take one from the bucket of `key`: 0 if there was one, else the seconds to wait."""
        with self._lock:
            now = self._clock()
            level, since = self._buckets.pop(key, (self._burst, now))
            level = min(self._burst, level + (now - since) * self._rate)
            allowed = level >= 1
            self._buckets[key] = (level - 1 if allowed else level, now)
            while len(self._buckets) > self._capacity:
                self._buckets.popitem(last=False)
            return 0.0 if allowed else (1 - level) / self._rate
