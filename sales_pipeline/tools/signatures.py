"""Proofs of a sender: shared secrets and keyed hashes, compared in constant time."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable


def constant_time_equal(left: str | bytes | None, right: str | bytes | None) -> bool:
    """Tell whether two secrets are the same, in a time that says nothing about where they differ.

    An empty secret equals nothing: a missing configuration must not open a door.
    """
    if not left or not right:
        return False
    return hmac.compare_digest(_octets(left), _octets(right))


def matches_any(given: str | bytes | None, secrets: Iterable[str]) -> bool:
    """Tell whether a given secret is one of ours, looking at all of them whatever the first one says."""
    return sum(constant_time_equal(given, secret) for secret in secrets) > 0


def get_form_key(secret: str) -> str:
    """Return what a form shows instead of the secret: every visitor can read it, and learns no secret from it."""
    return hmac_sha256_hex(secret, b"pipeline form key")[:32]


def hmac_sha256_hex(secret: str, body: bytes) -> str:
    """Return the HMAC-SHA256 of a body as lower case hexadecimal."""
    return hmac.new(_octets(secret), body, hashlib.sha256).hexdigest()


def verify_hmac_sha256(secrets: Iterable[str], body: bytes, header: str | None, prefix: str = "sha256=") -> bool:
    """Tell whether a header signs a body with one of our secrets.

    :param body: the bytes as they were received, never re-serialised
    :param header: ``<prefix><64 hexadecimal digits>`` in either case
    """
    given = (header or "").strip()
    if not given.startswith(prefix):
        return False
    return matches_any(
        given.removeprefix(prefix).lower(), [hmac_sha256_hex(secret, body) for secret in secrets if secret]
    )


def verify_hmac_sha256_base64(secrets: Iterable[str], body: bytes, header: str | None, prefix: str = "sha256=") -> bool:
    """Tell whether a header signs a body with one of our secrets.

    :param header: ``<prefix><base64 of the 32 bytes>``
    """
    given = (header or "").strip()
    if not given.startswith(prefix):
        return False
    wanted = [hmac.new(_octets(secret), body, hashlib.sha256).digest() for secret in secrets if secret]
    return matches_any(given.removeprefix(prefix), [base64.b64encode(digest).decode() for digest in wanted])


def read_basic_password(header: str | None) -> bytes | None:
    """Return the password of an ``Authorization: Basic`` header, or None; the user's name is nobody's proof.

    >>> read_basic_password("Basic cHJpdnk6b3Blbjpub3c=")
    b'open:now'
    """
    scheme, _space, given = (header or "").strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user_and_password = base64.b64decode(given.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    _user, colon, password = user_and_password.partition(b":")
    return password if colon else None


def _octets(text: str | bytes) -> bytes:
    # Header values may hold anything: what cannot be encoded must compare, not crash.
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
