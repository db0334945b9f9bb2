import doctest
import math
import threading
import unittest

import my_library
from my_library import Limiter


class Clock:
    """It stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class LimiterTest(unittest.TestCase):
    def setUp(self) -> None:
        self.clock = Clock()

    def limiter(self, rate: float, burst: int, capacity: int = 10) -> Limiter:
        return Limiter(rate, burst, capacity=capacity, clock=self.clock)

    def test_a_burst_then_the_rate(self) -> None:
        limiter = self.limiter(2, 3)
        self.assertEqual([limiter.take("ada") for _ in range(4)], [0, 0, 0, 0.5])
        self.clock.now += 0.5
        self.assertEqual([limiter.take("ada") for _ in range(2)], [0, 0.5])

    def test_keys_do_not_share(self) -> None:
        limiter = self.limiter(1, 1)
        keys = ["ada", "grace", ("ada", 1), "ada"]
        self.assertEqual([limiter.take(key) for key in keys], [0, 0, 0, 1])

    def test_rest_fills_no_more_than_the_burst(self) -> None:
        limiter = self.limiter(1, 2)
        limiter.take("ada")
        self.clock.now += 86_400
        self.assertEqual([limiter.take("ada") for _ in range(3)], [0, 0, 1])

    def test_a_clock_that_goes_back_takes_nothing(self) -> None:
        limiter = self.limiter(1, 2)
        limiter.take("ada")
        self.clock.now -= 500
        self.assertEqual([limiter.take("ada") for _ in range(2)], [0, 1])

    def test_memory_is_bounded_and_the_quietest_is_forgotten(self) -> None:
        limiter = self.limiter(1, 1, capacity=2)
        waits = [limiter.take(key) for key in ("ada", "grace", "ada", "edsger", "ada")]
        self.assertEqual(waits, [0, 0, 1, 0, 1])
        for caller in range(100):
            limiter.take(caller)
        self.assertEqual(len(limiter), 2)

    def test_invalid_limits_are_refused(self) -> None:
        for rate in (0, -1, math.nan, math.inf):
            with self.subTest(rate=rate), self.assertRaisesRegex(ValueError, "rate"):
                self.limiter(rate, 1)
        with self.assertRaisesRegex(ValueError, "burst"):
            self.limiter(1, 0)
        with self.assertRaisesRegex(ValueError, "capacity"):
            self.limiter(1, 1, capacity=0)

    def test_several_threads_take_no_more_than_the_burst(self) -> None:
        limiter = self.limiter(1, 50)
        waits: list[float] = []
        threads = [
            threading.Thread(target=lambda: waits.extend(limiter.take("ada") for _ in range(25)))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([len(waits), waits.count(0)], [100, 50])

    def test_the_example_in_the_documentation(self) -> None:
        failed, tried = doctest.testmod(my_library)
        self.assertEqual((failed, tried), (0, 3))
