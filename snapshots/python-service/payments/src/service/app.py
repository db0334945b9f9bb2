"""What the service does. Nothing here knows sockets, so all of it can be tested without one."""

import json
import logging
import math
import queue
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from service.config import Config
from service.limits import RateLimiter
from service.telemetry import Metrics
from service.tokens import Signer, TokenError

log = logging.getLogger(__name__)

# Returns if a dependency can be used, raises `OSError` (a timeout is one) if not. Whatever it does,
# it is waited for no longer than the seconds that it is given.
Check = Callable[[float], None]

MAX_NAME_LENGTH = 64


@dataclass(frozen=True)
class Request:
    """A request as the server hands it in. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Response:
    """An answer. `route` is the label for metrics and logs, `subject` who asked, if known."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    route: str = "unmatched"
    subject: str | None = None


class Refusal(Exception):
    """A request that is answered with an error. `message` is shown to the caller."""

    def __init__(
        self,
        status: int,
        message: str,
        headers: Mapping[str, str] | None = None,
        subject: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}
        self.subject = subject


@dataclass(frozen=True)
class Route:
    """A handler, and the scope that a caller's token must have; None: anybody may call it."""

    handler: Callable[[Request], Response]
    scope: str | None = None


def reply(status: int, content: object, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(status, json.dumps(content).encode() + b"\n", headers=headers or {})


class App:
    """Routes, and what stands behind them."""

    def __init__(self, config: Config, checks: Mapping[str, Check] | None = None) -> None:
        self.draining = threading.Event()
        self.metrics = Metrics()
        self._config = config
        self._signer = Signer(config.token_keys, audience=config.name)
        self._limiter = RateLimiter(config.rate_per_second, config.rate_burst)
        self._checks = _connections(config.dependencies) if checks is None else checks
        self._routes = {
            "/healthz": {"GET": Route(self._healthz)},
            "/readyz": {"GET": Route(self._readyz)},
            "/metrics": {"GET": Route(self._metrics)},
            "/v1/greetings": {"POST": Route(self._greet, scope="greetings:write")},
        }

    def handle(self, request: Request) -> Response:
        """Answer `request`. Never raises: what goes wrong in here is a 500 and a log entry."""
        subject = None
        try:
            route = self._find(request)
            if route.scope is not None:
                subject = self._authorise(request, route.scope)
                self._limit(subject)
            response = route.handler(request)
        except Refusal as refusal:
            response = reply(refusal.status, {"error": refusal.message}, refusal.headers)
            subject = refusal.subject or subject
        except Exception:
            log.exception("request failed", extra={"path": request.path})
            response = reply(500, {"error": "internal error"})
        label = request.path if request.path in self._routes else "unmatched"
        return replace(response, route=label, subject=subject)

    def _find(self, request: Request) -> Route:
        methods = self._routes.get(request.path)
        if methods is None:
            raise Refusal(404, "no such resource")
        route = methods.get("GET" if request.method == "HEAD" else request.method)
        if route is None:
            raise Refusal(405, "method not allowed", {"Allow": ", ".join(sorted(methods))})
        return route

    def _authorise(self, request: Request, scope: str) -> str:
        """Who asks, if the token is good and covers `scope`. Only the log says why it is not."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            if kind.lower() != "bearer":
                raise TokenError("no bearer token")
            claims = self._signer.verify(token.strip())
        except TokenError as error:
            log.warning("unauthorised", extra={"cause": str(error)})
            raise Refusal(401, "unauthorised", {"WWW-Authenticate": "Bearer"}) from error
        if scope not in claims.scopes:
            message = f"the token lacks the scope {scope}"
            raise Refusal(403, message, subject=claims.subject)
        return claims.subject

    def _limit(self, subject: str) -> None:
        wait = self._limiter.wait(subject)
        if wait > 0:
            raise Refusal(429, "too many requests", {"Retry-After": str(math.ceil(wait))})

    def _healthz(self, _: Request) -> Response:
        """Is the process alive? Asks nobody else: a restart mends no dependency."""
        return reply(200, {"status": "ok"})

    def _readyz(self, _: Request) -> Response:
        """Should traffic come here? All dependencies are asked at once, and have one deadline."""
        if self.draining.is_set():
            raise Refusal(503, "draining")
        seconds = self._config.ready_timeout
        deadline = time.monotonic() + seconds
        asked = {name: _ask(check, seconds) for name, check in self._checks.items()}
        states = {}
        for name, answer in asked.items():
            try:
                error = answer.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                error = TimeoutError("it took too long")
            if isinstance(error, OSError):
                log.warning("dependency is not ready", extra={"dependency": name, "cause": error})
            elif error is not None:
                raise error
            states[name] = "ok" if error is None else "unavailable"
        ready = all(state == "ok" for state in states.values())
        return reply(200 if ready else 503, {"ready": ready, "dependencies": states})

    def _metrics(self, _: Request) -> Response:
        text = self.metrics.render().encode()
        return Response(200, text, "text/plain; version=0.0.4; charset=utf-8")

    def _greet(self, request: Request) -> Response:
        """The sample: check what came in, then answer. Replace it with what you build."""
        return reply(201, {"message": f"Hello, {_name(request)}!"})


def _name(request: Request) -> str:
    """The name in the body: strict about shape, so that surprises end here and not in a backend."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refusal(415, "the body must be application/json")
    try:
        body = json.loads(request.body)
    except (RecursionError, ValueError) as error:
        raise Refusal(400, "the body is not JSON") from error
    if not isinstance(body, dict) or set(body) != {"name"}:
        raise Refusal(422, "the body must be an object with the one member name")
    name = body["name"]
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise Refusal(422, "name must be printable text")
    if len(name) > MAX_NAME_LENGTH:
        raise Refusal(422, f"name must have at most {MAX_NAME_LENGTH} characters")
    return name.strip()


def _ask(check: Check, seconds: float) -> "queue.SimpleQueue[Exception | None]":
    """What `check` comes to, once it does. On a thread, because looking up a name has no limit."""
    answer: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            check(seconds)
        except Exception as error:
            answer.put(error)
        else:
            answer.put(None)

    threading.Thread(target=ask, name="check", daemon=True).start()
    return answer


def _connections(addresses: Sequence[tuple[str, int]]) -> dict[str, Check]:
    return {f"{host}:{port}": partial(_connect, host, port) for host, port in addresses}


def _connect(host: str, port: int, timeout: float) -> None:
    """A dependency counts as usable when it accepts a connection."""
    with socket.create_connection((host, port), timeout):
        pass
