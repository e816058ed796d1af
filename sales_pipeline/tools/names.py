"""Names of people and companies, brought to a form in which two spellings can be compared."""

import re
import unicodedata
from functools import lru_cache

from .name_tables import LEGAL_FORMS, NICKNAMES, STREET_WORDS, TITLES

_APOSTROPHES = re.compile(r"['’`´ʼ]")
_WORD = re.compile(r"[^\W_]+")
_ODD_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_MOST_PARTS = 6

# Letters that are heard alike share a class; vowels count only at the beginning.
_SOUNDS = {
    **dict.fromkeys("bpfvw", "1"), **dict.fromkeys("cgjkqsxz", "2"), **dict.fromkeys("dt", "3"),
    "l": "4", "m": "5", "n": "5", "r": "6",
}  # fmt: skip
_HEARD_AS = (
    ("ph", "f"), ("ght", "t"), ("gh", "g"), ("kn", "n"), ("wr", "r"), ("sch", "s"), ("ck", "k"), ("tz", "z"),
    ("mc", "mac"),
)  # fmt: skip


def fold(text: str | None) -> str:
    """Return a text in lower case without accents, with single spaces.

    >>> fold("  Zoë  MÜLLER-Ørsted ")
    'zoe muller-orsted'
    """
    if text and text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", (text or "").casefold().translate(_ODD_LETTERS))
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())


def words(text: str | None) -> list[str]:
    """Return the folded words of a text.

    >>> words("O'Brien, Anne-Marie")
    ['obrien', 'anne', 'marie']
    """
    return _WORD.findall(_APOSTROPHES.sub("", fold(text)))


def name_parts(text: str | None) -> tuple[str, ...]:
    """Return the parts of a person's name without titles, given name first where it was written so.

    >>> name_parts("Dr. Ada King"), name_parts("King, Ada")
    (('ada', 'king'), ('ada', 'king'))
    """
    last, comma, first = (text or "").partition(",")
    ordered = words(first) + words(last) if comma else words(last)
    return tuple([word for word in ordered if word not in TITLES and not word.isdecimal()][:_MOST_PARTS])


def is_nickname(one: str, other: str) -> bool:
    """Tell whether two given names may be short and long forms of one name.

    >>> is_nickname("bob", "robert"), is_nickname("bob", "rob"), is_nickname("bob", "john")
    (True, True, False)
    """
    return bool(NICKNAMES.get(one, frozenset()) & NICKNAMES.get(other, frozenset()))


def full_name(part: str) -> str:
    """Return the full form of a given name, the first where a short form has several.

    >>> full_name("bob"), full_name("waller")
    ('robert', 'waller')
    """
    return min(NICKNAMES.get(part, ()), default=part)


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """Return a code that words which sound alike share; words of other scripts are their own code.

    >>> sound("meyer") == sound("maier"), sound("philips") == sound("fillipps"), sound("meyer") == sound("weber")
    (True, True, False)
    """
    if not word.isascii() or not word.isalpha():
        return word
    for written, heard in _HEARD_AS:
        word = word.replace(written, heard)
    first = _SOUNDS.get(word[0], "a")
    code = [first]
    for char in word[1:]:
        digit = _SOUNDS.get(char)
        if digit and digit != code[-1]:
            code.append(digit)
    return "".join(code)[:6]


def company_name(text: str | None) -> str:
    """Return a company's name without its legal form, words in one piece.

    >>> company_name("ACME Müller G.m.b.H. & Co. KG"), company_name("Acme-Muller")
    ('acmemuller', 'acmemuller')
    """
    # dots within an abbreviation join its letters
    plain = re.sub(r"\b(\w)\.(?=\w\b)", r"\1", fold(text))
    found = words(plain)
    kept = [word for word in found if word not in LEGAL_FORMS]
    return "".join(kept or found)


def address_line(text: str | None) -> tuple[str, tuple[str, ...]]:
    """Return a line of an address without spaces and house numbers, and the numbers.

    >>> address_line("12 Mount Eliza Street")
    ('mtelizast', ('12',))
    """
    found = words(re.sub(r"(?i)(stra(ß|ss)e|str\.)(?=\W|\d|$)", " street", text or ""))
    numbers = tuple(word for word in found if word[0].isdecimal())
    return "".join(STREET_WORDS.get(word, word) for word in found if not word[0].isdecimal()), numbers
