"""Command line: serve, or mint a token for trying the service out."""

import argparse
import logging
import os
import queue
import signal
import sys
import time

from service import telemetry
from service.app import App
from service.config import Config, ConfigError
from service.server import Server
from service.tokens import Signer

log = logging.getLogger(__name__)


def main(argv: list[str] | None = None) -> int:
    """Run the command. 0 is done, 1 cannot listen or cut short, 2 wrong usage or configuration."""
    parser = argparse.ArgumentParser(prog="service", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("serve", help="serve HTTP until SIGTERM (the default)")
    token = commands.add_parser("token", help="print a bearer token")
    token.add_argument("--subject", default="developer")
    token.add_argument("--scope", default="greetings:write")
    token.add_argument("--seconds", type=int, default=3600, help="how long it is valid")
    arguments = parser.parse_args(argv)

    try:
        config = Config.from_env(os.environ)
    except ConfigError as error:
        telemetry.configure("service", logging.INFO)
        log.critical("configuration is wrong", extra={"problems": error.problems})
        return 2

    telemetry.configure(config.name, config.log_level)
    if arguments.command == "token":
        signer = Signer(config.token_keys, audience=config.name)
        print(signer.sign(arguments.subject, [arguments.scope], arguments.seconds))
        return 0
    return serve(config)


def serve(config: Config) -> int:
    """Serve until SIGTERM or SIGINT, then finish what is in flight."""
    # Not an `Event`: its `set` waits for itself if the signal comes while `wait` begins.
    stop: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: stop.put(number))

    app = App(config)
    try:
        server = Server(config, app)
    except OSError as error:
        log.critical("cannot listen", extra={"cause": error})
        return 1
    with server:
        server.start()
        log.info("listening", extra={"host": config.host, "port": server.port})
        while not _told(stop):
            pass

        # Not ready first, closed second: load balancers need a moment to look elsewhere.
        app.draining.set()
        log.info("draining", extra={"seconds": config.drain_seconds})
        time.sleep(config.drain_seconds)
        finished = server.stop(config.grace_seconds)
    log.info("stopped", extra={"finished": finished})
    return 0 if finished else 1


def _told(stop: queue.SimpleQueue[int]) -> bool:
    """Wait for a signal, but not for long: one that comes as the wait begins does not end it."""
    try:
        stop.get(timeout=0.5)
    except queue.Empty:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
