"""Lead Ads of Facebook and Instagram.

A post says only that a lead exists; a job asks the Graph API for what the person answered. Shapes:
developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving, read November 2026.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ...exceptions import MalformedBody, NotVerified, VendorBusy, VendorRefused
from ...tools.attribution import Attribution
from ...tools.json_body import read_object
from ...tools.signatures import matches_any, verify_hmac_sha256
from ...tools.text import one_line
from ..graph import GraphClient
from ..http import VendorHttp
from .base import Acknowledgement, CaptureProvider, Finding, RawRequest, StoredItem
from .facebook_polling import Cursor, check, read_page
from .lead import read_moment
from .questions import Question, guess_targets

SIGNATURE_HEADER = "x-hub-signature-256"
_CHALLENGE = re.compile(r"[\w-]{1,128}", re.ASCII)
_ID = re.compile(r"\w{1,64}", re.ASCII)
LEAD_FIELDS = (
    "id,created_time,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,form_id,is_organic,platform,"
    "partner_name,field_data,custom_disclaimer_responses,home_listing,retailer_item_id"
)
# Keys of Meta's own questions follow the language of the form; those of an author's questions may be any word,
# so that only words about the person are guessed.
_CONTACT_TARGETS = {
    "name", "first_name", "last_name", "email", "phone", "whatsapp", "company_name", "job_title", "street", "city",
    "zip", "region", "country",
}  # fmt: skip
_TARGETS = {"work_phone_number": "phone", "whatsapp_number": "whatsapp", "province": "region"}
_PLATFORMS = {"fb": "facebook", "ig": "instagram"}
_ORIGIN_IDS = ("form_id", "ad_id", "adset_id", "campaign_id", "platform", "is_organic")
_EXTRAS = ("partner_name", "retailer_item_id", "home_listing")
# Meta's testing tool sets no flag.
_TEST_VALUE, _TEST_EMAILS = "<test lead: dummy data", ("test@meta.com", "test@fb.com")


class FacebookProvider(CaptureProvider):
    """Read the webhook of an app to which one or more pages are subscribed."""

    channel = "facebook"
    can_catch_up = True

    # ---- the route

    def shake_hands(self, request: RawRequest) -> Acknowledgement | None:
        query = request.query
        if "hub.challenge" not in query:
            return None
        given = query.get("hub.verify_token")
        if query.get("hub.mode") != "subscribe" or not matches_any(given, [self.settings.get("verify_token") or ""]):
            raise NotVerified("verify_token")
        if not _CHALLENGE.fullmatch(query["hub.challenge"]):
            raise MalformedBody("hub.challenge cannot be read.")
        return Acknowledgement(200, None, query["hub.challenge"])

    def verify(self, request: RawRequest) -> None:
        if not self.secrets:
            raise NotVerified("no_secret")
        if not verify_hmac_sha256(self.secrets, request.body, request.headers.get(SIGNATURE_HEADER)):
            raise NotVerified("signature")

    def split(self, request: RawRequest) -> list[StoredItem]:
        body = read_object(request.body)
        if not isinstance(body.get("entry"), list):
            raise MalformedBody("entry is missing.")
        changes = list(_get_leads(body))
        found = {item.external_id: item for item in map(_to_item, changes) if item}
        if changes and not found:
            raise MalformedBody("leadgen_id is missing.")
        return list(found.values())

    # ---- the job

    def must_complete(self, payload: Mapping[str, Any]) -> bool:
        return "lead" not in payload and not _is_sample(payload.get("leadgen_id"))

    def complete(self, payload: Mapping[str, Any], http: VendorHttp) -> dict[str, Any]:
        lead_id, account = one_line(payload.get("leadgen_id")) or "", self.settings.get("account")
        if account and one_line(payload.get("page_id")) not in (None, account):
            raise VendorRefused("foreign_account")
        answer = GraphClient(http, self.settings, self.secrets).get(lead_id, fields=LEAD_FIELDS)
        if not isinstance(answer.get("field_data"), list):
            raise VendorBusy("unreadable")
        return {**payload, "lead": answer}

    def read_questions(self, payload: Mapping[str, Any]) -> list[Question]:
        lead = _get_lead(payload)
        found = [question for entry in _as_list(lead.get("field_data")) if (question := _read_field(entry))]
        guessed = [
            replace(question, target=question.target if question.target in _CONTACT_TARGETS else None)
            for question in guess_targets(found)
        ]
        extras = [Question(name, name, lead[name]) for name in _EXTRAS if lead.get(name)]
        return [*guessed, *_read_disclaimers(lead), *extras]

    def read_attribution(self, payload: Mapping[str, Any]) -> Attribution:
        lead = _get_lead(payload)
        platform = one_line(lead.get("platform")) or "fb"
        return Attribution(
            utm_source=_PLATFORMS.get(platform, platform),
            utm_medium="paid_social" if _is_paid(payload, lead) else "organic_social",
            utm_campaign=one_line(lead.get("campaign_name")) or one_line(lead.get("campaign_id")),
            utm_term=one_line(lead.get("adset_name")),
            utm_content=one_line(lead.get("ad_name")) or _known_id(lead.get("ad_id")),
        )

    def read_context(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        lead = _get_lead(payload)
        ids = {name: lead.get(name, payload.get(name)) for name in _ORIGIN_IDS}
        ids.update(leadgen_id=payload.get("leadgen_id"), page_id=payload.get("page_id"))
        disclaimers = _read_disclaimers(lead)
        is_mapped = any(question.name in self.mapping for question in disclaimers)
        return {
            "submitted_at": _read_time(lead.get("created_time")) or _read_time(payload.get("created_time")),
            "is_test": _is_test_tool(lead) or _is_sample(payload.get("leadgen_id")),
            "consent": {} if is_mapped else _to_consent(disclaimers),
            "custom": {name: value for name, value in ids.items() if value not in (None, "", 0, "0")},
        }

    # ---- leads that never arrived

    def start_cursor(self, moment: datetime) -> str:
        return Cursor.from_moment(moment).to_text()

    def has_rest(self, cursor: str) -> bool:
        return bool(Cursor.from_text(cursor).forms)

    def catch_up(self, cursor: str, http: VendorHttp) -> tuple[list[StoredItem], str]:
        place, page_id = Cursor.from_text(cursor), one_line(self.settings.get("account")) or ""
        leads = read_page(place, GraphClient(http, self.settings, self.secrets), page_id, LEAD_FIELDS)
        items = [
            _to_item({"leadgen_id": lead.get("id"), "page_id": page_id, "form_id": lead.get("form_id"), "lead": lead})
            for lead in leads
        ]
        return [item for item in items if item], place.to_text()

    def check(self, http: VendorHttp) -> list[Finding]:
        return check(GraphClient(http, self.settings, self.secrets), one_line(self.settings.get("account")))


def _get_leads(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Return what a post says of each lead; other things that a page subscribes to are nobody's lead."""
    if body.get("object") != "page":
        return
    for entry in body["entry"]:
        for change in _as_list(entry.get("changes") if isinstance(entry, Mapping) else None):
            value = change.get("value") if isinstance(change, Mapping) else None
            if isinstance(value, Mapping) and change.get("field") == "leadgen":
                yield {"page_id": entry.get("id"), **value}


