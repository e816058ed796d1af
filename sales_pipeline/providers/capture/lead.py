"""A captured lead in our own words, and the spellings of its parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

from ...tools.attribution import Attribution
from ...tools.country import to_country_code
from ...tools.email import normalise_email
from ...tools.journey import Journey
from ...tools.phone import is_dialable, to_e164
from ...tools.text import one_line


@dataclass(frozen=True)
class CapturedLead:
    """A lead as every channel delivers it.

    :param name: the person's name; the title of the lead is ``deal_name``
    :param phone: E.164 where it could be read, else as typed
    :param answers: questions without a field of their own, with their answers, kept readable
    :param invalid: names of the inputs that were given but cannot be used
    :param submitted_at: UTC without time zone
    :param own: answers that the mapping gave to fields which the database's owner added to leads, by field name: the
        question as a person reads it, and its answer
    :param outcome: ``won`` or ``lost`` for the history that an import brings
    :param journey: earlier visits, and who sent the person; ``attribution`` is the last visit
    :param is_trapped: a robot filled in what people do not see
    """

    external_id: str = ""
    name: str | None = None
    company_name: str | None = None
    email: str | None = None
    phone: str | None = None
    whatsapp: str | None = None
    job_title: str | None = None
    street: str | None = None
    city: str | None = None
    zip: str | None = None
    region: str | None = None
    country_code: str | None = None
    message: str | None = None
    tags: tuple[str, ...] = ()
    prospective_type: str | None = None
    temperature: str | None = None
    expected_revenue: float | None = None
    attribution: Attribution = field(default_factory=Attribution)
    answers: tuple[tuple[str, str], ...] = ()
    consent: Mapping[str, Any] = field(default_factory=dict)
    submitted_at: datetime | None = None
    is_test: bool = False
    deal_name: str | None = None
    channel: str = "website"
    outcome: str | None = None
    custom: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    invalid: tuple[str, ...] = ()
    journey: Journey = field(default_factory=Journey)
    is_trapped: bool = False

    @property
    def has_contact(self) -> bool:
        """Tell whether the person can be reached at all."""
        return bool(self.email or self.phone or self.whatsapp)

    def vouched(self) -> "CapturedLead":
        """Return this lead without what made it look like a robot's."""
        return replace(self, is_trapped=False, journey=replace(self.journey, fill_seconds=None))


@dataclass
class Contact:
    """The reachable part of a lead, gathered while a payload is read."""

    email: str | None = None
    phone: str | None = None
    whatsapp: str | None = None
    answers: list[tuple[str, str]] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)

    @classmethod
    def from_typed(cls, email: Any, phone: Any, whatsapp: Any, country_code: str | None) -> "Contact":
        """Return the contact in one spelling; what cannot be used is named and kept as an answer."""
        contact = cls()
        contact.email = contact._kept("email", one_line(email), normalise_email)
        contact.phone = contact._kept("phone", one_line(phone), lambda text: _number(text, country_code))
        contact.whatsapp = contact._kept("whatsapp", one_line(whatsapp), lambda text: _number(text, country_code))
        return contact

    def _kept(self, name: str, text: str | None, read) -> str | None:
        value = read(text) if text else None
        if text and not value:
            self.invalid.append(name)
            self.answers.append((name, text))
        return value


def _number(text: str, country_code: str | None) -> str | None:
    # A number whose country is unknown can still be read by a person who calls back.
    return to_e164(text, country_code) or (text if is_dialable(text) else None)


def join_name(*parts: Any) -> str | None:
    """Return the parts of a person's name as one line, or None when all are empty."""
    return one_line(" ".join(filter(None, map(one_line, parts))))


def read_country(value: Any, fallback: str | None = None) -> str | None:
    """Return the code of a country given by code or name."""
    return to_country_code(one_line(value)) or fallback


def read_moment(value: Any) -> datetime | None:
    """Return an ISO 8601 moment as UTC without time zone; one without a zone is taken as UTC.

    >>> read_moment("2026-11-23T08:40:00+01:00")
    datetime.datetime(2026, 11, 23, 7, 40)
    """
    text = one_line(value)
    if not text:
        return None
    try:
        # Python 3.10 does not know the letter Z.
        moment = datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
        return moment.astimezone(timezone.utc).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None
