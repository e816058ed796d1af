"""Meta's Conversions API: what became of clicks on ads and of leads from lead forms."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ...exceptions import VendorBusy, VendorError, VendorRefused
from ..graph import API_VERSION, BASE_URL, judge_graph
from ..http import Answer, VendorHttp
from . import const
from .base import Conversion, ConversionProvider, Outcome, hash_email, hash_phone, to_timestamp


class MetaConversionProvider(ConversionProvider):
    """Send events of the CRM; one bad event spoils its request."""

    click_names = ("fbclid",)
    max_batch = 1000

    def is_theirs(self, conversion: Conversion) -> bool:
        """Tell whether an ad's click or lead form of Meta brought the lead."""
        return bool(_to_lead_id(conversion.vendor_lead_id)) or super().is_theirs(conversion)

    def check(self, conversion: Conversion, now: datetime) -> Outcome | None:
        """Keep back what would make Meta refuse the events beside it."""
        if conversion.occurred_at < now - timedelta(days=const.META_MAX_AGE_DAYS):
            return Outcome("refused", "too_old")
        return super().check(conversion, now)

    def deliver(self, conversions: Sequence[Conversion], http: VendorHttp) -> list[Outcome]:
        """Send the events; all of them were taken, or none."""
        account = str(self.settings.get("account") or "").strip()
        if not account.isascii() or not account.isdecimal():
            raise VendorRefused("account")
        if not self.settings.get("token"):
            raise VendorRefused("token_missing")
        url = f"{self._get_root(BASE_URL, API_VERSION)}/{account}/events"
        answer = http.post(url, self.build(conversions), token=self.settings["token"], judge=judge_events)
        body = answer.body if isinstance(answer.body, Mapping) else {}
        if body.get("events_received") != len(conversions):
            raise VendorBusy("unreadable", answer.status)
        return [Outcome("sent", reference=str(body.get("fbtrace_id") or ""))] * len(conversions)

    def build(self, conversions: Sequence[Conversion]) -> dict[str, Any]:
        """Return the body of a request."""
        body: dict[str, Any] = {"data": [self._build_event(conversion) for conversion in conversions]}
        if self.settings.get("test_code"):
            body["test_event_code"] = self.settings["test_code"]
        return body

    def _build_event(self, conversion: Conversion) -> dict[str, Any]:
        custom: dict[str, Any] = {"event_source": "crm", "lead_event_source": "Odoo"}
        if conversion.value and conversion.currency:
            custom.update(value=conversion.value, currency=conversion.currency)
        return {
            "event_name": self._get_action(conversion),
            "event_time": to_timestamp(conversion.occurred_at),
            "event_id": conversion.key,
            "action_source": "system_generated",
            "user_data": _build_person(conversion, self.get_click(conversion)),
            "custom_data": custom,
        }


def _build_person(conversion: Conversion, click: tuple[str, str] | None) -> dict[str, Any]:
    person: dict[str, Any] = {}
    if email := hash_email(conversion.email):
        person["em"] = [email]
    if phone := hash_phone(conversion.phone, has_plus=False):
        person["ph"] = [phone]
    if lead_id := _to_lead_id(conversion.vendor_lead_id):
        person["lead_id"] = int(lead_id)
    if click:
        # As in the cookie that Meta's pixel would have set: version, domain level, milliseconds, the id untouched.
        moment = to_timestamp(conversion.clicked_at or conversion.occurred_at)
        person["fbc"] = f"fb.1.{moment * 1000}.{click[1]}"
    return person


def judge_events(answer: Answer) -> VendorError | None:
    """Return the error that an answer means: of "invalid parameter", one kind is about our settings."""
    error = judge_graph(answer)
    if not isinstance(error, VendorRefused) or error.code != "gone":
        return error
    found = answer.body["error"]
    is_unknown = found.get("error_subcode") == const.META_UNKNOWN_OBJECT or error.vendor_code == 33
    return VendorRefused("account" if is_unknown else "refused", error.status, vendor_code=error.vendor_code)


def _to_lead_id(value: str | None) -> str | None:
    text = str(value or "").strip()
    is_id = text.isascii() and text.isdecimal() and len(text) in const.META_LEAD_ID_DIGITS
    return text if is_id else None
