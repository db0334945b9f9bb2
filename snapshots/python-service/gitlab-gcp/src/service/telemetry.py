"""What the service tells its operators: JSON logs on stderr, Prometheus metrics."""

import json
import logging
import sys
import threading
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import UTC, datetime

# What every log record has anyway; the rest came in as `extra` and is shown.
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}

# The request that this thread serves: every line that it logs says so.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class JsonFormatter(logging.Formatter):
    """One JSON object a line. `json.dumps` escapes line breaks, so input cannot forge a line."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """`record` as one line."""
        moment = datetime.fromtimestamp(record.created, tz=UTC)
        line: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
        }
        line.update((k, v) for k, v in record.__dict__.items() if k not in _STANDARD)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure(service: str, level: int) -> None:
    """Send every log record to stderr as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)


class Metrics:
    """Requests, by method, route and status, and how long they took.

    Labels take few values by construction (a route's pattern, never its path), because each
    combination is a time series that somebody pays for.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: dict[tuple[str, str, int], int] = {}
        self._buckets: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        with self._lock:
            key = (method, route, status)
            self._requests[key] = self._requests.get(key, 0) + 1
            counts = self._buckets.setdefault(route, [0] * (len(BUCKETS) + 1))
            counts[sum(bound < seconds for bound in BUCKETS)] += 1
            self._seconds[route] = self._seconds.get(route, 0.0) + seconds

    def render(self) -> str:
        """Everything in Prometheus' text format 0.0.4."""
        lines = [
            "# HELP http_requests_total Requests that were answered.",
            "# TYPE http_requests_total counter",
        ]
        with self._lock:
            for (method, route, status), count in sorted(self._requests.items()):
                labels = f'method="{method}",route="{route}",status="{status}"'
                lines.append(f"http_requests_total{{{labels}}} {count}")
            lines += [
                "# HELP http_request_duration_seconds Time from request to answer.",
                "# TYPE http_request_duration_seconds histogram",
            ]
            for route, counts in sorted(self._buckets.items()):
                lines += _histogram(route, counts, self._seconds[route])
        return "\n".join(lines) + "\n"


def _histogram(route: str, counts: Sequence[int], total: float) -> list[str]:
    name, lines, running = "http_request_duration_seconds", [], 0
    for bound, count in zip((*BUCKETS, "+Inf"), counts, strict=True):
        running += count
        lines.append(f'{name}_bucket{{route="{route}",le="{bound}"}} {running}')
    lines.append(f'{name}_sum{{route="{route}"}} {total:.6f}')
    lines.append(f'{name}_count{{route="{route}"}} {running}')
    return lines
