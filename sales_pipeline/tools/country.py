"""Countries as people write them, brought to ISO 3166 codes."""

import functools

from babel import Locale

from .text import one_line

# Customers write their country in their own language or in English.
_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "ar", "hi", "ja", "zh")
_SHORT = {
    "usa": "US",
    "u.s.a.": "US",
    "u.s.": "US",
    "america": "US",
    "united states of america": "US",
    "uk": "GB",
    "u.k.": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "uae": "AE",
    "u.a.e.": "AE",
    "holland": "NL",
    "czech republic": "CZ",
    "south korea": "KR",
    "korea": "KR",
    "russia": "RU",
}


def to_country_code(text: str | None) -> str | None:
    """Return the ISO 3166 code of a country given by code or by name.

    :return: two capital letters, or None when the text names no country

    >>> to_country_code("Deutschland"), to_country_code("in"), to_country_code("United States")
    ('DE', 'IN', 'US')
    >>> to_country_code("Mars") is None
    True
    """
    word = (one_line(text) or "").casefold()
    if not word:
        return None
    return _SHORT.get(word) or _codes_by_name().get(word)


@functools.cache
def _codes_by_name() -> dict[str, str]:
    codes: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            # Three digits are continents; ZZ and its like are no country.
            if len(code) == 2 and code.isalpha() and code not in {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}:
                codes.setdefault(name.casefold(), code)
                codes.setdefault(code.casefold(), code)
    return codes
