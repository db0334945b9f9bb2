"""Bearer tokens: JSON Web Tokens signed with HMAC-SHA256, and nothing else.

One algorithm, compared before anything is decoded, leaves no room for `alg: none` or for a public
key that is taken for a secret. Several keys verify: one can be replaced without an outage.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MAX_TOKEN_LENGTH = 4096


class TokenError(Exception):
    """The token does not prove anything. The text is for the log, never for the caller."""


@dataclass(frozen=True)
class Claims:
    """What a valid token says."""

    subject: str
    scopes: frozenset[str]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    # The last character may hold bits that mean nothing: only one spelling is taken.
    if _encode(data) != text:
        raise ValueError("not as it was encoded")
    return data


# The one header that is ever signed or accepted.
HEADER = _encode(b'{"alg":"HS256","typ":"JWT"}')


class Signer:
    """Signs tokens with the first of `keys`, and verifies them with any."""

    def __init__(
        self,
        keys: Sequence[bytes],
        audience: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys = tuple(keys)
        self._audience = audience
        self._clock = clock

    def sign(self, subject: str, scopes: Sequence[str], seconds: float) -> str:
        """A token for `subject` that holds for `seconds`."""
        claims = {
            "sub": subject,
            "aud": self._audience,
            "scope": " ".join(scopes),
            "exp": int(self._clock() + seconds),
        }
        signed = f"{HEADER}.{_encode(json.dumps(claims).encode())}"
        return f"{signed}.{_encode(self._mac(self._keys[0], signed))}"

    def verify(self, token: str) -> Claims:
        """The claims of `token`; raise `TokenError` unless every one of them holds."""
        parts = token.split(".")
        if len(token) > MAX_TOKEN_LENGTH or len(parts) != 3 or parts[0] != HEADER:
            raise TokenError("not a token of ours")
        try:
            signature = _decode(parts[2])
        except (binascii.Error, ValueError) as error:
            raise TokenError("signature is not base64") from error
        signed = f"{parts[0]}.{parts[1]}"
        # All keys are tried before one is looked at: the time taken must not tell which matched.
        matches = [hmac.compare_digest(self._mac(key, signed), signature) for key in self._keys]
        if not any(matches):
            raise TokenError("signature does not match")
        return self._claims(parts[1])

    def _claims(self, payload: str) -> Claims:
        try:
            claims = json.loads(_decode(payload))
            subject, audience = claims["sub"], claims["aud"]
            scope, expires = claims["scope"], claims["exp"]
        except (binascii.Error, KeyError, TypeError, ValueError) as error:
            raise TokenError("claims are incomplete") from error
        if not isinstance(subject, str) or not isinstance(scope, str):
            raise TokenError("claims are of the wrong type")
        if isinstance(expires, bool) or not isinstance(expires, int | float):
            raise TokenError("expiry is not a number")
        if not self._clock() < expires:
            raise TokenError("expired")
        if audience != self._audience:
            raise TokenError("made for another service")
        return Claims(subject, frozenset(scope.split()))

    @staticmethod
    def _mac(key: bytes, text: str) -> bytes:
        return hmac.new(key, text.encode("utf-8"), hashlib.sha256).digest()
