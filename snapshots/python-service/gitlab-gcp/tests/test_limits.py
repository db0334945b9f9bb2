"""The rate limiter, with a clock that stands still, and the metrics."""

import unittest

from service.limits import RateLimiter
from service.telemetry import Metrics


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
            self.limiter.wait("ada")
        self.assertEqual(list(self.limiter._buckets), ["99", "ada"])
        self.assertGreater(self.limiter.wait("ada"), 0, "who calls all the time is not forgotten")


class Counts(unittest.TestCase):
    def test_the_metrics_are_prometheus_text(self) -> None:
        metrics = Metrics()
        for seconds in (0.005, 0.006, 0.3, 20):
            metrics.observe("GET", "/healthz", 200, seconds)
        metrics.observe("GET", "/healthz", 503, 0)
        name = "http_request_duration_seconds"
        bounds = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, "+Inf")
        counts = (2, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 5)
        expected = [
            "# HELP http_requests_total Requests that were answered.",
            "# TYPE http_requests_total counter",
            'http_requests_total{method="GET",route="/healthz",status="200"} 4',
            'http_requests_total{method="GET",route="/healthz",status="503"} 1',
            f"# HELP {name} Time from request to answer.",
            f"# TYPE {name} histogram",
            *(
                f'{name}_bucket{{route="/healthz",le="{bound}"}} {count}'
                for bound, count in zip(bounds, counts, strict=True)
            ),
            f'{name}_sum{{route="/healthz"}} 20.311000',
            f'{name}_count{{route="/healthz"}} 5',
        ]
        self.assertEqual(metrics.render().splitlines(), expected)
