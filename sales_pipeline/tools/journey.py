"""What the embed script tells with a form: how somebody first came, how they came last, who sent them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ..exceptions import MalformedBody
from .attribution import Attribution, from_landing
from .json_body import read_object
from .text import one_line

# A browser keeps what it is told to keep; nobody remembers longer than this.
_MAX_AGE = timedelta(days=400)
_MAX_CHARACTERS = 16_000


@dataclass(frozen=True)
class Visit:
    """One arrival on the website.

    :param age: time between the arrival and the sending of the form
    """

    attribution: Attribution
    age: timedelta = timedelta()


@dataclass(frozen=True)
class Journey:
    """The visits of one person until they sent a form; everything may be unknown.

    :param first: left out where it is the same visit as the last
    :param fill_seconds: time between the page's start and the sending
    """

    first: Visit | None = None
    last: Visit | None = None
    referral_code: str | None = None
    fill_seconds: float | None = None


def read_journey(value: Any) -> Journey:
    """Return the journey that a form carries as JSON text or as an object; what cannot be read is left out.

    >>> told = '{"first": {"url": "https://a.example/?utm_source=x", "seconds": 60}, "last": {"url": "https://a.example/b"}}'
    >>> journey = read_journey(told)
    >>> journey.first.attribution.utm_source, journey.first.age.seconds, journey.last.attribution.landing_page_url
    ('x', 60, 'https://a.example/b')
    """
    found = _read_object(value)
    first, last = _read_visit(found.get("first")), _read_visit(found.get("last"))
    seconds = found.get("fill_seconds")
    return Journey(
        first=first if first and last and first.attribution != last.attribution else None,
        last=last or first,
        referral_code=one_line(found.get("ref"), 32),
        fill_seconds=float(seconds) if _is_number(seconds) else None,
    )


def _read_object(value: Any) -> Mapping[str, Any]:
    if isinstance(value, str) and len(value) <= _MAX_CHARACTERS:
        try:
            return read_object(value.encode("utf-8", "replace"), max_depth=3, max_keys=20)
        except MalformedBody:
            return {}
    return value if isinstance(value, Mapping) else {}


def _read_visit(value: Any) -> Visit | None:
    if not isinstance(value, Mapping):
        return None
    attribution = from_landing(one_line(value.get("url"), 8_000), one_line(value.get("referrer"), 2048))
    seconds = value.get("seconds")
    age = min(max(seconds, 0), _MAX_AGE.total_seconds()) if _is_number(seconds) else 0
    return Visit(attribution, timedelta(seconds=int(age))) if attribution else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
