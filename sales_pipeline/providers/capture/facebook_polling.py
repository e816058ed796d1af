"""Leads of a page that no webhook brought: form after form, page after page, from where the last round ended."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from typing import Any

from ...exceptions import VendorBusy, VendorError, VendorRefused
from ..graph import GraphClient, get_next
from .base import Finding

_PAGE_SIZE = 100
_MAX_FORM_PAGES = 20
# Meta may show a lead later than its time says; one that is read twice is stored once.
_OVERLAP_SECONDS = 3600


@dataclass
class Cursor:
    """Where a round stands.

    :param since: leads after this second (Unix) are asked for
    :param newest: the latest lead of this round so far
    :param forms: forms still to be read in this round; none means the round is over
    :param after: the vendor's cursor into the first of them
    :param has_restarted: the first form was begun anew because its cursor was refused
    """

    since: int
    newest: int = 0
    forms: list[str] = field(default_factory=list)
    after: str | None = None
    has_restarted: bool = False

    @classmethod
    def from_moment(cls, moment: datetime) -> "Cursor":
        """Return the cursor of a first round.

        :param moment: UTC without time zone
        """
        return cls(int(moment.replace(tzinfo=timezone.utc).timestamp()))

    @classmethod
    def from_text(cls, text: str) -> "Cursor":
        """Return the cursor that was stored."""
        return cls(**json.loads(text))

    def to_text(self) -> str:
        """Return what is stored."""
        return json.dumps(asdict(self))

    def next_form(self) -> None:
        """Leave the first form; after the last one the next round begins a little before its newest lead."""
        self.forms, self.after, self.has_restarted = self.forms[1:], None, False
        if not self.forms:
            self.since = max(self.since, self.newest - _OVERLAP_SECONDS)


def read_page(cursor: Cursor, graph: GraphClient, page_id: str, fields: str) -> list[dict[str, Any]]:
    """Return one page of leads and move the cursor behind it.

    :param fields: of a lead, as the Graph API spells them
    """
    if not page_id:
        raise VendorRefused("account_missing")
    if not cursor.forms:
        forms = graph.iterate(f"{page_id}/leadgen_forms", _MAX_FORM_PAGES, fields="id", limit=_PAGE_SIZE)
        cursor.forms = [str(form["id"]) for form in forms if form.get("id")]
        if not cursor.forms:
            return []
    body = _ask(cursor, graph, fields)
    leads = [lead for lead in body.get("data") or [] if isinstance(lead, dict)]
    cursor.newest = max([cursor.newest, *(_get_second(lead) for lead in leads)])
    cursor.after = get_next(body)
    if not cursor.after:
        cursor.next_form()
    return leads


def _ask(cursor: Cursor, graph: GraphClient, fields: str) -> dict[str, Any]:
    wanted = [{"field": "time_created", "operator": "GREATER_THAN", "value": cursor.since}]
    params = {"fields": fields, "filtering": json.dumps(wanted), "limit": _PAGE_SIZE}
    try:
        return graph.get(f"{cursor.forms[0]}/leads", **params, **({"after": cursor.after} if cursor.after else {}))
    except VendorRefused as error:
        if error.code != "gone":
            raise
    # A cursor that grew old, or a form that was deleted: the others still count.
    if cursor.after and not cursor.has_restarted:
        cursor.after, cursor.has_restarted = None, True
        return _ask(cursor, graph, fields)
    return {}


def _get_second(lead: dict[str, Any]) -> int:
    try:
        return int(datetime.fromisoformat(str(lead.get("created_time")).replace("+0000", "+00:00")).timestamp())
    except ValueError:
        return 0


def check(graph: GraphClient, page_id: str | None) -> list[Finding]:
    """Return what Meta says of the token, the page, its subscription and its leads."""
    findings: list[Finding] = []
    for code, look in (
        ("token", lambda: graph.get("me", fields="id,name")),
        ("subscription", lambda: graph.get(f"{page_id or 'me'}/subscribed_apps", fields="id,name,subscribed_fields")),
        ("leads", lambda: graph.get(f"{page_id or 'me'}/leadgen_forms", fields="id", limit=1)),
    ):
        try:
            findings += _judge(code, look(), page_id)
        except VendorError as error:
            reason = {"reason": error.code, "vendor_code": error.vendor_code}
            findings.append(Finding("reachable" if isinstance(error, VendorBusy) else code, False, reason))
            if code == "token":
                break
    return findings


def _judge(code: str, body: dict[str, Any], page_id: str | None) -> list[Finding]:
    if code == "token":
        found = str(body.get("id") or "")
        data = {"account": page_id, "found": found, "name": body.get("name")}
        return [Finding("token", True), Finding("account", bool(page_id) and found == page_id, data)]
    if code == "subscription":
        apps = [app for app in body.get("data") or [] if isinstance(app, dict)]
        return [Finding("subscription", any("leadgen" in (app.get("subscribed_fields") or []) for app in apps))]
    return [Finding(code, True)]
