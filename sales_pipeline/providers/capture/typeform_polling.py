"""Responses of a form that no webhook brought, from where the last round ended."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from ...exceptions import VendorBusy, VendorError, VendorRefused
from ...tools.text import one_line
from ..http import VendorHttp
from .base import Finding
from .lead import read_moment

# Accounts in the European data centre set https://api.eu.typeform.com.
BASE_URL = "https://api.typeform.com"
_PAGE_SIZE = 100
_FORM_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
# A response may be shown later than its time says; one that is read twice is stored once.
_OVERLAP = timedelta(hours=1)


class TypeformClient:
    """Ask Typeform's API.

    :param settings: ``token``, and optionally ``base_url``
    """

    def __init__(self, http: VendorHttp, settings: Mapping[str, Any]):
        self._http = http
        self._token = settings.get("token") or ""
        self._root = (settings.get("base_url") or BASE_URL).rstrip("/")

    def get(self, form_id: str, place: str = "", **params: Any) -> dict[str, Any]:
        """Return a form, or what lies below it.

        :raise VendorBusy: later it may work
        :raise VendorRefused: otherwise
        """
        if not self._token:
            raise VendorRefused("token_missing")
        if not _FORM_ID.fullmatch(form_id):
            raise VendorRefused("account_missing")
        answer = self._http.get(f"{self._root}/forms/{form_id}{place}", params, token=self._token)
        if not isinstance(answer.body, dict):
            raise VendorBusy("unreadable", answer.status)
        return answer.body


@dataclass
class Cursor:
    """Where a round stands.

    :param since: responses from this moment on are asked for
    :param newest: the latest response of this round so far
    :param before: the round goes on before this response; none means it is over
    """

    since: str
    newest: str = ""
    before: str | None = None

    @classmethod
    def from_moment(cls, moment: datetime) -> "Cursor":
        """Return the cursor of a first round.

        :param moment: UTC without time zone
        """
        return cls(moment.strftime(_FORMAT))

    @classmethod
    def from_text(cls, text: str) -> "Cursor":
        """Return the cursor that was stored."""
        return cls(**json.loads(text))

    def to_text(self) -> str:
        """Return what is stored."""
        return json.dumps(asdict(self))


def read_page(cursor: Cursor, client: TypeformClient, form_id: str) -> list[dict[str, Any]]:
    """Return one page of responses as a webhook would bring them, and move the cursor behind it."""
    place = {"before": cursor.before} if cursor.before else {}
    body = client.get(form_id, "/responses", since=cursor.since, page_size=_PAGE_SIZE, **place)
    items = [item for item in body.get("items") or [] if isinstance(item, dict)]
    moments = [moment for item in items if (moment := read_moment(item.get("submitted_at")))]
    cursor.newest = max([cursor.newest, *(moment.strftime(_FORMAT) for moment in moments)])
    # The newest come first, so the next page lies before the last one of this.
    last = one_line(items[-1].get("token")) if items else None
    cursor.before = last if len(items) >= _PAGE_SIZE and last != cursor.before else None
    if not cursor.before and (newest := read_moment(cursor.newest)):
        cursor.since = max(cursor.since, (newest - _OVERLAP).strftime(_FORMAT))
    # Responses do not repeat the questions, without whose words nobody understands the answers.
    form = client.get(form_id) if items else {}
    definition = {name: form.get(name) for name in ("id", "title", "fields")}
    return [{**item, "form_id": form_id, "definition": definition} for item in items]


def check(client: TypeformClient, form_id: str | None) -> list[Finding]:
    """Return what Typeform says of the token, the form and its webhooks."""
    findings: list[Finding] = []
    for code, place in (("token", ""), ("subscription", "/webhooks")):
        try:
            body = client.get(form_id or "", place)
        except VendorError as error:
            reason = {"reason": error.code, "account": form_id}
            is_form = error.code in ("gone", "account_missing")
            name = "reachable" if isinstance(error, VendorBusy) else "account" if is_form else code
            return [*findings, Finding(name, False, reason)]
        if code == "token":
            data = {"account": form_id, "name": body.get("title")}
            findings += [Finding("token", True), Finding("account", True, data)]
        else:
            hooks = [hook for hook in body.get("items") or [] if isinstance(hook, dict)]
            findings.append(Finding("subscription", any(hook.get("enabled") is True for hook in hooks)))
    return findings
