import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable


class Limiter:
    """Admits a burst of calls at once and a rate of them a second after that, for each key.

    It holds at most `capacity` keys and forgets the one that was quiet the longest, so that callers
    cannot fill the memory. Threads may share it.
    """

    def __init__(
        self,
        rate: float,
        burst: int,
        *,
        capacity: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Look at `clock`, in seconds.

        Raises `ValueError` for limits that would admit nobody, or everybody.
        """
        if not math.isfinite(rate) or rate <= 0:
            raise ValueError(f"rate must be positive and finite, not {rate}")
        if burst < 1:
            raise ValueError(f"burst must be 1 at least, not {burst}")
        if capacity < 1:
            raise ValueError(f"capacity must be 1 at least, not {capacity}")
        self._rate = rate
        self._burst = float(burst)
        self._capacity = capacity
        self._clock = clock
        self._lock = threading.Lock()
        # In the order of their use: the first is the one that was quiet the longest.
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        """How many keys are held."""
        with self._lock:
            return len(self._buckets)

    def take(self, key: Hashable) -> float:
        """Admit one call of `key`: 0, or the seconds to wait if there is no room for it now."""
        with self._lock:
            now = self._clock()
            level, since = self._buckets.pop(key, (self._burst, now))
            # A clock that goes back must not empty the bucket.
            level = min(self._burst, level + max(0.0, now - since) * self._rate)
            admitted = level >= 1
            self._buckets[key] = (level - 1 if admitted else level, now)
            if len(self._buckets) > self._capacity:
                self._buckets.popitem(last=False)
            return 0.0 if admitted else (1 - level) / self._rate
