"""Google's Data Manager API: the way for offline conversions since June 2026."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...exceptions import VendorBusy, VendorRefused
from ..http import VendorHttp
from . import const
from .base import Conversion, Outcome
from .google import GoogleProvider, judge_google


class GoogleDataManagerProvider(GoogleProvider):
    """Ingest events; a request is taken as a whole or refused as a whole, and checked again afterwards."""

    def deliver(self, conversions: Sequence[Conversion], http: VendorHttp) -> list[Outcome]:
        """Send the events and keep the id under which Google tells more about them."""
        body = self.build(conversions)
        token = self.get_access_token(http)
        url = f"{self._get_root(const.DATA_MANAGER_URL, const.DATA_MANAGER_VERSION)}/events:ingest"
        answer = http.post(url, body, token=token, judge=judge_google)
        request_id = answer.body.get("requestId") if isinstance(answer.body, Mapping) else None
        if not request_id:
            raise VendorBusy("unreadable", answer.status)
        return [Outcome("sent", reference=str(request_id))] * len(conversions)

    def build(self, conversions: Sequence[Conversion]) -> dict[str, Any]:
        """Return the body of a request: one destination a conversion action.

        :raise VendorRefused: ``account``
        """
        account = _to_account(self.settings.get("account"))
        if not account:
            raise VendorRefused("account")
        login = _to_account(self.settings.get("login_account")) or account
        stages = {conversion.stage: self._get_action(conversion) for conversion in conversions}
        return {
            "destinations": [
                {"reference": stage, "operatingAccount": account, "loginAccount": login, "productDestinationId": action}
                for stage, action in stages.items()
            ],
            "events": [self._build_event(conversion) for conversion in conversions],
            "encoding": "HEX",
        }

    def _build_event(self, conversion: Conversion) -> dict[str, Any]:
        name, value = self.get_click(conversion)
        event: dict[str, Any] = {
            "destinationReferences": [conversion.stage],
            "transactionId": conversion.key,
            "eventTimestamp": f"{conversion.occurred_at:%Y-%m-%dT%H:%M:%S}Z",
            "eventSource": "WEB",
            "adIdentifiers": {name: value},
        }
        if conversion.value and conversion.currency:
            event.update(conversionValue=conversion.value, currency=conversion.currency)
        email, phone = self.get_people(conversion)
        people = [{"emailAddress": email}] * bool(email) + [{"phoneNumber": phone}] * bool(phone)
        if people:
            event["userData"] = {"userIdentifiers": people}
        if conversion.has_consent:
            event["consent"] = {"adUserData": "CONSENT_GRANTED"}
        return event


def _to_account(value: Any) -> dict[str, str] | None:
    number = "".join(char for char in str(value or "") if char.isascii() and char.isdecimal())
    return {"accountType": "GOOGLE_ADS", "accountId": number} if number else None
