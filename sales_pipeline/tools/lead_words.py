"""The words by which others say what our selections say."""

import re
from typing import Any

from .text import one_line

_PROSPECTIVE_TYPES = {
    "individual": "individual",
    "private": "individual",
    "person": "individual",
    "consumer": "individual",
    "b2c": "individual",
    "sme": "sme",
    "smb": "sme",
    "small business": "sme",
    "small or medium business": "sme",
    "business": "sme",
    "corporate": "corporate",
    "enterprise": "corporate",
    "large": "corporate",
    "corporation": "corporate",
}
_TEMPERATURES = {
    "hot": "hot",
    "high": "hot",
    "urgent": "hot",
    "3": "hot",
    "warm": "warm",
    "medium": "warm",
    "normal": "warm",
    "2": "warm",
    "cold": "cold",
    "low": "cold",
    "1": "cold",
}
_OUTCOMES = {
    "1": "won",
    "won": "won",
    "yes": "won",
    "true": "won",
    "converted": "won",
    "0": "lost",
    "lost": "lost",
    "no": "lost",
    "false": "lost",
}
_YES = {"yes", "y", "true", "1", "on", "x", "ja", "si", "oui", "accepted", "agreed"}
_NO = {"no", "n", "false", "0", "off", "nein", "non", "declined"}


def whole(value: Any) -> str | None:
    """Return a value as one line, without the fraction that spreadsheets give to whole numbers.

    >>> whole("660737.0"), whole(3.0), whole("2.50")
    ('660737', '3', '2.50')
    """
    text = one_line(value)
    return re.sub(r"^([+-]?\d+)\.0+$", r"\1", text) if text else None


def read_prospective_type(value: Any) -> str | None:
    """Return individual, sme or corporate."""
    return _PROSPECTIVE_TYPES.get((whole(value) or "").casefold())


def read_temperature(value: Any) -> str | None:
    """Return hot, warm or cold."""
    return _TEMPERATURES.get((whole(value) or "").casefold())


def read_outcome(value: Any) -> str | None:
    """Return how a deal of the past ended: won, lost, or None while it is open."""
    return _OUTCOMES.get((whole(value) or "").casefold())


def read_yes_no(value: Any) -> bool | None:
    """Return a tick as a boolean, or None when the value is no tick.

    >>> read_yes_no("on"), read_yes_no("No"), read_yes_no(True), read_yes_no("perhaps")
    (True, False, True, None)
    """
    if isinstance(value, bool):
        return value
    word = (whole(value) or "").casefold()
    return True if word in _YES else False if word in _NO else None


def read_amount(value: Any) -> float | None:
    """Return an amount written in the manner of any country.

    The last of comma and point parts the decimals, unless it stands before exactly three digits
    and is the only kind of mark.

    >>> [read_amount(text) for text in ("€ 1.234,50", "1,234.50", "12 000", "1,500", "ten")]
    [1234.5, 1234.5, 12000.0, 1500.0, None]
    """
    text = re.sub(r"[^\d.,-]", "", one_line(value) or "")
    if not re.fullmatch(r"-?\d[\d.,]*", text):
        return None
    mark = max(text.rfind("."), text.rfind(","))
    kinds = {char for char in text if char in ".,"}
    if mark >= 0 and len(kinds) == 1 and (len(text) - mark == 4 or text.count(text[mark]) > 1):
        mark = -1
    whole_part, decimals = (text[:mark], text[mark + 1 :]) if mark >= 0 else (text, "")
    return float(f"{re.sub(r'[.,]', '', whole_part)}.{decimals or 0}")
