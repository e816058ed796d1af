"""Any system that posts JSON: the source's mapping says what its questions are."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ...exceptions import MalformedBody, NotVerified
from ...tools.flatten import flatten
from ...tools.json_body import read_object
from ...tools.redact import without_secrets
from ...tools.signatures import matches_any, verify_hmac_sha256, verify_hmac_sha256_base64
from ...tools.text import one_line
from .base import CaptureProvider, RawRequest, StoredItem
from .lead import CapturedLead
from .questions import Question, guess_targets
from .visits import VISIT_FIELDS, add_visits

PROOFS = ("hmac_hex", "hmac_base64", "secret")
SIGNATURE_HEADER, ID_HEADER = "X-Signature", "Idempotency-Key"
_MOST_ITEMS = 100


class GenericProvider(CaptureProvider):
    """Read JSON of any shape, signed with HMAC-SHA256 in a header of the sender's choice.

    Settings: ``proof`` (one of ``PROOFS``), ``signature_header`` and ``id_header`` (names of headers).
    """

    channel = "api"

    def verify(self, request: RawRequest) -> None:
        if not self.secrets:
            raise NotVerified("no_secret")
        proof = self.settings.get("proof") or "hmac_hex"
        given = request.headers.get(self._get_header("signature_header", SIGNATURE_HEADER), "").strip()
        if proof == "secret":
            proved = matches_any(given.removeprefix("Bearer ").strip(), self.secrets)
        else:
            # Many senders write the name of the method before the value.
            given = given.removeprefix("sha256=")
            check = verify_hmac_sha256_base64 if proof == "hmac_base64" else verify_hmac_sha256
            proved = check(self.secrets, request.body, given, prefix="")
        if not proved:
            raise NotVerified(("secret" if proof == "secret" else "signature") if given else "no_proof")

    def split(self, request: RawRequest) -> list[StoredItem]:
        bodies = _read_bodies(request.body)
        given = one_line(request.headers.get(self._get_header("id_header", ID_HEADER), "").strip('"'))
        items = []
        for number, body in enumerate(bodies, 1):
            own = given and (given if len(bodies) == 1 else f"{given}/{number}")
            external_id = own or self._find_mapped_id(body) or _digest(body)
            items.append(StoredItem(external_id, without_secrets(body), is_test=body.get("is_test") is True))
        return items

    def read_questions(self, payload: Mapping[str, Any]) -> list[Question]:
        asked = {name: value for name, value in payload.items() if name not in VISIT_FIELDS}
        found = [Question(path, label, value) for path, label, value in flatten(asked) if path != "is_test"]
        return guess_targets(found, by_label=True)

    def read_context(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        return {"is_test": payload.get("is_test") is True}

    def parse(self, payload: Mapping[str, Any], external_id: str = "") -> CapturedLead:
        # A website's own server hands on what the embed script told it.
        return add_visits(super().parse(payload, external_id), payload)

    def _get_header(self, setting: str, usual: str) -> str:
        return (self.settings.get(setting) or usual).strip().lower()

    def _find_mapped_id(self, body: Mapping[str, Any]) -> str | None:
        mapped = {name for name, target in self.mapping.items() if target == "external_id"}
        if not mapped:
            return None
        return next((one_line(value) for path, _label, value in flatten(body) if path in mapped), None)


def _read_bodies(raw: bytes) -> list[dict[str, Any]]:
    """Return the leads of a body: one object, or a list of objects."""
    if raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"[":
        bodies = [read_object(raw)]
    else:
        found = read_object(b'{"items":' + raw.lstrip(b"\xef\xbb\xbf") + b"}")
        bodies = found["items"] if len(found) == 1 else []
    if not bodies or len(bodies) > _MOST_ITEMS or not all(isinstance(body, dict) and body for body in bodies):
        raise MalformedBody("The body must be a JSON object, or a list of up to 100 objects.")
    return bodies


def _digest(body: Mapping[str, Any]) -> str:
    """Return an id for a lead without one: the same content on the same day is a replay."""
    content = json.dumps(body, sort_keys=True, ensure_ascii=False).encode()
    return f"{datetime.now(timezone.utc):%Y-%m-%d}-{hashlib.sha256(content).hexdigest()}"
