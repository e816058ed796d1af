"""Lead forms of Google Ads.

Shapes: developers.google.com/google-ads/webhook/docs/implementation, read November 2026.
"""

from collections.abc import Mapping
from typing import Any

from ...exceptions import MalformedBody, NotVerified
from ...tools.attribution import Attribution
from ...tools.json_body import read_object
from ...tools.signatures import matches_any
from ...tools.text import one_line, several_lines
from .base import Acknowledgement, CaptureProvider, RawRequest, StoredItem
from .lead import read_moment
from .questions import Question

# Columns that Google fills from the person's account; every other column is a question of the form's author.
# Of two columns for one word the upper one wins.
_TARGETS = {
    "FULL_NAME": "name",
    "FIRST_NAME": "first_name",
    "LAST_NAME": "last_name",
    "EMAIL": "email",
    "WORK_EMAIL": "email",
    "PHONE_NUMBER": "phone",
    "WORK_PHONE": "phone",
    "COMPANY_NAME": "company_name",
    "JOB_TITLE": "job_title",
    "STREET_ADDRESS": "street",
    "CITY": "city",
    "REGION": "region",
    "POSTAL_CODE": "zip",
    "COUNTRY": "country",
}
_RANKS = {column: rank for rank, column in enumerate(_TARGETS)}
# Ids of what the visitor clicked, kept for reports and for offline conversions.
_ORIGIN_IDS = ("form_id", "campaign_id", "adgroup_id", "creative_id", "asset_group_id", "lead_source", "lead_stage")


class GoogleAdsProvider(CaptureProvider):
    """Read the webhook of a lead form extension, whose key stands in the body."""

    channel = "google_ads"

    def verify(self, request: RawRequest) -> None:
        if not self.secrets:
            raise NotVerified("no_secret")
        key = read_object(request.body).get("google_key")
        if not isinstance(key, str) or not matches_any(key, self.secrets):
            raise NotVerified("secret")

    def split(self, request: RawRequest) -> list[StoredItem]:
        payload = read_object(request.body)
        lead_id = one_line(payload.get("lead_id"))
        if not lead_id:
            raise MalformedBody("lead_id is missing.")
        if not isinstance(payload.get("user_column_data"), list):
            raise MalformedBody("user_column_data is missing.")
        payload.pop("google_key", None)
        return [StoredItem(lead_id, payload, is_test=payload.get("is_test") is True)]

    def read_questions(self, payload: Mapping[str, Any]) -> list[Question]:
        columns = payload.get("user_column_data")
        found = filter(None, map(_read_column, columns if isinstance(columns, list) else []))
        return sorted(found, key=lambda question: _RANKS.get(question.name, -1))

    def read_attribution(self, payload: Mapping[str, Any]) -> Attribution:
        # The click id is spelled gcl_id here and gclid everywhere else.
        click_id = one_line(payload.get("gcl_id"), 512)
        return Attribution(
            utm_source="google",
            utm_medium="cpc",
            utm_campaign=one_line(payload.get("campaign_name")) or one_line(payload.get("campaign_id")),
            click_ids={"gclid": click_id} if click_id else {},
        )

    def read_context(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "submitted_at": read_moment(payload.get("lead_submit_time")),
            "is_test": payload.get("is_test") is True,
            "custom": {name: payload[name] for name in _ORIGIN_IDS if payload.get(name) not in (None, "")},
        }

    def acknowledge(self, request: RawRequest) -> Acknowledgement:
        return Acknowledgement(200, {})


def _read_column(entry: Any) -> Question | None:
    if not isinstance(entry, Mapping) or not (value := several_lines(entry.get("string_value"))):
        return None
    # Questions of the form's author come without an id, or with their own text as the id.
    column, label = one_line(entry.get("column_id")), one_line(entry.get("column_name"))
    return Question(column or label or "?", label or column or "?", value, _TARGETS.get(column))
