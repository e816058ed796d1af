"""A Typeform API with one form and its responses."""

import re
from typing import Any

from tests.fakes import Asked, FakeVendor, Reply

TOKEN = "tfp-token-31aa"
FORM = "fRm01"
FIELDS = [
    {"id": "f1", "ref": "full_name", "type": "short_text", "title": "What is your name?", "properties": {}},
    {"id": "f2", "ref": "mail", "type": "email", "title": "And your address, {{field:full_name}}?", "properties": {}},
    {"id": "g", "ref": "group", "type": "group", "title": "Your roof", "properties": {"fields": [
        {"id": "f3", "ref": "roof", "type": "multiple_choice", "title": "Which roof?", "properties": {}},
        {"id": "f4", "ref": "area", "type": "number", "title": "How many square metres?", "properties": {}},
    ]}},
]  # fmt: skip


def answers(name: str, email: str) -> list[dict[str, Any]]:
    """Return what a person answered in that form."""
    return [
        {"type": "text", "text": name, "field": {"id": "f1", "type": "short_text", "ref": "full_name"}},
        {"type": "email", "email": email, "field": {"id": "f2", "type": "email", "ref": "mail"}},
        {"type": "choice", "choice": {"label": "Slate"}, "field": {"id": "f3", "type": "dropdown", "ref": "roof"}},
        {"type": "number", "number": 0, "field": {"id": "f4", "type": "number", "ref": "area"}},
    ]


def post_body(token: str, name: str, email: str, event_id: str = "E1", **changes: Any) -> dict[str, Any]:
    """Return what the webhook posts for a response."""
    response = {
        "form_id": FORM, "token": token, "landed_at": "2026-11-20T08:00:00Z", "submitted_at": "2026-11-20T08:05:00Z",
        "definition": {"id": FORM, "title": "Roofs", "fields": FIELDS}, "answers": answers(name, email),
    }  # fmt: skip
    return {"event_id": event_id, "event_type": "form_response", "form_response": {**response, **changes}}


class FakeTypeform(FakeVendor):
    """One form; its responses come newest first."""

    def __init__(self):
        super().__init__()
        self.tokens = {TOKEN}
        self.responses: list[dict[str, Any]] = []
        self.is_enabled = True

    def add(self, token: str, name: str, email: str, submitted_at: str) -> None:
        """Let a person answer the form.

        :param submitted_at: ISO 8601, UTC
        """
        self.responses.append({
            "landing_id": token, "token": token, "response_id": token, "landed_at": submitted_at,
            "submitted_at": submitted_at, "hidden": {"utm_source": "newsletter"}, "calculated": {"score": 0},
            "answers": answers(name, email), "metadata": {"user_agent": "Mozilla/5.0"},
        })  # fmt: skip

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return Reply(401, {"code": "AUTHENTICATION_FAILED", "description": "secret-token-words"})
        match = re.fullmatch(r"/forms/([\w-]+)(/\w+)?", asked.path)
        if not match or match[1] != FORM:
            return Reply(404, {"code": "FORM_NOT_FOUND"})
        if match[2] == "/webhooks":
            hook = {"tag": "crm", "url": "https://crm.example.com/x", "enabled": self.is_enabled}
            return Reply(body={"items": [hook]})
        if match[2] == "/responses":
            return Reply(body=self._get_responses(asked.query))
        return Reply(body={"id": FORM, "title": "Roofs", "fields": FIELDS, "settings": {"is_public": True}})

    def _get_responses(self, query: dict[str, str]) -> dict[str, Any]:
        found = [response for response in self.responses if response["submitted_at"] >= query["since"]]
        found.sort(key=lambda response: response["submitted_at"], reverse=True)
        tokens = [response["token"] for response in found]
        if before := query.get("before"):
            found = found[tokens.index(before) + 1 :]
        size = int(query["page_size"])
        return {"total_items": len(tokens), "page_count": -(-len(tokens) // size), "items": found[:size]}
