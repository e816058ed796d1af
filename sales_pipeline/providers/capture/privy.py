"""Pop-ups and sign-up forms of Privy (privy.com, not privy.io).

Shape: help.privy.com/article/163-use-custom-webhooks, read November 2026.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ...exceptions import MalformedBody, NotVerified
from ...tools.json_body import read_object
from ...tools.signatures import matches_any, read_basic_password
from ...tools.text import one_line
from .base import CaptureProvider, RawRequest, StoredItem
from .lead import read_moment
from .questions import Question, guess_targets

KEY_PARAMETER = "key"


class PrivyProvider(CaptureProvider):
    """Read the custom webhook, which carries no signature: its address holds a password or a key."""

    channel = "privy"

    def verify(self, request: RawRequest) -> None:
        if not self.secrets:
            raise NotVerified("no_secret")
        password = read_basic_password(request.headers.get("authorization"))
        if not matches_any(password or request.query.get(KEY_PARAMETER), self.secrets):
            raise NotVerified("secret")

    def split(self, request: RawRequest) -> list[StoredItem]:
        payload = read_object(request.body)
        contact = one_line(payload.get("id"), 64)
        if not contact:
            raise MalformedBody("id is missing.")
        # The id is the contact's: who signs up again elsewhere, or tells more, comes with the same one. The same
        # content is the same sign-up.
        content = json.dumps(payload, sort_keys=True).encode()
        return [StoredItem(f"{contact}-{hashlib.sha256(content).hexdigest()[:24]}", payload)]

    def read_questions(self, payload: Mapping[str, Any]) -> list[Question]:
        custom, display = (_as_map(payload.get(name)) for name in ("custom_fields", "display"))
        return guess_targets([
            Question("email", "email", payload.get("email"), "email"),
            Question("first_name", "first name", payload.get("first_name"), "first_name"),
            Question("last_name", "last name", payload.get("last_name"), "last_name"),
            *(Question(name, name.replace("_", " "), value) for name, value in custom.items()),
            Question("display:title", "display", display.get("title")),
        ])  # fmt: skip

    def read_context(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        display = _as_map(payload.get("display"))
        custom = {"privy_id": payload.get("id"), "display_id": display.get("id")}
        return {
            "submitted_at": read_moment(payload.get("updated_at")) or read_moment(payload.get("created_at")),
            "custom": {name: value for name, value in custom.items() if value not in (None, "")},
        }


def _as_map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
