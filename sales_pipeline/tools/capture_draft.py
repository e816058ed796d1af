"""A captured contact on its way to become a lead or a touch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from html import escape
from typing import Any

from ..exceptions import CaptureRefused
from .assignment import Decision
from .attribution import UTM_FIELDS, Attribution
from .contact import Contact, make_contact
from .contact_keys import contact_keys
from .duplicates import Candidate
from .email import normalise_email
from .gate import Twin
from .phone import to_e164

_VISIT_WORDS = (*UTM_FIELDS, "referrer_url", "landing_page_url")


@dataclass(frozen=True)
class CaptureResult:
    """What became of one captured contact.

    ``outcome`` is ``created``, ``duplicate``, ``refused`` or ``test``; ``field`` and ``code`` say what a refusal is
    about; ``has_no_contact`` tells that nobody can be reached on the new lead; ``likeness`` whom a duplicate was taken
    for although nothing is exactly the same, or whom a new lead resembles.
    """

    outcome: str
    lead_id: int | None = None
    field: str | None = None
    code: str | None = None
    has_no_contact: bool = False
    likeness: Candidate | None = None


@dataclass(frozen=True)
class Referral:
    """Who sent somebody here: the lead source that stands for the referrer, and the referrer (ids)."""

    source_id: int
    partner_id: int


class CaptureDraft:
    """A captured contact with normalised values.

    :param captured: the ``CapturedLead`` of a provider
    :param index: its place in the batch
    :param country_code: country of numbers written without a country code (ISO 3166 alpha-2)
    """

    def __init__(self, captured, index: int, country_code: str | None):
        self.captured = captured
        self.index = index
        self.country_code = (captured.country_code or "").upper() or None
        self.email = normalise_email(captured.email or "")
        self.phone = to_e164(captured.phone or "", self.country_code or country_code)
        self.whatsapp = to_e164(captured.whatsapp or "", self.country_code or country_code)
        self.referral: Referral | None = None
        self.decision: Decision | None = None
        self._default_country_code = country_code
        # What the gate finds out.
        self.followers: list[CaptureDraft] = []
        self.similar: list[Candidate] = []
        self.twins: list[Twin] = []
        self.match: Candidate | Twin | None = None
        self.lead_id: int | None = None

    @property
    def keys(self) -> list[str]:
        """The values by which an exact duplicate is recognised."""
        return [key for key in (self.email, self.phone) if key]

    @cached_property
    def contact(self) -> Contact:
        """The contact in the form in which spellings are compared."""
        captured = self.captured
        countries = [code for code in (self.country_code, self._default_country_code) if code]
        texts = {
            "email": self.email, "phone": self.phone or captured.phone, "whatsapp": self.whatsapp or captured.whatsapp,
            "name": captured.name, "company": captured.company_name, "street": captured.street, "zip": captured.zip,
            "city": captured.city, "country": self.country_code,
        }  # fmt: skip
        return _read_contact(tuple(texts.items()), tuple(dict.fromkeys(countries)))

    @property
    def lock_keys(self) -> list[str]:
        """The values that no two spellings of one contact may be worked on by at once."""
        contact = self.contact
        strong = (str(number) for number, is_strong in contact_keys(contact).items() if is_strong)
        # Whoever has the same address or number has its strong key as well: a second lock would say nothing more.
        is_told = {self.email: bool(contact.email), self.phone: self.phone in contact.phones}
        return [*(key for key in self.keys if not is_told[key]), *strong]

    def get_candidates(self) -> list[Candidate]:
        """Return whom this resembles, the likeliest first; the leads of its batch must have been made."""
        twins = [_as_candidate(twin) for twin in self.twins]
        return sorted([*self.similar, *twins], key=lambda one: -one.score)

    def get_likeness(self) -> Candidate | None:
        """Return whom a duplicate was taken for, or whom a new lead resembles most; nobody after an exact match."""
        if self.match:
            return _as_candidate(self.match) if isinstance(self.match, Twin) else self.match
        return next(iter(self.get_candidates()), None)

    def get_refusal(self, source) -> CaptureResult | None:
        """Return why this contact becomes no lead, or nothing."""
        if self.captured.is_test:
            return CaptureResult("test")
        try:
            self._check(source)
        except CaptureRefused as refusal:
            return CaptureResult("refused", field=refusal.field, code=refusal.code)
        return None

    def _check(self, source) -> None:
        captured = self.captured
        if captured.is_trapped:
            raise CaptureRefused("pipeline_website", "spam")
        seconds = captured.journey.fill_seconds
        # Who does without the script says nothing of the time, and is let in.
        if seconds is not None and seconds < source.min_fill_seconds:
            raise CaptureRefused("fill_seconds", "spam")
        if source.name_required and not (captured.name or captured.deal_name or captured.company_name):
            raise CaptureRefused("name")
        if source.contact_required and not (self.keys or self.whatsapp):
            unusable = [
                name for name in ("email", "phone", "whatsapp") if getattr(captured, name) or name in captured.invalid
            ]
            raise CaptureRefused(unusable[0], "invalid") if unusable else CaptureRefused("email or phone")

    def prepare_contact_values(self) -> dict[str, Any]:
        """Return who this is and how to reach them, as values of a lead."""
        captured = self.captured
        return {
            "contact_name": captured.name,
            "partner_name": captured.company_name,
            "email_from": self.email or captured.email,
            "phone": self.phone or captured.phone,
            "whatsapp": self.whatsapp or captured.whatsapp,
            "function": captured.job_title,
            "street": captured.street,
            "city": captured.city,
            "zip": captured.zip,
            "prospective_type": captured.prospective_type,
            "temperature": captured.temperature,
            "expected_revenue": captured.expected_revenue,
            "description": self._get_description(),
        }

    def _get_description(self) -> str | None:
        """Return what was written and answered, as safe HTML; questions we have no field for stay readable."""
        captured = self.captured
        parts = [f"<p>{escape(line)}</p>" for line in (captured.message or "").splitlines() if line.strip()]
        answers = [
            f"<li><b>{escape(question)}</b>: {escape(answer)}</li>" for question, answer in captured.answers if answer
        ]
        return "".join([*parts, f"<ul>{''.join(answers)}</ul>" if answers else ""]) or None

    def prepare_touch_values(self, lead, source, now: datetime) -> dict[str, Any]:
        """Return the values of the touch that this arrival is; nothing happened later than ``now`` (UTC)."""
        captured = self.captured
        return {
            "lead_id": lead.id,
            **self.prepare_origin_values(source),
            "occurred_at": min(captured.submitted_at or now, now),
            "external_id": captured.external_id,
            **_prepare_visit_values(captured.attribution),
            "consent": dict(captured.consent) or False,
            "consent_text": captured.consent.get("text") or source.consent_text,
            "company_id": source.company_id.id,
        }

    def prepare_origin_values(self, source) -> dict[str, Any]:
        """Return by which source and channel somebody came, as values of a lead or a touch."""
        channel = self.captured.channel or source.capture_channel
        if not self.referral:
            return {"pipeline_source_id": source.id, "capture_channel": channel}
        return {
            "pipeline_source_id": self.referral.source_id,
            "capture_channel": "referral",
            "referrer_partner_id": self.referral.partner_id,
        }

    def prepare_touches(
        self, lead, source, now: datetime, told: Iterable[Mapping[str, Any]] = ()
    ) -> list[dict[str, Any]]:
        """Return the touches of this arrival, in order: the first visit with its own time, then the arrival itself.

        :param told: touches of the lead, records or values; a first visit among them is not told again
        """
        arrival = self.prepare_touch_values(lead, source, now)
        first = self.captured.journey.first
        if first is None:
            return [arrival]
        earlier = {
            **arrival,
            "pipeline_source_id": source.id,
            "capture_channel": self.captured.channel or source.capture_channel,
            "referrer_partner_id": False,
            "consent": False,
            "consent_text": False,
            "occurred_at": arrival["occurred_at"] - first.age,
            **_prepare_visit_values(first.attribution),
        }
        is_told = any(_get_visit(touch) == _get_visit(earlier) for touch in told)
        return [arrival] if is_told else [earlier, arrival]


@lru_cache(maxsize=1024)
def _read_contact(texts: tuple[tuple[str, str | None], ...], countries: tuple[str, ...]) -> Contact:
    """Return a normalised contact; a batch asks for each twice, for its locks and for its duplicates."""
    return make_contact(dict(texts), countries)


def _as_candidate(twin: Twin) -> Candidate:
    return Candidate("crm.lead", twin.item.lead_id, twin.score, twin.kind, twin.reasons)


def _prepare_visit_values(utm: Attribution) -> dict[str, Any]:
    return {
        **{name: getattr(utm, name) for name in _VISIT_WORDS},
        "click_ids": dict(utm.click_ids) or False,
    }


def _get_visit(touch: Mapping[str, Any]) -> tuple:
    return (*(touch[name] or None for name in _VISIT_WORDS), touch["click_ids"] or None)
