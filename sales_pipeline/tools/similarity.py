"""How likely two contacts are the same one, and why.

Each thing known of both adds or takes bits of evidence: the logarithm of how much oftener it is seen between
two spellings of one contact than between strangers (I. Fellegi and A. Sunter, "A Theory for Record Linkage", JASA 64,
1969).
The weights are rounded estimates for lists of about 100,000 contacts, not fitted to any list.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from .contact import Contact
from .similarity_parts import (
    Reason,
    compare_births,
    compare_companies,
    compare_emails,
    compare_identifiers,
    compare_names,
    compare_phones,
    compare_places,
)  # fmt: skip

SAME, ASK, DIFFERENT = "same", "ask", "different"
# Evidence that two contacts drawn at random need before they are as likely the same as not.
_PRIOR_BITS = 17
# Things known of one contact hang together, so the sum of their bits says too much.
_SHARED = 2.0
# What a household or an office shares counts less between people whose names contradict.
_SHARED_BY_OTHERS = 0.3
_OF_OTHERS = {"phone", "place", "company"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """``score`` from 0 (strangers) to 1 (the same), and its reasons, the weightiest first."""

    score: float
    reasons: tuple[Reason, ...]


def compare(one: Contact, other: Contact) -> Comparison:
    """Compare two contacts.

    >>> one = Contact(name=("bob", "smith"), phones=("+493023125042",))
    >>> found = compare(one, Contact(name=("smith", "robert"), phones=("03023125042",)))
    >>> round(found.score, 1), [reason.code for reason in found.reasons]
    (1.0, ['phone_national', 'name_swapped'])
    """
    names = compare_names(one.name, other.name)
    reasons = [*names, *_compare_all(one, other, names)]
    codes = {reason.code for reason in reasons}
    contradicts = bool(codes & {"name_differs", "given_name_differs", "surname_differs"})
    # who was born on the same day under the same given name has married
    is_renamed = "surname_differs" in codes and codes & {"birth_same", "identifier_same"}
    if contradicts and not is_renamed:
        reasons = [_weaken(reason) for reason in reasons]
    bits = sum(reason.bits for reason in reasons) - _PRIOR_BITS
    if not one.name and not other.name and "company_same" in codes:
        # nobody to tell apart: the companies themselves are the contacts
        bits += _PRIOR_BITS / 2 + 1
    bits = _bound(bits, codes, contradicts)
    score = 1 / (1 + 2 ** (-bits / _SHARED))
    return Comparison(score, tuple(sorted(reasons, key=lambda reason: -abs(reason.bits))))


def classify(score: float, ask: float, same: float) -> str:
    """Return what a score means under two thresholds.

    >>> [classify(score, 0.5, 0.9) for score in (0.95, 0.6, 0.1)]
    ['same', 'ask', 'different']
    """
    return SAME if score >= same else ASK if score >= ask else DIFFERENT


def _compare_all(one: Contact, other: Contact, names: list[Reason]) -> Iterator[Reason]:
    yield from compare_emails(one, other, names)
    yield from compare_phones(one.phones, other.phones)
    yield from compare_companies(one, other)
    yield from compare_identifiers(one.identifiers, other.identifiers)
    yield from compare_births(one.birth, other.birth)
    yield from compare_places(one, other)


def _weaken(reason: Reason) -> Reason:
    if reason.about in _OF_OTHERS and reason.bits > 0:
        return Reason(reason.code, reason.bits * _SHARED_BY_OTHERS, reason.value)
    return reason


def _bound(bits: float, codes: set[str], contradicts: bool) -> float:
    """Keep a person's eye on what the numbers alone would decide too boldly."""
    if contradicts and not codes & {"identifier_same", "birth_same"}:
        # couples share mailboxes, colleagues telephones
        bits = min(bits, 4.0)
    if "email_same" in codes:
        bits = max(bits, 0.5)
    return bits
