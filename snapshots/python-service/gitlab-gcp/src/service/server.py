"""HTTP/1.1 on the standard library: bounded in size, time and number.

One request a connection: nothing idle is left to drain, and no second request can be smuggled in
behind a first. Put a proxy that speaks TLS in front of it, as the platform's ingress does.
"""

import io
import logging
import re
import socket
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any, cast

from service.app import App, Refusal, Request, Response, reply
from service.config import Config
from service.telemetry import request_id

log = logging.getLogger(__name__)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LINGER = 256 * 1024
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Server(ThreadingTCPServer):
    """Serves `app`, one thread a connection, at most `config.max_connections` of them.

    Not an `HTTPServer`, which asks DNS for its own name before it listens.
    """

    allow_reuse_address = True
    daemon_threads = True  # `stop` waits for them, with a limit that joining would not have
    request_queue_size = 128

    def __init__(self, config: Config, app: App) -> None:
        self.config = config
        self.app = app
        self._busy = 0
        self._change = threading.Condition()
        self._loop = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        super().__init__((config.host, config.port), Handler)

    @property
    def port(self) -> int:
        """The port that is listened on, also where the configuration says 0."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Begin to accept connections."""
        self._loop.start()

    def stop(self, grace: float) -> bool:
        """Accept no more, and wait up to `grace` seconds. False: some requests were cut off."""
        self.shutdown()
        self._loop.join()
        # Else the kernel would go on taking connections that nobody serves.
        self.socket.close()
        with self._change:
            return self._change.wait_for(lambda: self._busy == 0, timeout=grace)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a connection, or turn it away at once: a queue would only hide the overload."""
        with self._change:
            full = self._busy >= self.config.max_connections
            if not full:
                self._busy += 1
        if full:
            log.warning("too many connections")
            request.sendall(BUSY)
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread to be had
            self._release()
            raise

    def _release(self) -> None:
        with self._change:
            self._busy -= 1
            self._change.notify_all()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection, and free its place whatever happens."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log what a handler raised. Clients that hang up are no fault of ours."""
        error = sys.exception()
        if isinstance(error, OSError):
            log.info("client left")
        else:
            log.error("connection failed", exc_info=error)


class DeadlineReader(io.RawIOBase):
    """Reads a socket until one moment for everything.

    A socket's own timeout starts anew with every byte, so a client that trickles never meets it.
    """

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self._end = time.monotonic() + seconds

    def readable(self) -> bool:
        """True, as `io.BufferedReader` asks."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what there is; raise `TimeoutError` at the deadline."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request took too long")
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class Handler(BaseHTTPRequestHandler):
    """Turns bytes into a `Request`, and a `Response` into bytes."""

    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        """Start the clock of this connection."""
        super().setup()
        self.service = cast(Server, self.server)
        self.started = time.monotonic()
        request_id.set(uuid.uuid4().hex)
        seconds = self.service.config.request_timeout
        self.rfile = io.BufferedReader(DeadlineReader(self.connection, seconds))

    def handle(self) -> None:
        """Serve one request."""
        self.handle_one_request()

    def do_GET(self) -> None:
        """Serve, whatever the method: `App` decides which it takes."""
        given = self.headers.get("X-Request-ID", "")
        if REQUEST_ID.fullmatch(given):
            request_id.set(given)
        try:
            body = self._body()
        except Refusal as refusal:
            self._send(reply(refusal.status, {"error": refusal.message}))
            self._linger()
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = self.path.partition("?")[0]
        self._send(self.service.app.handle(Request(self.command, path, headers, body)))

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET

    def _body(self) -> bytes:
        """The body, if its length is announced, allowed, and delivered in time."""
        if "Transfer-Encoding" in self.headers:
            raise Refusal(411, "the body must have a Content-Length")
        lengths = self.headers.get_all("Content-Length", ["0"])
        if len(lengths) != 1 or not re.fullmatch(r"[0-9]{1,18}", lengths[0]):
            raise Refusal(400, "Content-Length must be one whole number")
        length = int(lengths[0])
        if length > self.service.config.max_body:
            raise Refusal(413, "the body is too large")
        try:
            body = self.rfile.read(length)
        except TimeoutError as error:
            raise Refusal(408, "the body took too long") from error
        if len(body) < length:
            raise Refusal(400, "the body is shorter than its Content-Length")
        return body

    def _linger(self) -> None:
        """Read off some of what still comes: to close on it would reset the answer away."""
        self.connection.shutdown(socket.SHUT_WR)
        left = LINGER
        while left > 0 and (chunk := self.rfile.read1(LINGER)):
            left -= len(chunk)

    def _send(self, response: Response) -> None:
        method = self.command if self.command in METHODS else "OTHER"
        seconds = time.monotonic() - self.started
        self.service.app.metrics.observe(method, response.route, response.status, seconds)
        log.info(
            "request",
            extra={
                "method": method,
                "route": response.route,
                "status": response.status,
                "milliseconds": round(seconds * 1000, 1),
                "client": self.client_address[0],
                "subject": response.subject,
            },
        )
        self.connection.settimeout(self.service.config.request_timeout)
        self.send_response_only(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Request-ID", request_id.get() or "")
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library refuses by itself, in our form and without echoing input."""
        self.request_version = self.protocol_version  # else HTTP/0.9 is assumed: no status line
        self._send(reply(int(code), {"error": "malformed request"}))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: `_send` has logged the request already."""
