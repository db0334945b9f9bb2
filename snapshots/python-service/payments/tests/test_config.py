"""Configuration: what is refused, and that all of it is said at once."""

import logging
import tempfile
import unittest
from pathlib import Path

from service.config import Config, ConfigError

KEYS = (b"n" * 32, b"o" * 32)


class Configuration(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.key_file = Path(directory.name, "keys")
        self.key_file.write_bytes(b"n" * 32 + b"\n" + b"o" * 32 + b"\n")

    def read(self, **env: str) -> Config:
        return Config.from_env({"TOKEN_KEY_FILE": str(self.key_file), **env})

    def problems(self, **env: str) -> list[str]:
        with self.assertRaises(ConfigError) as caught:
            self.read(**env)
        return caught.exception.problems

    def test_defaults_need_only_a_key(self) -> None:
        expected = Config(
            token_keys=KEYS,
            name="service",
            host="127.0.0.1",
            port=8080,
            log_level=logging.INFO,
            dependencies=(),
            ready_timeout=1,
            request_timeout=10,
            drain_seconds=0,
            grace_seconds=20,
            max_body=65536,
            max_connections=128,
            rate_per_second=5,
            rate_burst=20,
        )
        self.assertEqual(self.read(), expected)

    def test_values_are_read(self) -> None:
        config = self.read(
            SERVICE_NAME="ledger-2",
            HOST="::1",
            PORT="1",
            LOG_LEVEL="DEBUG",
            DEPENDENCIES="db:5432, cache:6379",
            READY_TIMEOUT="3",
            REQUEST_TIMEOUT="4.5",
            DRAIN_SECONDS="5",
            GRACE_SECONDS="6",
            MAX_BODY="7",
            MAX_CONNECTIONS="8",
            RATE_PER_SECOND="9.5",
            RATE_BURST="10",
        )
        expected = Config(
            token_keys=KEYS,
            name="ledger-2",
            host="::1",
            port=1,
            log_level=logging.DEBUG,
            dependencies=(("db", 5432), ("cache", 6379)),
            ready_timeout=3,
            request_timeout=4.5,
            drain_seconds=5,
            grace_seconds=6,
            max_body=7,
            max_connections=8,
            rate_per_second=9.5,
            rate_burst=10,
        )
        self.assertEqual(config, expected)

    def test_every_value_has_its_bounds(self) -> None:
        bounds = {  # what may be, and what may not
            "SERVICE_NAME": ("a a-1", "1a -a a_b Ab " + "a" * 64),
            "PORT": ("0 65535", "65536"),
            "LOG_LEVEL": ("DEBUG WARNING", "debug ERROR"),
            "DEPENDENCIES": ("a:1,b:65535", "a:0 a:65536 :1 a_b:1 a:1,"),
            "READY_TIMEOUT": ("0.1 30", "0.09 30.1"),
            "REQUEST_TIMEOUT": ("0.1 300", "0.09 300.1"),
            "DRAIN_SECONDS": ("0 300", "300.1"),
            "GRACE_SECONDS": ("0 300", "300.1"),
            "MAX_BODY": ("1 10485760", "0 10485761"),
            "MAX_CONNECTIONS": ("1 10000", "0 10001"),
            "RATE_PER_SECOND": ("0.01 10000", "0.009 10000.1"),
            "RATE_BURST": ("1 10000", "0 10001"),
        }
        for name, (good, bad) in bounds.items():
            for text in good.split():
                self.read(**{name: text})
            for text in bad.split():
                with self.subTest(f"{name}={text}"):
                    self.assertEqual(len(self.problems(**{name: text})), 1)

    def test_every_problem_is_reported_at_once(self) -> None:
        problems = self.problems(PORT="99999", LOG_LEVEL="loud", DEPENDENCIES="db", MAX_BODY="-1")
        named = [problem.partition(":")[0] for problem in problems]
        self.assertEqual(named, ["PORT", "LOG_LEVEL", "DEPENDENCIES", "MAX_BODY"])

    def test_numbers_are_plain_and_finite(self) -> None:
        for text in ("nan", "inf", "1e9", "-1", "٣", "0x10", "1_0"):
            with self.subTest(text):
                self.assertTrue(self.problems(GRACE_SECONDS=text))

    def test_a_key_file_must_be_named_and_hold_long_keys(self) -> None:
        self.assertTrue(self.problems(TOKEN_KEY_FILE=""))
        self.assertTrue(self.problems(TOKEN_KEY_FILE=str(self.key_file.parent / "missing")))
        # A key of 31 characters is too short, also below one that is not.
        for content in (b"", b"\n", b"short\n", b"n" * 31, b"n" * 32 + b"\n" + b"o" * 31):
            self.key_file.write_bytes(content)
            with self.subTest(content):
                self.assertTrue(self.problems())

    def test_keys_are_never_shown(self) -> None:
        self.assertNotIn("nnnn", repr(self.read()))
