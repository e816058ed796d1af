"""What each thing known of two contacts says about their being the same."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from rapidfuzz.distance import OSA

from .contact import Contact
from .contact_keys import TAIL
from .name_tables import FREE_MAIL_DOMAINS
from .names import is_nickname, sound
from .phone import calling_code, digits


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding: ``code`` for the words a model chooses, ``bits`` of evidence, the ``value`` it is about."""

    code: str
    bits: float
    value: str = ""

    @property
    def about(self) -> str:
        """The thing that was compared: the first word of the code."""
        return self.code.partition("_")[0]


# ---- names

# How two parts of a name are alike: bits of a given name and of a surname.
_EXACT, _NICKNAME, _TYPO, _SOUND, _INITIAL = range(5)
_PART_BITS = {_EXACT: (6.0, 8.0), _NICKNAME: (5.0, 5.0), _TYPO: (4.5, 6.5), _SOUND: (3.0, 4.5), _INITIAL: (2.0, 2.0)}
_NAME_CODES = {_NICKNAME: "name_nickname", _TYPO: "name_typo", _SOUND: "name_sound", _INITIAL: "name_initial"}


def compare_names(one: tuple[str, ...], other: tuple[str, ...]) -> list[Reason]:
    """Compare two people's names part by part, in any order."""
    if not one or not other:
        return []
    if len(one) != len(other) and is_slip("".join(one), "".join(other)):
        # a space too many or too few
        return [Reason("name_typo", 11.0, " ".join(other))]
    pairs = _match_parts(one, other)
    if not pairs:
        return [Reason("name_differs", -7.0, " ".join(other))]
    kinds = [kind for kind, *_places in pairs]
    bits = sum(_PART_BITS[kind][_is_surname(at, one)] for kind, at, _to in pairs)
    is_swapped = any(_is_surname(at, one) != _is_surname(to, other) for _kind, at, to in pairs)
    code = (
        "name_swapped" if is_swapped and len(one) > 1 and len(other) > 1 else _NAME_CODES.get(max(kinds), "name_same")
    )
    reasons = [Reason(code, bits - (1.0 if code == "name_swapped" else 0.0), " ".join(other))]
    if len(one) > len(pairs) and len(other) > len(pairs):
        lost_given = 0 not in {at for _kind, at, _to in pairs}
        reasons.append(Reason("given_name_differs" if lost_given else "surname_differs", -4.0, " ".join(other)))
    return reasons


def _match_parts(one: tuple[str, ...], other: tuple[str, ...]) -> list[tuple[int, int, int]]:
    """Pair the parts of two names, the most alike first: kind of likeness, place in the one, place in the other."""
    found = sorted(
        (kind, abs(at - to), at, to)
        for (at, part), (to, twin) in product(enumerate(one), enumerate(other))
        if (kind := _part_kind(part, twin)) is not None
    )
    pairs, used_one, used_other = [], set(), set()
    for kind, _distance, at, to in found:
        if at not in used_one and to not in used_other:
            pairs.append((kind, at, to))
            used_one.add(at)
            used_other.add(to)
    return pairs


def _part_kind(one: str, other: str) -> int | None:
    if one == other:
        return _EXACT
    if len(one) == 1 or len(other) == 1:
        return _INITIAL if one[0] == other[0] else None
    if is_nickname(one, other):
        return _NICKNAME
    if is_slip(one, other):
        return _TYPO
    alike = len(one) > 3 and len(other) > 3 and one[0] == other[0] and sound(one) == sound(other)
    return _SOUND if alike and OSA.normalized_similarity(one, other) >= 0.5 else None


def _is_surname(place: int, name: tuple[str, ...]) -> bool:
    return place > 0 and place == len(name) - 1


def is_slip(one: str, other: str) -> bool:
    """Tell whether two words differ by no more than typing errors: one in four letters, two in seven.

    >>> is_slip("berry", "bery"), is_slip("waller", "wlaelr"), is_slip("luke", "mia"), is_slip("anna", "hanna")
    (True, True, False, True)
    """
    longest = max(len(one), len(other))
    allowed = 0 if longest < 3 else 1 if longest < 6 else 2 if longest < 12 else 3
    return OSA.distance(one, other, score_cutoff=allowed) <= allowed


