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
from .base import (
    Acknowledgement,
    CapturedLead,
    CaptureProvider,
    Contact,
    RawRequest,
    StoredItem,
    join_name,
    read_country,
    read_moment,
)

# Columns that Google fills from the person's account; every other column is a question of the form's author.
_FULL_NAME, _FIRST_NAME, _LAST_NAME = "FULL_NAME", "FIRST_NAME", "LAST_NAME"
_EMAILS = ("EMAIL", "WORK_EMAIL")
_PHONES = ("PHONE_NUMBER", "WORK_PHONE")
_FIELD_BY_COLUMN = {
    "COMPANY_NAME": "company_name",
    "JOB_TITLE": "job_title",
    "STREET_ADDRESS": "street",
    "CITY": "city",
    "REGION": "region",
    "POSTAL_CODE": "zip",
}
_KNOWN = {_FULL_NAME, _FIRST_NAME, _LAST_NAME, "COUNTRY", *_EMAILS, *_PHONES, *_FIELD_BY_COLUMN}
# Ids of what the visitor clicked, kept for reports and for offline conversions.
_ORIGIN_IDS = ("form_id", "campaign_id", "adgroup_id", "creative_id", "asset_group_id", "lead_source", "lead_stage")


class GoogleAdsProvider(CaptureProvider):
    """Read the webhook of a lead form extension, whose key stands in the body."""

    channel = "google_ads"

    def verify(self, request: RawRequest) -> None:
        key = read_object(request.body).get("google_key")
        if not isinstance(key, str) or not matches_any(key, self.secrets):
            raise NotVerified("google_key")

    def split(self, request: RawRequest) -> list[StoredItem]:
        payload = read_object(request.body)
        lead_id = one_line(payload.get("lead_id"))
        if not lead_id:
            raise MalformedBody("lead_id is missing.")
        if not isinstance(payload.get("user_column_data"), list):
            raise MalformedBody("user_column_data is missing.")
        payload.pop("google_key", None)
        return [StoredItem(lead_id, payload, is_test=payload.get("is_test") is True)]

    def parse(self, payload: Mapping[str, Any], external_id: str = "") -> CapturedLead:
        columns, answers = _read_columns(payload.get("user_column_data") or [])
        country = read_country(columns.get("COUNTRY"), self.country_code)
        contact = Contact.from_typed(_first(columns, _EMAILS), _first(columns, _PHONES), None, country)
        return CapturedLead(
            external_id=external_id or one_line(payload.get("lead_id")) or "",
            name=one_line(columns.get(_FULL_NAME)) or join_name(columns.get(_FIRST_NAME), columns.get(_LAST_NAME)),
            email=contact.email,
            phone=contact.phone,
            country_code=read_country(columns.get("COUNTRY")),
            attribution=_read_attribution(payload),
            answers=(*answers, *_spare_contacts(columns), *contact.answers),
            invalid=tuple(contact.invalid),
            submitted_at=read_moment(payload.get("lead_submit_time")),
            is_test=payload.get("is_test") is True,
            channel=self.channel,
            custom={name: payload[name] for name in _ORIGIN_IDS if payload.get(name) not in (None, "")},
            **{field: one_line(columns.get(column)) for column, field in _FIELD_BY_COLUMN.items()},
        )

    def acknowledge(self, request: RawRequest) -> Acknowledgement:
        return Acknowledgement(200, {})


def _read_columns(entries: list[Any]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    columns: dict[str, str] = {}
    answers: list[tuple[str, str]] = []
    for entry in entries:
        if not isinstance(entry, Mapping) or not (value := several_lines(entry.get("string_value"))):
            continue
        # Questions of the form's author come without an id, or with their own text as the id.
        column = one_line(entry.get("column_id"))
        if column in _KNOWN and column not in columns:
            columns[column] = value
        else:
            answers.append((one_line(entry.get("column_name")) or column or "?", value))
    return columns, answers


def _first(columns: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((columns[name] for name in names if columns.get(name)), None)


def _spare_contacts(columns: Mapping[str, str]) -> list[tuple[str, str]]:
    given = [[name for name in names if columns.get(name)] for names in (_EMAILS, _PHONES)]
    return [(name, columns[name]) for names in given for name in names[1:]]


def _read_attribution(payload: Mapping[str, Any]) -> Attribution:
    # The click id is spelled gcl_id here and gclid everywhere else.
    click_id = one_line(payload.get("gcl_id"), 512)
    return Attribution(
        utm_source="google",
        utm_medium="cpc",
        utm_campaign=one_line(payload.get("campaign_name")) or one_line(payload.get("campaign_id")),
        click_ids={"gclid": click_id} if click_id else {},
    )
