"""Keys by which contacts that may be the same are found without comparing everybody with everybody.

Two spellings of one contact share at least one key. A key may be shared by strangers: it only proposes, the comparison
decides. So every key joins two things known of a contact, unless one of them is rare by itself.
"""

from collections.abc import Iterator
from zlib import crc32

from .contact import Contact
from .name_tables import FREE_MAIL_DOMAINS
from .names import full_name, sound
from .phone import digits

# Digits that a national and an international spelling of a number have in common.
TAIL = 8
_EDGE = 3
_SHORTEST_MAILBOX = 4


def contact_keys(contact: Contact) -> dict[int, bool]:
    """Return the keys of a contact as 32-bit integers, and whether strangers hardly share each.

    Who shares a strong key is always looked at; a weak key that very many share is passed over. A strong key is an odd
    number, a weak one an even number, so that queries can tell them apart.
    Not to be changed by the caller: a contact is asked for them several times while it is compared and written.
    """
    return contact.kept("_keys", _make_keys)


def _make_keys(contact: Contact) -> dict[int, bool]:
    # two meanings in one number only cost a comparison
    return {(crc32(text.encode()) & ~1 | is_strong) - 2**31: is_strong for is_strong, text in _texts(contact)}


def _texts(contact: Contact) -> Iterator[tuple[bool, str]]:
    yield from _reach_texts(contact)
    yield from _name_texts(contact)
    yield from _place_texts(contact)
    for name, number in contact.identifiers:
        yield True, f"id|{name}|{number}"
    if contact.birth:
        yield False, f"born|{contact.birth}"
    if contact.company and not contact.name:
        yield False, f"firm|{contact.company}"


def _reach_texts(contact: Contact) -> Iterator[tuple[bool, str]]:
    """Ways to be reached: whole, and each half of them beside the initials, for a slip in the other half."""
    initials = "".join(sorted(part[0] for part in _ends(contact.name)))
    if contact.email:
        yield True, f"mail|{contact.email}"
        mailbox = contact.mailbox_letters
        if contact.has_own_mailbox and len(mailbox) >= _SHORTEST_MAILBOX:
            yield False, f"box|{mailbox}"
            if initials:
                yield False, f"box<|{initials}|{mailbox[:_SHORTEST_MAILBOX]}|{contact.mail_domain}"
                yield False, f"box>|{initials}|{mailbox[-_SHORTEST_MAILBOX:]}|{contact.mail_domain}"
    for phone in contact.phones:
        tail = digits(phone)[-TAIL:]
        yield True, f"tel|{tail}"
        if initials:
            yield False, f"tel<|{initials}|{tail[: TAIL // 2]}"
            yield False, f"tel>|{initials}|{tail[-TAIL // 2 :]}"


def _name_texts(contact: Contact) -> Iterator[tuple[bool, str]]:
    """Parts of the name beside the company and the postcode: both edges of each part, since a slip spoils but one."""
    ends = [full_name(part) for part in _ends(contact.name)]
    anchors = [anchor for anchor in (contact.company[: _EDGE * 2], contact.zip) if anchor]
    for part in ends:
        for anchor in anchors:
            yield False, f"name<|{anchor}|{part[:_EDGE]}"
            yield False, f"name>|{anchor}|{part[-_EDGE:]}"
        for line in contact.lines:
            yield False, f"name|{part[:_EDGE]}|{line[: _EDGE * 2]}"
    if len(ends) > 1:
        pair = "|".join(sorted(map(sound, ends)))
        for anchor in (contact.city[: _EDGE * 2], _work_domain(contact), contact.birth[:4]):
            if anchor:
                yield False, f"pair|{pair}|{anchor}"


def _place_texts(contact: Contact) -> Iterator[tuple[bool, str]]:
    for line in contact.lines:
        start = line[: _EDGE * 2]
        if contact.zip:
            yield False, f"line|{start}|{contact.zip}"
        for number in contact.house[:1]:
            yield False, f"door|{start}|{number}"


def _ends(name: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first and the last part of a name; what stands between is often left out."""
    return name if len(name) < 2 else (name[0], name[-1])


def _work_domain(contact: Contact) -> str:
    return "" if contact.mail_domain in FREE_MAIL_DOMAINS else contact.mail_domain
