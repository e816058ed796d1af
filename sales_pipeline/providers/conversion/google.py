"""What both of Google's interfaces for conversions share: signing in, click ids, hashed people, error details."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...exceptions import VendorBusy, VendorError, VendorRefused
from ..http import MAX_WAIT_SECONDS, Answer, VendorHttp, judge_status
from . import const
from .base import Conversion, ConversionProvider, hash_email, hash_phone


class GoogleProvider(ConversionProvider):
    """Sign in with a refresh token, once a request."""

    # One of them, the surest first: Google takes a click by one id only.
    click_names = ("gclid", "gbraid", "wbraid")
    max_batch = 2000

    def get_access_token(self, http: VendorHttp) -> str:
        """Exchange the refresh token for one of an hour.

        :raise VendorRefused: ``token_missing`` or ``token``
        """
        names = ("client_id", "client_secret", "refresh_token")
        form = {name: self.settings.get(name) or "" for name in names}
        if not all(form.values()):
            raise VendorRefused("token_missing")
        base = self.settings.get("base_url")
        url = f"{base.rstrip('/')}/token" if base else const.GOOGLE_TOKEN_URL
        answer = http.post(url, form={**form, "grant_type": "refresh_token"}, judge=judge_sign_in)
        token = answer.body.get("access_token") if isinstance(answer.body, dict) else None
        if not isinstance(token, str) or not token:
            raise VendorBusy("unreadable", answer.status)
        return token

    def get_people(self, conversion: Conversion) -> tuple[str | None, str | None]:
        """Return hashed e-mail and phone; iOS click ids stand alone, since they must not point at a person."""
        name, _value = self.get_click(conversion)
        if name != "gclid":
            return None, None
        return hash_email(conversion.email, folds_gmail=True), hash_phone(conversion.phone, has_plus=True)


def judge_sign_in(answer: Answer) -> VendorError | None:
    """Return the error that Google's sign-in means; a 400 there is about the credentials."""
    error = judge_status(answer)
    if not isinstance(error, VendorRefused):
        return error
    word = answer.body.get("error") if isinstance(answer.body, dict) else None
    return VendorRefused("token", answer.status, vendor_code=word if isinstance(word, str) else None)


def judge_google(answer: Answer) -> VendorError | None:
    """Return the error that an answer of a Google API means; its own words decide, then the status."""
    error = judge_status(answer)
    if error is None:
        return None
    words = list(read_words(answer.body))
    setup = next((word for word in words if word in const.GOOGLE_SETUP_ERRORS), None)
    if setup:
        return VendorRefused(const.GOOGLE_SETUP_ERRORS[setup], answer.status, vendor_code=setup)
    word = words[-1] if words else None
    if isinstance(error, VendorRefused):
        return VendorRefused(error.code, error.status, vendor_code=word)
    wait = error.retry_after or read_retry_delay(answer.body)
    return VendorBusy(error.code, error.status, vendor_code=word, retry_after=wait)


def read_words(body: Any) -> Iterator[str]:
    """List the error words of a body, from the status down to the details."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, Mapping):
        return
    if isinstance(error.get("status"), str):
        yield error["status"]
    for detail in _mappings(error.get("details")):
        if isinstance(detail.get("reason"), str):
            yield detail["reason"]
        for violation in _mappings(detail.get("fieldViolations")):
            if isinstance(violation.get("reason"), str):
                yield violation["reason"]
        for failure in _mappings(detail.get("errors")):
            yield read_error_code(failure)


def read_error_code(failure: Mapping[str, Any]) -> str:
    """Return the word of one GoogleAdsError, whatever enumeration it is of."""
    code = failure.get("errorCode")
    words = list(code.values()) if isinstance(code, Mapping) else []
    return str(words[0]) if words else "UNKNOWN"


def read_retry_delay(body: Any) -> int | None:
    """Return the seconds of a ``retryDelay`` among the details."""
    error = body.get("error") if isinstance(body, dict) else None
    for detail in _mappings(error.get("details")) if isinstance(error, Mapping) else ():
        delay = str(detail.get("retryDelay") or "").removesuffix("s").partition(".")[0]
        if delay.isdecimal() and delay.isascii():
            return min(int(delay[:9]), MAX_WAIT_SECONDS)
    return None


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
