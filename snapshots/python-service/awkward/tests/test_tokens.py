"""Tokens, and above all those that must not be accepted."""

import base64
import hashlib
import hmac
import json
import string
import unittest

from service.tokens import HEADER, Signer, TokenError

OLD, NEW = b"o" * 32, b"n" * 32


def segment(content: object) -> str:
    """A token's segment, as anybody could forge it."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


class Tokens(unittest.TestCase):
    def setUp(self) -> None:
        self.now = 1_000_000.0
        self.signer = self.signer_with(NEW)

    def signer_with(self, *keys: bytes, audience: str = "service") -> Signer:
        return Signer(keys, audience, clock=lambda: self.now)

    def refused(self, token: str) -> str:
        with self.assertRaises(TokenError) as caught:
            self.signer.verify(token)
        return str(caught.exception)

    def test_round_trip(self) -> None:
        claims = self.signer.verify(self.signer.sign("ada", ["read", "write"], 60))
        self.assertEqual((claims.subject, claims.scopes), ("ada", {"read", "write"}))

    def test_a_token_ends_at_its_second(self) -> None:
        token = self.signer.sign("ada", [], 60)
        self.now += 59
        self.signer.verify(token)
        self.now += 1
        self.assertEqual(self.refused(token), "expired")

    def test_another_service_s_token(self) -> None:
        token = self.signer_with(NEW, audience="other").sign("ada", [], 60)
        self.assertEqual(self.refused(token), "made for another service")

    def test_keys_are_replaced_without_an_outage(self) -> None:
        token = self.signer_with(OLD).sign("ada", [], 60)
        self.assertEqual(self.signer_with(NEW, OLD).verify(token).subject, "ada")
        self.assertEqual(self.refused(token), "signature does not match")
        self.signer.verify(self.signer_with(NEW, OLD).sign("ada", [], 60))

    def test_changed_claims(self) -> None:
        header, _, signature = self.signer.sign("ada", [], 60).split(".")
        forged = segment({"sub": "eve", "aud": "service", "scope": "admin", "exp": 2e9})
        self.assertEqual(self.refused(f"{header}.{forged}.{signature}"), "signature does not match")

    def test_no_other_algorithm(self) -> None:
        claims = self.signer.sign("ada", [], 60).split(".")[1]
        for algorithm in ("none", "None", "RS256", "HS512"):
            header = segment({"alg": algorithm, "typ": "JWT"})
            self.assertEqual(self.refused(f"{header}.{claims}."), "not a token of ours")

    def test_claims_must_be_complete_and_of_their_type(self) -> None:
        good = {"sub": "ada", "aud": "service", "scope": "read", "exp": 2e9}
        wrong: list[object] = [{**good, "exp": value} for value in ("never", True, None)]
        wrong += [{**good, "sub": 1}, {**good, "scope": ["read"]}, [], None, {}]
        wrong += [{key: good[key] for key in good if key != name} for name in good]
        for claims in (good, *wrong):
            with self.subTest(str(claims)):
                signed = f"{HEADER}.{segment(claims)}"
                mac = hmac.new(NEW, signed.encode(), hashlib.sha256).digest()
                token = f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
                if claims is good:
                    self.assertEqual(self.signer.verify(token).subject, "ada")
                else:
                    self.refused(token)

    def test_a_token_has_a_length_and_one_spelling(self) -> None:
        self.assertEqual(self.refused(self.signer.sign("a" * 4096, [], 60)), "not a token of ours")
        token = self.signer.sign("ada", [], 60)
        # The last character holds two bits of nothing: with one of them set it reads the same.
        letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
        self.refused(token[:-1] + letters[letters.index(token[-1]) + 1])

    def test_garbage(self) -> None:
        header, claims, signature = self.signer.sign("ada", [], 60).split(".")
        for token in (
            "",
            "..",
            "a.b.c",
            f"{header}.{claims}",
            f"{header}.{claims}.",
            f"{header}.{claims}.é",
            f"{header}.{claims}.{signature}.{signature}",
            f"{header}.{claims}.{signature}" + "A" * 5000,
        ):
            with self.subTest(token[:60]):
                self.refused(token)
