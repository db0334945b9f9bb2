"""The rate limiter, with a clock that stands still."""

import unittest

from service.limits import RateLimiter


class Limits(unittest.TestCase):
    def setUp(self) -> None:
        self.now = 0.0
        self.limiter = RateLimiter(rate=2, burst=3, capacity=2, clock=lambda: self.now)

    def test_a_burst_then_the_rate(self) -> None:
        self.assertEqual([self.limiter.wait("ada") for _ in range(4)], [0, 0, 0, 0.5])
        self.now = 0.5
        self.assertEqual([self.limiter.wait("ada") for _ in range(2)], [0, 0.5])

    def test_a_rest_saves_up_no_more_than_a_burst(self) -> None:
        self.limiter.wait("ada")
        self.now = 3600
        self.assertEqual([self.limiter.wait("ada") for _ in range(4)], [0, 0, 0, 0.5])

    def test_callers_do_not_share(self) -> None:
        for _ in range(4):
            self.limiter.wait("ada")
        self.assertEqual(self.limiter.wait("grace"), 0)

    def test_memory_is_bounded(self) -> None:
        for number in range(100):
            self.limiter.wait(str(number))
        self.assertEqual(len(self.limiter._buckets), 2)
