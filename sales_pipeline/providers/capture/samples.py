"""Test leads as a sender would send them, so that a source can be tried from its own screen."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from ...tools.signatures import hmac_sha256_hex
from .base import RawRequest
from .generic import ID_HEADER, SIGNATURE_HEADER

_PERSON = {"name": "Test Lead", "email": "test@example.com", "message": "Sent by the button that tries a lead source."}


def make_sample(kind: str, secret: str, settings: Mapping[str, Any], number: str) -> RawRequest | None:
    """Return the request of a test lead, or None for vendors whose tests only they can send.

    :param kind: value of the source's ``provider``
    :param number: makes the lead's id its own
    """
    if kind in ("website", "referral"):
        return _request({**_PERSON, "is_test": True, "submission_id": f"test-{number}"}, {"X-Pipeline-Secret": secret})
    if kind == "google_ads":
        return _request(_make_google(secret, number), {})
    if kind == "generic":
        return _make_generic(secret, settings, number)
    return None


def _make_google(secret: str, number: str) -> dict[str, Any]:
    columns = {"FULL_NAME": _PERSON["name"], "EMAIL": _PERSON["email"]}
    return {
        "lead_id": f"test-{number}",
        "google_key": secret,
        "is_test": True,
        "user_column_data": [{"column_id": name, "string_value": text} for name, text in columns.items()],
    }


def _make_generic(secret: str, settings: Mapping[str, Any], number: str) -> RawRequest:
    body = json.dumps({**_PERSON, "is_test": True}).encode()
    signature, proof = hmac_sha256_hex(secret, body), settings.get("proof")
    if proof == "hmac_base64":
        signature = base64.b64encode(bytes.fromhex(signature)).decode()
    headers = {
        settings.get("signature_header") or SIGNATURE_HEADER: secret if proof == "secret" else signature,
        settings.get("id_header") or ID_HEADER: f"test-{number}",
    }
    return RawRequest(body, headers, "application/json")


def _request(body: dict[str, Any], headers: dict[str, str]) -> RawRequest:
    return RawRequest(json.dumps(body).encode(), headers, "application/json")