# ---- ways to be reached

_DIGITS = re.compile(r"[0-9]+")


def compare_emails(one: Contact, other: Contact, names: list[Reason]) -> Iterator[Reason]:
    """Compare the mailboxes; a shared domain says nothing about people."""
    if not one.email or not other.email:
        return
    if one.email == other.email:
        own = one.has_own_mailbox
        yield Reason("email_same" if own else "email_role_same", 25.0 if own else 12.0, other.email)
    elif one.mailbox_letters == other.mailbox_letters and one.has_own_mailbox:
        slip = is_slip(one.mail_domain, other.mail_domain)
        yield Reason("email_domain_typo" if slip else "email_mailbox_same", _box_bits(one, slip), other.email)
    elif one.mail_domain == other.mail_domain:
        slip = len(one.mailbox) >= 5 and is_slip(one.mailbox_letters, other.mailbox_letters)
        # anna@ and hanna@ of one company are two people, if their names say so
        if slip and not any(reason.bits < 0 for reason in names):
            yield Reason("email_typo", _slip_bits(one, other), other.email)
        else:
            yield Reason("email_differs", -3.0, other.email)
    else:
        yield Reason("email_differs", -1.5, other.email)


def _box_bits(contact: Contact, is_domain_slip: bool) -> float:
    """Weigh one mailbox at two domains: little where it only repeats the name, which was weighed already."""
    box = contact.mailbox_letters
    if len(box) < 5 or _repeats_name(contact, box):
        return 8.0 if is_domain_slip else 0.0
    return 16.0 if is_domain_slip else 7.0


def _slip_bits(one: Contact, other: Contact) -> float:
    """Weigh a slip in a mailbox: at a big provider ann.marsh12 and ann.marsh13 are two people of one name."""
    bare = _DIGITS.sub("", one.mailbox_letters)
    is_numbered = bare == _DIGITS.sub("", other.mailbox_letters) and _repeats_name(one, bare)
    return 3.5 if is_numbered else 12.0


def _repeats_name(contact: Contact, letters: str) -> bool:
    """Tell whether letters are no more than the contact's name, or its surname with an initial."""
    if not contact.name:
        return False
    first, last = contact.name[0], contact.name[-1]
    whole = "".join(contact.name), "".join(reversed(contact.name))
    return letters in {*whole, *contact.name, first[0] + last, first + last[0]}


def compare_phones(one: tuple[str, ...], other: tuple[str, ...]) -> Iterator[Reason]:
    """Compare the likest two of the numbers."""
    found = [_compare_phone(number, twin) for number, twin in product(one, other)]
    if found:
        yield max(found, key=lambda reason: reason.bits)


def _compare_phone(one: str, other: str) -> Reason:
    if one == other:
        return Reason("phone_same", 18.0, other)
    bare = digits(one).lstrip("0"), digits(other).lstrip("0")
    tails = bare[0][-TAIL:], bare[1][-TAIL:]
    if tails[0] == tails[1] and len(tails[0]) == TAIL and (_may_be_national(one, other) or _is_misplaced(one, other)):
        return Reason("phone_national", 17.5, other)
    if min(map(len, bare)) >= 7 and OSA.distance(*bare, score_cutoff=1) <= 1:
        return Reason("phone_typo", 8.0, other)
    if OSA.distance(*tails, score_cutoff=1) <= 1 and _may_be_national(one, other):
        return Reason("phone_typo", 7.0, other)
    return Reason("phone_differs", -1.5, other)


def _is_misplaced(one: str, other: str) -> bool:
    """Tell whether two numbers differ in their countries only: one of these was a guess."""
    return digits(one)[-TAIL - 1 :] == digits(other)[-TAIL - 1 :] and 0 < calling_code(one) != calling_code(other) > 0


