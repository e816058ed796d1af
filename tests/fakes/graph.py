"""A Graph API with pages, lead forms and leads."""

import hashlib
import hmac
import json
import re
from datetime import datetime, timezone
from typing import Any

from tests.fakes import Asked, FakeVendor, Reply

TOKEN = "page-token-81c4"
PAGE = "104000000000001"
FORM = "204000000000001"
_LIMIT = 2


def lead_body(lead_id: str, name: str, email: str, seconds: int, **changes: Any) -> dict[str, Any]:
    """Return a lead as the API describes it.

    :param seconds: when it was sent, Unix time
    """
    created = datetime.fromtimestamp(seconds, timezone.utc)
    body = {
        "id": lead_id, "created_time": f"{created:%Y-%m-%dT%H:%M:%S}+0000", "form_id": FORM, "platform": "fb",
        "is_organic": False, "ad_id": "301", "ad_name": "Slate roofs", "adset_id": "302", "adset_name": "North",
        "campaign_id": "303", "campaign_name": "Roofs", "field_data": [
            {"name": "full_name", "values": [name]}, {"name": "email", "values": [email]},
        ],
    }  # fmt: skip
    return {**body, **changes}


def error_reply(code: int, status: int = 400, headers: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """Return the parts of a reply that carries one of the API's errors."""
    error = {"message": f"(#{code}) Something about secret-token-words", "type": "OAuthException", "code": code, **more}
    return {"status": status, "body": {"error": error}, "headers": headers or {}}


def usage_headers(minutes: int) -> dict[str, str]:
    """Return the headers by which the API says when its limits let us in again."""
    usage = [{"type": "leadgen", "call_count": 100, "estimated_time_to_regain_access": minutes}]
    return {"X-Business-Use-Case-Usage": json.dumps({PAGE: usage})}


class FakeGraph(FakeVendor):
    """Pages by token, forms by page, leads by form; the newest lead comes first, two a page."""

    def __init__(self):
        super().__init__()
        self.tokens = {TOKEN: PAGE}
        self.forms = {PAGE: [FORM]}
        self.leads: dict[str, dict[str, Any]] = {}
        self.subscribed_fields = ["leadgen"]
        self.app_secret = ""  # set: each call must prove it

    def add(self, lead_id: str, name: str, email: str, seconds: int, **changes: Any) -> dict[str, Any]:
        """Let a person fill in a form."""
        self.leads[lead_id] = lead_body(lead_id, name, email, seconds, **changes)
        return self.leads[lead_id]

    def asked_leads(self) -> list[str]:
        """Return the ids of the leads that were asked for, in order."""
        ids = (asked.path.split("/")[-1] for asked in self.asked)
        return [found for found in ids if found in self.leads]

    def answer(self, asked: Asked) -> Reply:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        page = self.tokens.get(token)
        if page is None:
            return Reply(**error_reply(190, 401, error_subcode=463))
        if self.app_secret and asked.query.get("appsecret_proof") != _proof(self.app_secret, token):
            message = "API calls from the server require an appsecret_proof argument"
            return Reply(**error_reply(100, message=message))
        match = re.fullmatch(r"/v\d+\.0/(\w+)(?:/(\w+))?", asked.path)
        place, edge = match.groups() if match else ("", None)
        found = self._get_edge(page, place, edge, asked) if edge else self._get_object(page, place)
        return Reply(body=found) if found is not None else Reply(**error_reply(100, error_subcode=33))

    def _get_object(self, page: str, place: str) -> dict[str, Any] | None:
        if place == "me":
            return {"id": page, "name": "Example Roofing"}
        return self.leads.get(place)

    def _get_edge(self, page: str, place: str, edge: str, asked: Asked) -> dict[str, Any] | None:
        if edge == "leadgen_forms" and place in (page, "me"):
            return {"data": [{"id": form} for form in self.forms[page]]}
        if edge == "subscribed_apps" and place in (page, "me"):
            return {"data": [{"id": "1", "name": "Ours", "subscribed_fields": self.subscribed_fields}]}
        if edge == "leads" and place in self.forms[page]:
            return self._get_leads(place, asked)
        return None

    def _get_leads(self, form: str, asked: Asked) -> dict[str, Any] | None:
        (wanted,) = json.loads(asked.query["filtering"])
        assert (wanted["field"], wanted["operator"]) == ("time_created", "GREATER_THAN")
        found = [lead for lead in self.leads.values() if lead["form_id"] == form and _second(lead) > wanted["value"]]
        found.sort(key=_second, reverse=True)
        after = asked.query.get("after")
        if after:
            ids = [lead["id"] for lead in found]
            if after.removeprefix("after-") not in ids:
                return None
            found = found[ids.index(after.removeprefix("after-")) + 1 :]
        page = found[:_LIMIT]
        paging: dict[str, Any] = {}
        if page:
            paging["cursors"] = {"before": "b", "after": f"after-{page[-1]['id']}"}
        if len(found) > _LIMIT:
            paging["next"] = f"https://graph.facebook.com/next?access_token={TOKEN}"
        return {"data": page, "paging": paging}


def _second(lead: dict[str, Any]) -> float:
    return datetime.fromisoformat(lead["created_time"].replace("+0000", "+00:00")).timestamp()


def _proof(secret: str, token: str) -> str:
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
