"""Phone numbers as strangers write them, brought to E.164."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

# Longer texts hold more than a number; the parser itself gives up at 250 characters.
_LONGEST = 60
# Below this an entry is a house extension or a typing error, not a number that can be called.
_FEWEST_DIGITS = 6
_MOST_READ = 8192
_NO_DIGIT = re.compile(r"[^0-9]+")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060\ufeff"))


def digits(number: str | None) -> str:
    """Return the digits of a number, whatever alphabet they were typed in.

    >>> digits("+49 (0)30 / 2312-5042")
    '4903023125042'
    """
    if number and number.isascii():
        return _NO_DIGIT.sub("", number)
    return "".join(str(unicodedata.digit(char)) for char in number or "" if char.isdecimal())


def is_dialable(number: str | None) -> bool:
    """Tell whether a text could be a phone number, even one whose country is unknown.

    >>> is_dialable("030 23125042"), is_dialable("please call"), is_dialable("12")
    (True, False, False)
    """
    return bool(number) and len(number) <= _LONGEST and len(digits(number)) >= _FEWEST_DIGITS


def to_e164(number: str | None, country_code: str | None = None) -> str | None:
    """Return a phone number in E.164, without its extension.

    A number needs to be possible, not valid: numbering plans change faster than their tables,
    and a wrong refusal loses a customer.

    :param number: the number as it was typed
    :param country_code: ISO 3166 code of the country assumed for a national number
    :return: ``+<country><number>``, or None when no such number can be read

    >>> to_e164("030 2312-5042 ext. 12", "DE")
    '+493023125042'
    >>> to_e164("0049 30 23125042")
    '+493023125042'
    >>> to_e164("030 23125042") is None
    True
    """
    # A batch reads the same number several times on its way: typed, as a draft, as a contact.
    if not number:
        return None
    return _read_e164(number, country_code.upper() if country_code and not number.startswith("+") else None)


@lru_cache(maxsize=8192)
def _read_e164(number: str, country_code: str | None) -> str | None:
    if number in _READ:
        return number
    text = _prepared(number)
    if not text or len(text) > _LONGEST:
        return None
    try:
        parsed = phonenumbers.parse(text, country_code)
    except NumberParseException:
        return None
    # "Local only" numbers lack their area code: with a country in front they would ring elsewhere.
    if phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.IS_POSSIBLE:
        return None
    read = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    if _is_read_alike(parsed):
        _remember(read, parsed)
    return read


# Numbers in E.164 that the library reads as it wrote them, as the library holds them.
_READ: dict[str, phonenumbers.PhoneNumber] = {}


def _remember(number: str, parsed: phonenumbers.PhoneNumber) -> None:
    if len(_READ) >= _MOST_READ:
        _READ.clear()
    _READ[number] = parsed


def _is_read_alike(parsed: phonenumbers.PhoneNumber) -> bool:
    """Tell whether the number in E.164 is read as the same number: nothing in it is taken for a prefix to drop."""
    prefix = _get_prefix(parsed.country_code)
    return prefix is not None and not prefix.match(phonenumbers.national_significant_number(parsed))


@lru_cache(maxsize=512)
def _get_prefix(calling_code: int) -> re.Pattern | None:
    """Return what is dropped before a national number of a calling code; None where the library knows no country."""
    region = phonenumbers.region_code_for_country_code(calling_code)
    found = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    return re.compile(found.national_prefix_for_parsing or r"(?!)") if found else None


def _parse(number: str) -> phonenumbers.PhoneNumber:
    return _READ.get(number) or phonenumbers.parse(number)


# What another process has found out of E.164 numbers.
_JUDGED: dict[str, bool] = {}


def remember_validity(answers: Mapping[str, bool]) -> None:
    """Take over what ``is_valid`` said of E.164 numbers in the process that read them."""
    if len(_JUDGED) + len(answers) > _MOST_READ:
        _JUDGED.clear()
    _JUDGED.update(answers)


@lru_cache(maxsize=8192)
def is_valid(number: str) -> bool:
    """Tell whether an E.164 number fits the numbering plan of its country.

    Asked where the country is only a guess: a French number is a possible, but no valid number of the United States.

    >>> is_valid("+33612345678"), is_valid("+10612345678")
    (True, False)
    """
    if number in _JUDGED:
        return _JUDGED[number]
    try:
        return phonenumbers.is_valid_number(_parse(number))
    except NumberParseException:
        return False


def calling_code(number: str) -> int:
    """Return the country's code of an E.164 number, 0 where it has none.

    >>> calling_code("+33612345678"), calling_code("0612345678")
    (33, 0)
    """
    try:
        return phonenumbers.parse(number).country_code
    except NumberParseException:
        return 0


def _prepared(number: str | None) -> str:
    text = unicodedata.normalize("NFKC", number or "").translate(_INVISIBLE).strip()
    text = re.sub(r"^(tel|phone|whatsapp|mobile|callto):\s*", "", text, flags=re.IGNORECASE)
    # Spreadsheets turn numbers into fractions: "4930231250.0".
    text = re.sub(r"^(\+?\d+)\.0$", r"\1", text)
    return re.sub(r"^\(?00\)?[\s.-]*(?=[1-9])", "+", text)
