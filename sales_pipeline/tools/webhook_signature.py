"""Signatures of webhooks as the Standard Webhooks specification has them."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

_PREFIX = "whsec_"
_BYTES = 32


def make_secret() -> str:
    """Return a new secret."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def sign(held: Iterable[str], message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of ``webhook-signature``: one signature a secret, so that receivers may change over.

    :param held: secrets in use, the newest first
    :param timestamp: seconds since 1970 of this attempt
    """
    content = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return " ".join(f"v1,{_sign_once(secret, content)}" for secret in held)


def _sign_once(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
