"""Configuration from the environment, checked before anything starts.

Every problem is reported at once: nobody should have to restart a container five times to learn
five things. Secrets come as files, because environments leak into logs and crash reports.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

MIN_KEY_LENGTH = 32
LOG_LEVELS = {"DEBUG": logging.DEBUG, "INFO": logging.INFO, "WARNING": logging.WARNING}
ADDRESS = re.compile(r"(?P<host>[A-Za-z0-9.-]+):(?P<port>[0-9]{1,5})")


class ConfigError(Exception):
    """The environment does not describe a service that could run."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Config:
    """What the service needs to know. Times are in seconds, sizes in bytes."""

    token_keys: tuple[bytes, ...] = field(repr=False)  # no log line or traceback shows them
    name: str = "service"
    host: str = "127.0.0.1"
    port: int = 8080
    log_level: int = logging.INFO
    dependencies: tuple[tuple[str, int], ...] = ()
    ready_timeout: float = 1.0
    request_timeout: float = 10.0
    drain_seconds: float = 0.0
    grace_seconds: float = 20.0
    max_body: int = 64 * 1024
    max_connections: int = 128
    rate_per_second: float = 5.0
    rate_burst: int = 20

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Config":
        """Read `env`; raise `ConfigError` with every problem that it has."""
        problems: list[str] = []

        def read(name: str, default: T, parse: Callable[[str], T]) -> T:
            text = env.get(name, "")
            if not text:
                return default
            try:
                return parse(text)
            except (OSError, ValueError) as error:
                problems.append(f"{name}: {error}")
                return default

        keys: tuple[bytes, ...] = read("TOKEN_KEY_FILE", (), _keys)
        if not env.get("TOKEN_KEY_FILE"):
            problems.append("TOKEN_KEY_FILE: must name a file that holds the token keys")

        config = cls(
            token_keys=keys,
            name=read("SERVICE_NAME", cls.name, _name),
            host=read("HOST", cls.host, str),
            port=read("PORT", cls.port, _integer(0, 65535)),
            log_level=read("LOG_LEVEL", cls.log_level, _log_level),
            dependencies=read("DEPENDENCIES", cls.dependencies, _addresses),
            ready_timeout=read("READY_TIMEOUT", cls.ready_timeout, _number(0.1, 30)),
            request_timeout=read("REQUEST_TIMEOUT", cls.request_timeout, _number(0.1, 300)),
            drain_seconds=read("DRAIN_SECONDS", cls.drain_seconds, _number(0, 300)),
            grace_seconds=read("GRACE_SECONDS", cls.grace_seconds, _number(0, 300)),
            max_body=read("MAX_BODY", cls.max_body, _integer(1, 10 * 1024 * 1024)),
            max_connections=read("MAX_CONNECTIONS", cls.max_connections, _integer(1, 10_000)),
            rate_per_second=read("RATE_PER_SECOND", cls.rate_per_second, _number(0.01, 10_000)),
            rate_burst=read("RATE_BURST", cls.rate_burst, _integer(1, 10_000)),
        )
        if problems:
            raise ConfigError(problems)
        return config


def _keys(path: str) -> tuple[bytes, ...]:
    """One key a line, the signing key first; the older ones below it still verify."""
    keys = tuple(Path(path).read_bytes().split())
    if not keys:
        raise ValueError("must hold at least one key")
    if any(len(key) < MIN_KEY_LENGTH for key in keys):
        raise ValueError(f"every key must have at least {MIN_KEY_LENGTH} characters")
    return keys


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,62}", text):
        raise ValueError("must be lower-case letters, digits and hyphens")
    return text


def _log_level(text: str) -> int:
    if text not in LOG_LEVELS:
        raise ValueError(f"must be one of {', '.join(LOG_LEVELS)}")
    return LOG_LEVELS[text]


def _addresses(text: str) -> tuple[tuple[str, int], ...]:
    """`host:port`, separated by commas."""
    addresses = []
    for part in text.split(","):
        match = ADDRESS.fullmatch(part.strip())
        if match is None:
            raise ValueError("must be host:port, separated by commas")
        addresses.append((match["host"], _integer(1, 65535)(match["port"])))
    return tuple(addresses)


def _integer(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return parse


def _number(low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) or not low <= float(text) <= high:
            raise ValueError(f"must be a number from {low:g} to {high:g}")
        return float(text)

    return parse
