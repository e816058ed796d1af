"""Phone numbers as strangers write them, brought to E.164."""

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

# Longer texts hold more than a number; the parser itself gives up at 250 characters.
_LONGEST = 60
# Below this an entry is a house extension or a typing error, not a number that can be called.
_FEWEST_DIGITS = 6
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060\ufeff"))


def digits(number: str | None) -> str:
    """Return the digits of a number, whatever alphabet they were typed in.

    >>> digits("+49 (0)30 / 2312-5042")
    '4903023125042'
    """
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
    text = _prepared(number)
    if not text or len(text) > _LONGEST:
        return None
    try:
        parsed = phonenumbers.parse(text, country_code.upper() if country_code else None)
    except NumberParseException:
        return None
    # "Local only" numbers lack their area code: with a country in front they would ring elsewhere.
    if phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def is_valid(number: str) -> bool:
    """Tell whether an E.164 number fits the numbering plan of its country.

    Asked where the country is only a guess: a French number is a possible, but no valid number of the United States.

    >>> is_valid("+33612345678"), is_valid("+10612345678")
    (True, False)
    """
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number))
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