def _may_be_national(one: str, other: str) -> bool:
    """Tell whether the longer number may be the shorter one with its country in front."""
    if one.startswith("+") and other.startswith("+"):
        return False
    short, long = sorted((digits(one).lstrip("0"), digits(other).lstrip("0")), key=len)
    return OSA.distance(long[-len(short) :], short, score_cutoff=1) <= 1


# ---- companies and identifiers


def compare_companies(one: Contact, other: Contact) -> Iterator[Reason]:
    """Compare the companies by name, else by the domain of their mail."""
    if one.company and other.company:
        if one.company == other.company:
            yield Reason("company_same", 8.0, other.company)
        elif _is_alike(one.company, other.company):
            yield Reason("company_similar", 6.0, other.company)
        else:
            yield Reason("company_differs", -1.5, other.company)
    elif one.mail_domain and one.mail_domain == other.mail_domain and one.mail_domain not in FREE_MAIL_DOMAINS:
        yield Reason("company_domain", 5.0, other.mail_domain)


def _is_alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return is_slip(one, other) or (len(short) >= 5 and long.startswith(short))


def compare_identifiers(one: tuple[tuple[str, str], ...], other: tuple[tuple[str, str], ...]) -> Iterator[Reason]:
    """Compare customer and national numbers of the same name."""
    known = dict(one)
    for name, number in other:
        if name not in known:
            continue
        if known[name] == number:
            yield Reason("identifier_same", 18.0, name)
        elif len(number) >= 5 and OSA.distance(known[name], number, score_cutoff=1) <= 1:
            yield Reason("identifier_typo", 11.0, name)
        else:
            yield Reason("identifier_differs", -4.0, name)


def compare_births(one: str, other: str) -> Iterator[Reason]:
    """Compare the days of birth; day and month are often swapped."""
    if not one or not other:
        return
    if one == other:
        yield Reason("birth_same", 11.0, other)
    elif OSA.distance(one, other, score_cutoff=1) <= 1 or one == other[:4] + other[6:] + other[4:6]:
        yield Reason("birth_typo", 7.0, other)
    else:
        yield Reason("birth_differs", -4.0, other)


# ---- places


def compare_places(one: Contact, other: Contact) -> Iterator[Reason]:
    """Compare addresses: lines in any order, house numbers, postcode, city."""
    areas = [
        *_compare_word("place_zip", one.zip, other.zip, (7.0, 4.0, -2.0)),
        *_compare_word("place_city", one.city, other.city, (3.0, 2.5, -1.0)),
    ]
    lines = [_line_bits(line, twin) for line, twin in product(one.lines, other.lines)]
    if lines:
        # every town has its station road
        is_elsewhere = len(areas) > 1 and all(reason.bits < 0 for reason in areas)
        best = (min(max(lines), 3.0) if is_elsewhere else max(lines)) or -2.0
        yield Reason("place_street" if best > 0 else "place_street_differs", best, " ".join(other.lines))
        if best > 0 and one.house and other.house:
            is_same = bool(set(one.house) & set(other.house))
            yield Reason("place_house" if is_same else "place_house_differs", 2.0 if is_same else -1.0)
    yield from areas
    yield from _compare_word("place_state", one.state, other.state, (0.5, 0.0, -0.5))
    if one.country and other.country and one.country != other.country:
        yield Reason("place_country_differs", -2.0, other.country)


def _line_bits(one: str, other: str) -> float:
    return 8.0 if one == other else 7.0 if len(one) > 3 and is_slip(one, other) else 0.0


def _compare_word(code: str, one: str, other: str, bits: tuple[float, float, float]) -> Iterator[Reason]:
    """Compare two words: bits if they are the same, differ by a slip, or more."""
    if one and other:
        same, slip, differs = bits
        if one == other:
            yield Reason(code, same, other)
        elif OSA.distance(one, other, score_cutoff=1) <= 1 or (len(one) > 5 and is_slip(one, other)):
            yield Reason(f"{code}_typo", slip, other)
        else:
            yield Reason(f"{code}_differs", differs, other)
