"""What every ad platform has in common that hears what became of the clicks it sold.

Plain Python: conversions in, one outcome each out. Nothing here knows records; the model stores what is said.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from hashlib import sha256
from typing import Any

from ...exceptions import VendorBusy, VendorError, VendorRefused
from ...tools.email import normalise_email
from ...tools.phone import digits
from ..http import VendorHttp

# What is wrong with credentials or settings: not the fault of the conversion, which is sent once they are mended.
SETUP_CODES = {
    "token", "token_missing", "permission", "account", "action", "terms", "road_closed", "developer_token", "address",
    "insecure_address", "redirected", "request", "gone",
}  # fmt: skip
_GMAIL = {"gmail.com", "googlemail.com"}


@dataclass(frozen=True)
class Conversion:
    """A lead that got somewhere.

    :param key: the same in every repetition; the platform counts it once
    :param stage: ``qualified`` or ``won``
    :param occurred_at: UTC without time zone
    :param click_ids: by the platforms' own names
    :param clicked_at: when the click was noted, UTC without time zone
    :param vendor_lead_id: the platform's own id of a lead from its lead form
    :param phone: E.164
    :param currency: ISO 4217
    :param has_consent: whether the person agreed; None when nobody asked
    :param refusal: why it must not be sent after all
    """

    key: str
    stage: str
    occurred_at: datetime
    click_ids: Mapping[str, str] = field(default_factory=dict)
    clicked_at: datetime | None = None
    vendor_lead_id: str | None = None
    email: str | None = None
    phone: str | None = None
    value: float | None = None
    currency: str | None = None
    has_consent: bool | None = None
    refusal: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one conversion.

    :param state: ``sent``, ``refused`` (for good) or ``later``
    :param code: short word of ours for the reason
    :param vendor_code: the platform's own word
    :param reference: what the platform calls the request
    :param retry_after: seconds that the platform asks to wait
    """

    state: str
    code: str = ""
    vendor_code: str = ""
    reference: str = ""
    retry_after: int | None = None


class ConversionProvider(ABC):
    """The contract of a platform.

    :param settings: ``account``, ``actions`` (stage -> the platform's name or id of it), credentials, and optionally
        ``base_url`` and ``api_version``
    """

    click_names: tuple[str, ...] = ()
    max_batch = 1000

    def __init__(self, settings: Mapping[str, Any]):
        self.settings = settings

    def is_theirs(self, conversion: Conversion) -> bool:
        """Tell whether the platform sold the click or the form that this lead came by."""
        return bool(self.get_click(conversion))

    def send(self, conversions: Sequence[Conversion], http: VendorHttp, now: datetime) -> list[Outcome]:
        """Tell the platform, and return one outcome a conversion, in order.

        :param now: UTC without time zone
        """
        outcomes = {place: self.check(conversion, now) for place, conversion in enumerate(conversions)}
        open_places = [place for place, outcome in outcomes.items() if outcome is None]
        for start in range(0, len(open_places), self.max_batch):
            places = open_places[start : start + self.max_batch]
            answers = self._try([conversions[place] for place in places], http)
            outcomes.update(zip(places, answers, strict=True))
        return [outcomes[place] for place in range(len(conversions))]

    def check(self, conversion: Conversion, now: datetime) -> Outcome | None:
        """Return why a conversion is not even offered, or nothing."""
        if conversion.refusal:
            return Outcome("refused", conversion.refusal)
        if not self.is_theirs(conversion):
            return Outcome("refused", "no_click")
        if not self._get_action(conversion):
            return Outcome("later", "action")
        return None

    def _try(self, conversions: list[Conversion], http: VendorHttp) -> list[Outcome]:
        try:
            outcomes = self.deliver(conversions, http)
        except VendorError as error:
            if isinstance(error, VendorRefused) and error.code not in SETUP_CODES and len(conversions) > 1:
                # One bad row spoils the request of a platform that takes all or nothing: each shall answer for itself.
                return self._try_one_by_one(conversions, http)
            return [to_outcome(error)] * len(conversions)
        return outcomes

    def _try_one_by_one(self, conversions: list[Conversion], http: VendorHttp) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for conversion in conversions:
            outcomes += self._try([conversion], http)
            if outcomes[-1].state == "later":
                # Whoever does not answer now would let each of the others wait as long.
                return outcomes + [outcomes[-1]] * (len(conversions) - len(outcomes))
        return outcomes

    @abstractmethod
    def deliver(self, conversions: Sequence[Conversion], http: VendorHttp) -> list[Outcome]:
        """Send one request and read its answer row by row.

        :raise VendorBusy: nothing is known of the request; all may be repeated under their keys
        :raise VendorRefused: the request was refused as a whole
        """

    def _get_action(self, conversion: Conversion) -> str:
        return (self.settings.get("actions") or {}).get(conversion.stage) or ""

    def get_click(self, conversion: Conversion) -> tuple[str, str] | None:
        """Return name and value of the click id that counts most with this platform."""
        found = ((name, conversion.click_ids.get(name)) for name in self.click_names)
        return next(((name, value) for name, value in found if value), None)

    def _get_root(self, url: str, version: str) -> str:
        base = (self.settings.get("base_url") or url).rstrip("/")
        return f"{base}/{self.settings.get('api_version') or version}"


def to_outcome(error: VendorError) -> Outcome:
    """Return what an error means for every conversion of its request."""
    is_final = isinstance(error, VendorRefused) and error.code not in SETUP_CODES
    return Outcome(
        "refused" if is_final else "later", error.code, str(error.vendor_code or ""), retry_after=error.retry_after
    )


def to_error(outcome: Outcome) -> VendorBusy:
    """Return the error that brings a postponed conversion back to the lane."""
    return VendorBusy(outcome.code, vendor_code=outcome.vendor_code, retry_after=outcome.retry_after)


def hash_email(email: str | None, folds_gmail: bool = False) -> str | None:
    """Return the SHA-256 of an address, in lower case and without blanks, as hex.

    :param folds_gmail: leave out dots and ``+tag`` of Gmail addresses, as Google asks

    >>> hash_email(" John_Smith@gmail.com ")
    '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f'
    """
    address = normalise_email(email)
    if not address:
        return None
    local, _at, domain = address.partition("@")
    if folds_gmail and domain in _GMAIL:
        address = f"{local.partition('+')[0].replace('.', '')}@{domain}"
    return sha256(address.encode()).hexdigest()


def hash_phone(phone: str | None, has_plus: bool) -> str | None:
    """Return the SHA-256 of a number in E.164, with or without its plus sign, as hex; nothing for other numbers.

    >>> hash_phone("+16505551212", has_plus=False)
    'e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176'
    """
    if not phone or not re.fullmatch(r"\+[1-9]\d{6,14}", phone):
        return None
    return sha256(f"{'+' if has_plus else ''}{digits(phone)}".encode()).hexdigest()


def to_timestamp(moment: datetime) -> int:
    """Return the Unix time in seconds of a moment in UTC."""
    return int(moment.replace(tzinfo=timezone.utc).timestamp())
