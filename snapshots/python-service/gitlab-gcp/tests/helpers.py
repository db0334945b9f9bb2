"""What several tests need: a configuration, and a real server on a free port."""

import http.client
import json
import logging
import socket
import unittest
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.app import App, Check
from service.config import Config
from service.server import Server
from service.tokens import Signer

KEYS = (b"k" * 32,)
CONFIG = Config(token_keys=KEYS, port=0, request_timeout=0.5, rate_per_second=0.5, rate_burst=3)


def bearer(
    scope: str = "greetings:write", seconds: float = 60, subject: str = "ada"
) -> dict[str, str]:
    """The header of a caller with `scope`."""
    token = Signer(KEYS, audience=CONFIG.name).sign(subject, [scope], seconds)
    return {"Authorization": f"Bearer {token}"}


@dataclass(frozen=True)
class Answer:
    """What a client sees."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


class ServerCase(unittest.TestCase):
    """A test with a server that really listens."""

    def setUp(self) -> None:
        logging.disable(logging.CRITICAL)
        self.addCleanup(logging.disable, logging.NOTSET)

    def serve(self, config: Config = CONFIG, checks: Mapping[str, Check] | None = None) -> Server:
        """Start a server; it stops when the test ends."""
        server = Server(config, App(config, checks))
        self.addCleanup(server.server_close)
        server.start()
        self.addCleanup(server.stop, 5)
        return server

    def raw(self, server: Server, *parts: bytes) -> bytes:
        """Send `parts` as they are; return all that comes back."""
        with socket.create_connection(("127.0.0.1", server.port), 5) as client:
            for part in parts:
                client.sendall(part)
            return b"".join(iter(lambda: client.recv(4096), b""))

    def call(
        self,
        server: Server,
        method: str,
        path: str,
        content: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request; `content` that is not bytes goes out as JSON."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        try:
            sent = {"Content-Type": "application/json", **(headers or {})}
            client.request(method, path, None if content is None else body, sent)
            response = client.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            client.close()
