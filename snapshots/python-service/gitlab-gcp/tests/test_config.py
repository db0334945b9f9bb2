"""Configuration: what is refused, and that all of it is said at once."""

import tempfile
import unittest
from pathlib import Path

from service.config import Config, ConfigError


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
        config = self.read()
        self.assertEqual((config.host, config.port), ("127.0.0.1", 8080))
        self.assertEqual(config.token_keys, (b"n" * 32, b"o" * 32))

    def test_values_are_read(self) -> None:
        config = self.read(PORT="9000", DRAIN_SECONDS="2.5", DEPENDENCIES="db:5432, cache:6379")
        self.assertEqual((config.port, config.drain_seconds), (9000, 2.5))
        self.assertEqual(config.dependencies, (("db", 5432), ("cache", 6379)))

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
        for content in (b"", b"\n", b"short\n"):
            self.key_file.write_bytes(content)
            with self.subTest(content):
                self.assertTrue(self.problems())

    def test_keys_are_never_shown(self) -> None:
        self.assertNotIn("nnnn", repr(self.read()))
