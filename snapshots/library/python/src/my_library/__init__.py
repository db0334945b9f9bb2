"""Limits how often each caller may do something.

A `Limiter` holds one token bucket for each key: `burst` at once, `rate` a second after that. It
counts within one process.

>>> from my_library import Limiter
>>> limiter = Limiter(rate=0.001, burst=2)
>>> [limiter.take(caller) == 0 for caller in ("ada", "ada", "ada", "grace")]
[True, True, False, True]
"""

from ._limiter import Limiter

__all__ = ["Limiter"]
