"""The service as the platform runs it: a process that is configured, watched and told to stop."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path


class Process(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.key_file = Path(directory.name, "keys")
        self.key_file.write_bytes(b"k" * 32)

    def start(self, **env: str) -> subprocess.Popen[str]:
        """Start `python -m service`; it is gone when the test ends."""
        source = str(Path(__file__).parent.parent / "src")
        process = subprocess.Popen(
            [sys.executable, "-m", "service"],
            env={**os.environ, "PYTHONPATH": source, "PORT": "0", **env},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def test_it_listens_answers_and_ends_with_0(self) -> None:
        process = self.start(TOKEN_KEY_FILE=str(self.key_file))
        if process.stderr is None:
            self.fail("the log is not read")
        line = json.loads(process.stderr.readline())
        self.assertEqual((line["message"], line["level"]), ("listening", "info"))
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

    def test_a_wrong_configuration_ends_with_2_and_says_all(self) -> None:
        process = self.start(TOKEN_KEY_FILE="", RATE_BURST="many")
        _, errors = process.communicate(timeout=5)
        self.assertEqual(process.returncode, 2)
        self.assertEqual(len(json.loads(errors)["problems"]), 2)
