"""Whom a contact is taken for without asking anybody: to attach it to a stranger is worse than one lead too many."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .contact import Contact
from .contact_keys import contact_keys
from .similarity import DIFFERENT, SAME, classify, compare
from .similarity_parts import Reason

# What two people do not share, however their names are spelt.
_ANCHORS = {"email_same", "identifier_same"}
# What a household or an office may share: good where the names are the same but for their spelling.
_SHARED_ANCHORS = {"phone_same", "phone_national"}
_SAME_NAMES = {"name_same", "name_swapped", "name_nickname", "name_typo"}
_DOUBTS = {"name_differs", "given_name_differs", "surname_differs", "birth_differs", "identifier_differs"}
# A mailbox that says more than its owner's name, at a mistyped provider.
_TELLING_MAILBOX_BITS = 16.0
# So many of a batch are compared with each contact, those with the most and the rarest keys first.
_MOST_COMPARED = 20
_MOST_OF_WEAK = 10


def is_trusted(kind: str, reasons: Iterable[Reason]) -> bool:
    """Tell whether a machine may take two contacts for one, where a person is not asked.

    A high score alone does not do: a surname, a street and a postcode make a family.

    >>> is_trusted("same", [Reason("phone_national", 17.5), Reason("name_typo", 11.0)])
    True
    >>> is_trusted("same", [Reason("name_same", 14.0), Reason("place_street", 8.0), Reason("company_same", 8.0)])
    False
    """
    bits = {reason.code: reason.bits for reason in reasons}
    if kind != SAME or bits.keys() & _DOUBTS:
        return False
    if bits.keys() & _ANCHORS:
        return True
    if not bits.keys() & _SAME_NAMES:
        return False
    return bool(bits.keys() & _SHARED_ANCHORS) or bits.get("email_domain_typo", 0) >= _TELLING_MAILBOX_BITS


@dataclass(frozen=True, slots=True)
class Twin:
    """Something of the same batch that may be the same contact: ``kind`` is ``same`` or ``ask``."""

    item: Any
    score: float
    kind: str
    reasons: tuple[Reason, ...]


class Batch:
    """The contacts of a batch by their keys, to find those that come twice in it.

    :param ask: score from which two may be the same
    :param same: score from which two are taken as the same
    """

    def __init__(self, ask: float, same: float):
        self._ask, self._same = ask, same
        self._met: list[tuple[Any, Contact]] = []
        self._places: dict[int, list[int]] = defaultdict(list)

    def meet(self, item: Any, contact: Contact) -> list[Twin]:
        """Return the earlier ones that the contact may be, the likeliest first, and remember it for the later ones."""
        keys, shared = contact_keys(contact), Counter()
        for key, is_strong in keys.items():
            places = self._places[key]
            if is_strong or len(places) <= _MOST_OF_WEAK:
                shared.update(dict.fromkeys(places, 1 + is_strong))
        twins = [self._judge(contact, place) for place, _count in shared.most_common(_MOST_COMPARED)]
        for key in keys:
            self._places[key].append(len(self._met))
        self._met.append((item, contact))
        return sorted(filter(None, twins), key=lambda twin: -twin.score)

    def _judge(self, contact: Contact, place: int) -> Twin | None:
        item, other = self._met[place]
        found = compare(contact, other)
        kind = classify(found.score, self._ask, self._same)
        return None if kind == DIFFERENT else Twin(item, found.score, kind, found.reasons)
