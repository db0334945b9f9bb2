"""The service as its callers and its operators see it: over a socket."""

import io
import json
import logging
import socket
import threading
import time
from dataclasses import replace
from typing import Any

from service.telemetry import JsonFormatter
from tests.helpers import CONFIG, ServerCase, bearer


class Operations(ServerCase):
    def test_healthz_asks_no_dependency(self) -> None:
        def broken(_: float) -> None:
            raise OSError("down")

        server = self.serve(checks={"db": broken})
        self.assertEqual(self.call(server, "GET", "/healthz").status, 200)

    def test_ready_when_every_dependency_is(self) -> None:
        answer = self.call(self.serve(checks={"db": lambda _: None}), "GET", "/readyz")
        self.assertEqual((answer.status, answer.json()["dependencies"]), (200, {"db": "ok"}))

    def test_a_dependency_that_listens_is_ready_and_one_that_does_not_is_not(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = ("127.0.0.1", listener.getsockname()[1])
            server = self.serve(replace(CONFIG, dependencies=(address,)))
            self.assertEqual(self.call(server, "GET", "/readyz").status, 200)
            # A port let go may soon be another's; nobody is given one of the first thousand.
            server = self.serve(replace(CONFIG, dependencies=(address, ("127.0.0.1", 1))))
            self.assertEqual(self.call(server, "GET", "/readyz").status, 503)

    def test_slow_dependencies_share_one_deadline_also_if_they_do_not_heed_it(self) -> None:
        over = threading.Event()
        self.addCleanup(over.set)

        def slow(_: float) -> None:
            over.wait(10)

        config = replace(CONFIG, ready_timeout=0.1)
        server = self.serve(config, {"db": slow, "cache": slow, "queue": lambda _: None})
        began = time.monotonic()
        answer = self.call(server, "GET", "/readyz")
        self.assertEqual(answer.status, 503)
        # The one that is there is not taken for missing because others are slow.
        states = {"db": "unavailable", "cache": "unavailable", "queue": "ok"}
        self.assertEqual(answer.json()["dependencies"], states)
        self.assertLess(time.monotonic() - began, 1)

    def test_a_dependency_has_the_time_that_the_configuration_says(self) -> None:
        given: list[float] = []
        self.call(self.serve(checks={"db": given.append}), "GET", "/readyz")
        self.assertEqual(given, [CONFIG.ready_timeout])

    def test_not_ready_while_draining_but_still_serving(self) -> None:
        server = self.serve()
        server.app.draining.set()
        self.assertEqual(self.call(server, "GET", "/readyz").status, 503)
        self.assertEqual(self.call(server, "GET", "/healthz").status, 200)

    def test_metrics_count_by_route_and_never_by_path(self) -> None:
        server = self.serve()
        self.call(server, "GET", "/healthz")
        self.call(server, "GET", "/no/such/path")
        text = self.call(server, "GET", "/metrics").body.decode()
        healthz = 'method="GET",route="/healthz",status="200"'
        self.assertIn(f"http_requests_total{{{healthz}}} 1\n", text)
        self.assertIn('route="unmatched",status="404"', text)
        self.assertIn('http_request_duration_seconds_bucket{route="/healthz",le="+Inf"} 1\n', text)
        self.assertNotIn("/no/such/path", text)

    def test_callers_cannot_make_labels(self) -> None:
        server = self.serve()
        self.raw(server, b"BREW /healthz HTTP/1.1\r\n\r\n")
        answer = self.call(server, "GET", "/metrics")
        self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        self.assertIn(b'{method="OTHER",route="unmatched",status="501"} 1\n', answer.body)
        self.assertNotIn(b"BREW", answer.body)

    def test_stop_waits_for_what_is_in_flight(self) -> None:
        entered, leave = threading.Event(), threading.Event()

        def hold(_: float) -> None:
            entered.set()
            leave.wait(5)

        server = self.serve(checks={"db": hold})
        statuses: list[int] = []
        caller = threading.Thread(
            target=lambda: statuses.append(self.call(server, "GET", "/readyz").status)
        )
        caller.start()
        self.assertTrue(entered.wait(5))
        self.assertFalse(server.stop(0.05), "a request that is cut off must be reported")
        leave.set()
        self.assertTrue(server.stop(5))
        caller.join()
        self.assertEqual(statuses, [200])


class Greetings(ServerCase):
    def test_callers_do_not_share_a_rate(self) -> None:
        server = self.serve(replace(CONFIG, rate_burst=1))
        for subject in ("ada", "grace"):
            headers = bearer(subject=subject)
            answer = self.call(server, "POST", "/v1/greetings", {"name": "Ada"}, headers)
            self.assertEqual(answer.status, 201)

    def test_greets(self) -> None:
        answer = self.call(self.serve(), "POST", "/v1/greetings", {"name": " Ada "}, bearer())
        self.assertEqual((answer.status, answer.json()), (201, {"message": "Hello, Ada!"}))

    def test_a_token_must_be_there_and_hold(self) -> None:
        server = self.serve()
        good = bearer()["Authorization"]
        bad = [
            {},
            {"Authorization": "Basic abc"},
            {"Authorization": "Bearer"},
            {"Authorization": good[:-2]},
            bearer(seconds=-1),
        ]
        for headers in bad:
            with self.subTest(headers):
                answer = self.call(server, "POST", "/v1/greetings", {"name": "Ada"}, headers)
                self.assertEqual((answer.status, answer.json()), (401, {"error": "unauthorised"}))
                self.assertEqual(answer.headers["WWW-Authenticate"], "Bearer")

    def test_a_token_must_have_the_scope(self) -> None:
        server = self.serve()
        for scope in ("greetings:read", "greetings", "greetings:writer", ""):
            with self.subTest(scope):
                headers = bearer(scope)
                answer = self.call(server, "POST", "/v1/greetings", {"name": "Ada"}, headers)
                self.assertEqual(answer.status, 403)

    def test_a_token_comes_as_a_bearer_s(self) -> None:
        server = self.serve()
        token = bearer()["Authorization"].removeprefix("Bearer ")
        for kind, status in (("bearer", 201), ("Basic", 401)):
            headers = {"Authorization": f"{kind} {token}"}
            answer = self.call(server, "POST", "/v1/greetings", {"name": "Ada"}, headers)
            self.assertEqual(answer.status, status)

    def test_a_token_is_for_one_service(self) -> None:
        server = self.serve(replace(CONFIG, name="other"))
        answer = self.call(server, "POST", "/v1/greetings", {"name": "Ada"}, bearer())
        self.assertEqual(answer.status, 401)

    def test_the_body_must_be_what_it_should(self) -> None:
        server = self.serve(replace(CONFIG, rate_burst=100))
        bodies: list[tuple[object, int]] = [
            (b"{", 400),
            (b"\xff", 400),
            (b"[" * 20_000, 400),
            ([], 422),
            ({}, 422),
            ({"name": "Ada", "admin": True}, 422),
            ({"name": 1}, 422),
            ({"name": " "}, 422),
            ({"name": "a\nb"}, 422),
            ({"name": "a" * 65}, 422),
            (b"a" * (CONFIG.max_body + 1), 413),
        ]
        for body, status in bodies:
            with self.subTest(body=str(body)[:40]):
                answer = self.call(server, "POST", "/v1/greetings", body, bearer())
                self.assertEqual(answer.status, status)

    def test_a_body_may_be_as_long_as_it_may(self) -> None:
        body = b'{"name": "Ada"}'.ljust(CONFIG.max_body)
        answer = self.call(self.serve(), "POST", "/v1/greetings", body, bearer())
        self.assertEqual(answer.status, 201)

    def test_a_name_may_be_any_text(self) -> None:
        server = self.serve()
        headers = {**bearer(), "Content-Type": "application/json; charset=utf-8"}
        answer = self.call(server, "POST", "/v1/greetings", {"name": "é" * 64}, headers)
        self.assertEqual(answer.status, 201)
        # Separators that look like nothing, and marks that turn around what is read.
        for mark in ("\u00a0", "\u2028"):
            answer = self.call(server, "POST", "/v1/greetings", {"name": f"A{mark}da"}, bearer())
            self.assertEqual(answer.status, 422)

    def test_the_content_type_must_be_json(self) -> None:
        headers = {**bearer(), "Content-Type": "text/plain"}
        answer = self.call(self.serve(), "POST", "/v1/greetings", {"name": "Ada"}, headers)
        self.assertEqual(answer.status, 415)

    def test_the_rate_is_limited(self) -> None:
        server = self.serve()
        answers = [
            self.call(server, "POST", "/v1/greetings", {"name": "Ada"}, bearer())
            for _ in range(CONFIG.rate_burst + 1)
        ]
        self.assertEqual([a.status for a in answers], [201, 201, 201, 429])
        self.assertEqual(answers[-1].headers["Retry-After"], "2")


class Failures(ServerCase):
    def test_what_goes_wrong_inside_stays_inside(self) -> None:
        def broken(_: float) -> None:
            raise ValueError("password=hunter2")

        answer = self.call(self.serve(checks={"db": broken}), "GET", "/readyz")
        self.assertEqual((answer.status, answer.json()), (500, {"error": "internal error"}))


class Protocol(ServerCase):
    def test_unknown_paths_and_methods(self) -> None:
        server = self.serve()
        self.assertEqual(self.call(server, "GET", "/").status, 404)
        answer = self.call(server, "DELETE", "/v1/greetings")
        self.assertEqual((answer.status, answer.headers["Allow"]), (405, "POST"))
        self.assertIn(b" 501 ", self.raw(server, b"BREW / HTTP/1.1\r\n\r\n"))

    def test_every_answer_has_its_headers(self) -> None:
        server = self.serve()
        for method, path in (("GET", "/healthz"), ("GET", "/no/such"), ("POST", "/v1/greetings")):
            headers = self.call(server, method, path).headers
            expected = ("application/json", "nosniff", "no-store", "close")
            names = ("Content-Type", "X-Content-Type-Options", "Cache-Control", "Connection")
            self.assertEqual(tuple(headers[name] for name in names), expected)

    def test_a_second_request_on_a_connection_is_not_answered(self) -> None:
        answer = self.raw(self.serve(), b"GET /healthz HTTP/1.1\r\n\r\n" * 2)
        self.assertEqual(answer.count(b"HTTP/1.1 200 "), 1)

    def test_a_refusal_arrives_while_the_body_still_comes(self) -> None:
        server = self.serve(replace(CONFIG, request_timeout=60))
        with socket.create_connection(("127.0.0.1", server.port), 5) as client:
            client.sendall(b"POST /v1/greetings HTTP/1.1\r\nContent-Length: 200000\r\n\r\n")
            self.assertIn(b" 413 ", b"".join(iter(lambda: client.recv(4096), b"")))
            for _ in range(50):  # where the service had hung up, this would fail
                client.sendall(b"a" * 1000)

    def test_a_body_that_ends_early_is_no_request(self) -> None:
        server = self.serve()
        with socket.create_connection(("127.0.0.1", server.port), 5) as client:
            client.sendall(b"POST /v1/greetings HTTP/1.1\r\nContent-Length: 5\r\n\r\n{")
            client.shutdown(socket.SHUT_WR)
            self.assertIn(b" 400 ", client.recv(4096))

    def test_a_head_must_be_short(self) -> None:
        head = b"GET /healthz HTTP/1.1\r\nX-Long: " + b"a" * 70_000 + b"\r\n\r\n"
        self.assertIn(b" 431 ", self.raw(self.serve(), head))

    def test_head_has_no_body(self) -> None:
        answer = self.call(self.serve(), "HEAD", "/healthz")
        self.assertEqual((answer.status, answer.body), (200, b""))

    def test_errors_do_not_echo_the_request(self) -> None:
        answer = self.raw(self.serve(), b"<script> / HTTP/9.9\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 "), answer)
        self.assertNotIn(b"script", answer)

    def test_a_request_id_is_kept_if_it_is_harmless(self) -> None:
        server = self.serve()
        kept = self.call(server, "GET", "/healthz", headers={"X-Request-ID": "abc-1"})
        self.assertEqual(kept.headers["X-Request-ID"], "abc-1")
        replaced = self.call(server, "GET", "/healthz", headers={"X-Request-ID": "a b"})
        self.assertEqual(len(replaced.headers["X-Request-ID"]), 32)
        for given, same in (("a" * 64, True), ("a" * 65, False)):
            answer = self.call(server, "GET", "/healthz", headers={"X-Request-ID": given})
            self.assertEqual(answer.headers["X-Request-ID"] == given, same)
        ids = {self.call(server, "GET", "/healthz").headers["X-Request-ID"] for _ in range(2)}
        self.assertEqual(len(ids), 2)

    def test_lengths_that_proxies_read_differently_are_refused(self) -> None:
        server = self.serve()
        start = b"POST /v1/greetings HTTP/1.1\r\n"
        for header, status in [
            (b"Content-Length: 2\r\nContent-Length: 3\r\n", b"400"),
            (b"Content-Length: +2\r\n", b"400"),
            (b"Transfer-Encoding: chunked\r\n", b"411"),
        ]:
            with self.subTest(header):
                answer = self.raw(server, start + header + b"\r\n")
                self.assertEqual(answer.split()[1], status)

    def test_a_body_that_never_comes_is_given_up(self) -> None:
        head = b"POST /v1/greetings HTTP/1.1\r\nContent-Length: 5\r\n\r\n"
        began = time.monotonic()
        self.assertIn(b" 408 ", self.raw(self.serve(), head, b"{"))
        self.assertLess(time.monotonic() - began, 3)

    def test_a_client_that_trickles_is_cut_off(self) -> None:
        server = self.serve()
        with socket.create_connection(("127.0.0.1", server.port), 5) as client:
            began = time.monotonic()
            with self.assertRaises(OSError):
                while time.monotonic() - began < 5:
                    client.sendall(b"G")
                    time.sleep(0.05)
        self.assertLess(time.monotonic() - began, 3)

    def test_too_many_connections_are_turned_away(self) -> None:
        server = self.serve(replace(CONFIG, max_connections=1))
        with socket.create_connection(("127.0.0.1", server.port), 5) as first:
            first.sendall(b"GET /healthz HTTP/1.1\r\n")
            time.sleep(0.1)
            with socket.create_connection(("127.0.0.1", server.port), 5) as second:
                self.assertIn(b" 503 ", second.recv(4096))
            first.sendall(b"\r\n")
            self.assertIn(b" 200 ", first.recv(4096))


