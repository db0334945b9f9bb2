"""The service as the platform runs it: a process that is configured, watched and told to stop."""

import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

from service.__main__ import main
from service.tokens import Signer, TokenError

HALF = b"GET /healthz HTTP/1.1\r\n"


def listens(port: int) -> bool:
    """Does anybody take connections there, whatever becomes of them?"""
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except ConnectionError:
        return False
    return True


class Process(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.key_file = Path(directory.name, "keys")
        self.key_file.write_bytes(b"k" * 32)

    def start(self, **env: str) -> subprocess.Popen[str]:
        """Start `python -m service`; it is gone when the test ends."""
        source = str(Path(__file__).parent.parent / "src")
        preset = {"PYTHONPATH": source, "PORT": "0", "TOKEN_KEY_FILE": str(self.key_file)}
        process = subprocess.Popen(
            [sys.executable, "-m", "service"],
            env={**os.environ, **preset, **env},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def line(self, process: subprocess.Popen[str], message: str) -> dict[str, Any]:
        """The next line of the log, which must have this message."""
        if process.stderr is None:
            self.fail("the log is not read")
        line: dict[str, Any] = json.loads(process.stderr.readline())
        self.assertEqual(line["message"], message)
        return line

    def status(self, port: int, path: str) -> int:
        """What the service answers; 0 if it hangs up."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except OSError:
            return 0

    def half(self, port: int) -> socket.socket:
        """Half a request, which is in flight once it holds the only place that there is."""
        client = socket.create_connection(("127.0.0.1", port), 10)
        self.addCleanup(client.close)
        client.sendall(HALF)
        end = time.monotonic() + 10
        while self.status(port, "/healthz") != 503:
            self.assertLess(time.monotonic(), end, "the request never arrived")
        return client

    def test_it_listens_answers_and_ends_with_0(self) -> None:
        process = self.start()
        line = self.line(process, "listening")
        self.assertEqual(line["level"], "info")
        url = f"http://127.0.0.1:{line['port']}/healthz?a=%0A"
        with urllib.request.urlopen(url, timeout=5) as response:
            self.assertEqual(response.status, 200)
            request_id = response.headers["X-Request-ID"]

        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=5)
        self.assertEqual(process.returncode, 0)
        lines = [json.loads(text) for text in errors.splitlines()]
        self.assertEqual([e["message"] for e in lines], ["request", "draining", "stopped"])
        self.assertEqual(lines[0]["request_id"], request_id)

    def test_it_is_not_ready_once_told_to_stop_but_still_serves(self) -> None:
        process = self.start(DRAIN_SECONDS="300")
        port = self.line(process, "listening")["port"]
        self.assertEqual(self.status(port, "/readyz"), 200)
        self.line(process, "request")
        process.send_signal(signal.SIGTERM)
        self.line(process, "draining")
        self.assertEqual([self.status(port, path) for path in ("/readyz", "/healthz")], [503, 200])

    def test_what_is_in_flight_is_finished(self) -> None:
        limits = {"MAX_CONNECTIONS": "1", "REQUEST_TIMEOUT": "60", "GRACE_SECONDS": "60"}
        process = self.start(**limits)
        port = self.line(process, "listening")["port"]
        client = self.half(port)
        process.send_signal(signal.SIGTERM)
        end = time.monotonic() + 10
        while listens(port):
            self.assertLess(time.monotonic(), end, "it goes on listening")
            time.sleep(0.01)
        client.sendall(b"\r\n")
        self.assertIn(b" 200 ", client.recv(4096))
        _, errors = process.communicate(timeout=10)
        self.assertEqual(process.returncode, 0)
        self.assertTrue(json.loads(errors.splitlines()[-1])["finished"])

    def test_a_request_that_is_cut_off_is_exit_1(self) -> None:
        limits = {"MAX_CONNECTIONS": "1", "REQUEST_TIMEOUT": "60", "GRACE_SECONDS": "0.1"}
        process = self.start(**limits)
        self.half(self.line(process, "listening")["port"])
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=10)
        self.assertEqual(process.returncode, 1)
        self.assertFalse(json.loads(errors.splitlines()[-1])["finished"])

    def test_the_environment_reaches_the_service(self) -> None:
        process = self.start(SERVICE_NAME="ledger", DEPENDENCIES="127.0.0.1:1")
        line = self.line(process, "listening")
        self.assertEqual(line["service"], "ledger")
        self.assertEqual(self.status(line["port"], "/readyz"), 503)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=5)
        self.assertEqual(process.returncode, 0)

    def test_a_port_that_is_taken_is_a_line_of_the_log_and_exit_1(self) -> None:
        port = self.line(self.start(), "listening")["port"]
        process = self.start(PORT=str(port))
        _, errors = process.communicate(timeout=5)
        self.assertEqual(process.returncode, 1)
        self.assertEqual(json.loads(errors)["message"], "cannot listen")

    def test_a_wrong_configuration_ends_with_2_and_says_all(self) -> None:
        process = self.start(TOKEN_KEY_FILE="", RATE_BURST="many")
        _, errors = process.communicate(timeout=5)
        self.assertEqual(process.returncode, 2)
        self.assertEqual(len(json.loads(errors)["problems"]), 2)


class Command(unittest.TestCase):
    """The command line without a process of its own: what it prints, how it sets up the log."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        key_file = Path(directory.name, "keys")
        key_file.write_bytes(b"k" * 32)
        env = {
            "TOKEN_KEY_FILE": str(key_file),
            "SERVICE_NAME": "ledger",
            "LOG_LEVEL": "WARNING",
        }
        environment = patch.dict(os.environ, env)
        environment.start()
        self.addCleanup(environment.stop)
        root = logging.getLogger()
        self.addCleanup(setattr, root, "handlers", root.handlers[:])
        self.addCleanup(root.setLevel, root.level)

    def test_a_token_for_trials_is_what_was_asked_for(self) -> None:
        with redirect_stdout(io.StringIO()) as printed:
            options = ["--subject", "eve", "--scope", "read", "--seconds", "60"]
            self.assertEqual(main(["token", *options]), 0)
        token, now = printed.getvalue().strip(), time.time()
        claims = Signer([b"k" * 32], "ledger", clock=lambda: now + 30).verify(token)
        self.assertEqual((claims.subject, claims.scopes), ("eve", {"read"}))
        with self.assertRaisesRegex(TokenError, "expired"):
            Signer([b"k" * 32], "ledger", clock=lambda: now + 61).verify(token)

    def test_the_log_has_the_level_and_the_name_that_the_environment_says(self) -> None:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as text:
            main(["token"])
            log = logging.getLogger("service.tests")
            log.info("hidden")
            log.warning("shown")
        (line,) = [json.loads(each) for each in text.getvalue().splitlines()]
        self.assertEqual((line["message"], line["service"]), ("shown", "ledger"))
