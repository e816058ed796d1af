"""Google Ads API: offline conversions, for developer tokens that imported some before June 2026."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...exceptions import VendorBusy, VendorRefused
from ..http import VendorHttp
from . import const
from .base import Conversion, Outcome
from .google import GoogleProvider, judge_google, read_error_code


class GoogleAdsConversionProvider(GoogleProvider):
    """Upload click conversions; one bad row does not spoil the others."""

    def deliver(self, conversions: Sequence[Conversion], http: VendorHttp) -> list[Outcome]:
        """Upload and read the partial failures."""
        account = _to_id(self.settings.get("account"))
        if not account:
            raise VendorRefused("account")
        headers = {"developer-token": self.settings.get("developer_token") or ""}
        if login := _to_id(self.settings.get("login_account")):
            headers["login-customer-id"] = login
        token = self.get_access_token(http)
        url = f"{self._get_root(const.GOOGLE_ADS_URL, const.GOOGLE_ADS_VERSION)}/customers/{account}"
        answer = http.post(
            f"{url}:uploadClickConversions", self.build(conversions, account), token=token, headers=headers,
            judge=judge_google,
        )  # fmt: skip
        return self.read(answer.body if isinstance(answer.body, dict) else {}, len(conversions))

    def build(self, conversions: Sequence[Conversion], account: str) -> dict[str, Any]:
        """Return the body of a request."""
        return {"conversions": [self._build_row(item, account) for item in conversions], "partialFailure": True}

    def _build_row(self, conversion: Conversion, account: str) -> dict[str, Any]:
        name, value = self.get_click(conversion)
        row: dict[str, Any] = {
            name: value,
            "conversionAction": f"customers/{account}/conversionActions/{self._get_action(conversion)}",
            "conversionDateTime": f"{conversion.occurred_at:%Y-%m-%d %H:%M:%S}+00:00",
            "orderId": conversion.key,
        }
        if conversion.value and conversion.currency:
            row.update(conversionValue=conversion.value, currencyCode=conversion.currency)
        email, phone = self.get_people(conversion)
        people = [{"hashedEmail": email}] * bool(email) + [{"hashedPhoneNumber": phone}] * bool(phone)
        if people:
            row["userIdentifiers"] = people
        if conversion.has_consent:
            row["consent"] = {"adUserData": "GRANTED"}
        return row

    def read(self, body: Mapping[str, Any], total: int) -> list[Outcome]:
        """Return the outcome of each row of an answer.

        :raise VendorBusy: the answer does not speak of every row
        """
        outcomes = [Outcome("sent", reference=str(body.get("jobId") or ""))] * total
        failure = body.get("partialFailureError")
        if not isinstance(failure, Mapping):
            results = body.get("results")
            if not isinstance(results, list) or len(results) != total:
                raise VendorBusy("unreadable")
            return outcomes
        errors = [
            error for detail in failure.get("details") or [] if isinstance(detail, Mapping)
            for error in detail.get("errors") or [] if isinstance(error, Mapping)
        ]  # fmt: skip
        places = [_read_place(error, total) for error in errors]
        if not errors or None in places:
            # Which rows it is about cannot be read: none may pass as counted.
            return [Outcome("later", "unreadable")] * total
        for place, error in zip(places, errors, strict=True):
            outcomes[place] = _read_error(read_error_code(error))
        return outcomes


def _read_place(error: Mapping[str, Any], total: int) -> int | None:
    location = error.get("location")
    path = location.get("fieldPathElements") if isinstance(location, Mapping) else None
    for element in path if isinstance(path, list) else ():
        if isinstance(element, Mapping) and element.get("fieldName") == "conversions":
            place = element.get("index", 0)
            return place if isinstance(place, int) and 0 <= place < total else None
    return None


def _read_error(word: str) -> Outcome:
    if word in const.GOOGLE_ALREADY_COUNTED:
        return Outcome("sent", "already", word)
    if word in const.GOOGLE_TOO_EARLY:
        return Outcome("later", "too_early", word, retry_after=const.GOOGLE_TOO_EARLY_SECONDS)
    if word in const.GOOGLE_SETUP_ERRORS:
        return Outcome("later", const.GOOGLE_SETUP_ERRORS[word], word)
    return Outcome("refused", const.GOOGLE_REFUSALS.get(word, "refused"), word)


def _to_id(value: Any) -> str:
    """Return a customer id as Google wants it: digits, however it was copied."""
    return "".join(char for char in str(value or "") if char.isascii() and char.isdecimal())