class Logs(ServerCase):
    def setUp(self) -> None:
        super().setUp()
        logging.disable(logging.NOTSET)
        self.stream = io.StringIO()
        handler = logging.StreamHandler(self.stream)
        handler.setFormatter(JsonFormatter("ledger"))
        self.logger = logging.getLogger("service")
        self.logger.addHandler(handler)
        self.logger.setLevel(logging.INFO)
        self.logger.propagate = False
        self.addCleanup(self.logger.removeHandler, handler)
        self.addCleanup(self.logger.setLevel, logging.NOTSET)
        self.addCleanup(setattr, self.logger, "propagate", True)

    def lines(self, message: str) -> list[dict[str, Any]]:
        """The lines with this message. Every line must be JSON by itself."""
        lines = [json.loads(text) for text in self.stream.getvalue().splitlines()]
        return [line for line in lines if line["message"] == message]

    def test_a_request_is_logged_and_no_secret_is(self) -> None:
        server = self.serve()
        headers = {**bearer(), "X-Request-ID": "abc-1"}
        self.call(server, "POST", "/v1/greetings", {"name": "Ada"}, headers)
        self.call(server, "GET", "/no/such/path?password=hunter2%0A%7B")
        first, second = self.lines("request")
        expected = {
            "level": "info",
            "service": "ledger",
            "method": "POST",
            "route": "/v1/greetings",
            "status": 201,
            "subject": "ada",
            "client": "127.0.0.1",
            "request_id": "abc-1",
        }
        self.assertEqual({name: first[name] for name in expected}, expected)
        self.assertRegex(first["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$")
        self.assertEqual(second["route"], "unmatched")
        for secret in (headers["Authorization"].split()[1], "hunter2", "/no/such"):
            self.assertNotIn(secret, self.stream.getvalue())

    def test_the_log_alone_says_why_a_token_was_refused(self) -> None:
        headers = {**bearer(seconds=-1), "X-Request-ID": "abc-1"}
        answer = self.call(self.serve(), "POST", "/v1/greetings", {"name": "Ada"}, headers)
        self.assertNotIn(b"expired", answer.body)
        (line,) = self.lines("unauthorised")
        found = (line["level"], line["cause"], line["request_id"])
        self.assertEqual(found, ("warning", "expired", "abc-1"))

    def test_the_log_alone_says_what_went_wrong_inside(self) -> None:
        def broken(_: float) -> None:
            raise ValueError("password=hunter2")

        answer = self.call(self.serve(checks={"db": broken}), "GET", "/readyz")
        self.assertEqual((answer.status, answer.json()), (500, {"error": "internal error"}))
        (line,) = self.lines("request failed")
        self.assertEqual((line["level"], line["path"]), ("error", "/readyz"))
        self.assertIn("hunter2", line["exception"])

    def test_a_line_break_forges_no_line(self) -> None:
        forged = 'two\n{"message": "forged"}\r\u2028'
        self.logger.info("one", extra={"cause": forged})
        self.assertEqual(len(self.stream.getvalue().splitlines()), 1)
        self.assertEqual(self.lines("one")[0]["cause"], forged)