def _to_item(payload: dict[str, Any]) -> StoredItem | None:
    lead_id = one_line(payload.get("leadgen_id"))
    if not lead_id or not _ID.fullmatch(lead_id):
        return None
    is_test = _is_sample(lead_id) or _is_test_tool(_get_lead(payload))
    waits_for = None if "lead" in payload or is_test else "answers"
    return StoredItem(lead_id, payload, is_test, account=one_line(payload.get("page_id")), waits_for=waits_for)


def _get_lead(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    lead = payload.get("lead")
    return lead if isinstance(lead, Mapping) else {}


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _read_field(entry: Any) -> Question | None:
    name = one_line(entry.get("name")) if isinstance(entry, Mapping) else None
    if not name:
        return None
    values = [value for value in _as_list(entry.get("values")) if value not in (None, "")]
    label = name.replace("_", " ").strip() or name
    return Question(name, label, values[0] if len(values) == 1 else values, _TARGETS.get(name.casefold()))


def _read_disclaimers(lead: Mapping[str, Any]) -> list[Question]:
    boxes = [box for box in _as_list(lead.get("custom_disclaimer_responses")) if isinstance(box, Mapping)]
    named = [(one_line(box.get("checkbox_key")), box.get("is_checked")) for box in boxes]
    return [Question(f"disclaimer:{key}", key, str(ticked).lower() in ("1", "true")) for key, ticked in named if key]


def _to_consent(disclaimers: list[Question]) -> dict[str, Any]:
    """Return what the boxes say together; where one is ticked and another not, only their words are kept."""
    if not disclaimers:
        return {}
    ticked = {question.value for question in disclaimers}
    text = "\n".join(f"{question.label}: {'yes' if question.value else 'no'}" for question in disclaimers)
    return {"text": text, **({"any": ticked.pop()} if len(ticked) == 1 else {})}


def _is_paid(payload: Mapping[str, Any], lead: Mapping[str, Any]) -> bool:
    if isinstance(lead.get("is_organic"), bool):
        return not lead["is_organic"]
    return bool(_known_id(lead.get("ad_id", payload.get("ad_id"))))


def _known_id(value: Any) -> str | None:
    # The id of no ad is absent or nought.
    text = one_line(value)
    return text if text != "0" else None


def _is_test_tool(lead: Mapping[str, Any]) -> bool:
    entries = [entry for entry in _as_list(lead.get("field_data")) if isinstance(entry, Mapping)]
    values = [str(value).strip().lower() for entry in entries for value in _as_list(entry.get("values"))]
    return any(value.startswith(_TEST_VALUE) or value in _TEST_EMAILS for value in values)


def _is_sample(lead_id: Any) -> bool:
    """Tell whether the id is that of the sample which Meta's app dashboard sends (all fours)."""
    text = one_line(lead_id) or ""
    return len(text) >= 9 and set(text) == {"4"}


def _read_time(value: Any) -> datetime | None:
    text = one_line(value) or ""
    if text.isdecimal() and text.isascii() and len(text) <= 10:
        return datetime.fromtimestamp(int(text), timezone.utc).replace(tzinfo=None)
    # Meta writes the offset without a colon.
    return read_moment(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text))
