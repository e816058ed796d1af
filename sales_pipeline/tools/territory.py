"""Which leads belong to a territory: countries, states, postcodes, and what else is known before a lead is stored."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..exceptions import UnreadablePostcode

ZipSpan = tuple[str, str]


@dataclass(frozen=True)
class Territory:
    """Conditions on a lead; an empty one asks nothing, all others must hold.

    :param countries: ids of countries
    :param states: country id by id of a state; states narrow their own country and leave the others whole
    :param zips: spans of beginnings of postcodes, as ``read_postcodes`` returns them
    """

    countries: frozenset[int] = frozenset()
    states: Mapping[int, int] | None = None
    zips: tuple[ZipSpan, ...] = ()
    languages: frozenset[int] = frozenset()
    types: frozenset[str] = frozenset()
    sources: frozenset[int] = frozenset()

    def covers(self, values: Mapping[str, Any]) -> bool:
        """Return whether values of a lead (ids for relations) meet every condition.

        >>> south = Territory(countries=frozenset([1, 2]), states={7: 2}, zips=read_postcodes("80-85, 9"))
        >>> south.covers({"country_id": 2, "state_id": 7, "zip": "80331"})
        True
        >>> south.covers({"country_id": 2, "state_id": 8, "zip": "80331"})
        False
        >>> south.covers({"country_id": 1, "state_id": False, "zip": "99 001"})
        True
        """
        asked = (
            (self.languages, "lang_id"), (self.types, "prospective_type"), (self.sources, "pipeline_source_id"),
        )  # fmt: skip
        if any(wanted and values.get(name) not in wanted for wanted, name in asked):
            return False
        return self._is_in_place(values) and (not self.zips or is_within(values.get("zip"), self.zips))

    def _is_in_place(self, values: Mapping[str, Any]) -> bool:
        states = self.states or {}
        if not self.countries and not states:
            return True
        if values.get("state_id") in states:
            return True
        return values.get("country_id") in self.countries - set(states.values())


def read_postcodes(text: str | None) -> tuple[ZipSpan, ...]:
    """Return the spans that a list of postcodes names: beginnings, and spans of beginnings of the same length.

    >>> read_postcodes("80-85, 9; SW1A")
    (('80', '85'), ('9', '9'), ('SW1A', 'SW1A'))
    >>> read_postcodes("80-8")
    Traceback (most recent call last):
    ...
    odoo.addons.sales_pipeline.exceptions.UnreadablePostcode: 80-8

    :raise UnreadablePostcode: with the part that says nothing
    """
    spans = []
    for part in re.split(r"[,;\n]+", text or ""):
        if not part.strip():
            continue
        bounds = [normalise_postcode(bound) for bound in re.split(r"[-–]", part.rstrip("* "))]
        low, high = bounds[0], bounds[-1]
        if len(bounds) > 2 or not low or len(low) != len(high) or low > high:
            raise UnreadablePostcode(part.strip())
        spans.append((low, high))
    return tuple(spans)


def normalise_postcode(text: str | None) -> str:
    """Return a postcode's letters and digits.

    >>> normalise_postcode("sw1a 1aa")
    'SW1A1AA'
    """
    return re.sub(r"[\W_]+", "", text or "").upper()


def is_within(postcode: str | None, spans: tuple[ZipSpan, ...]) -> bool:
    """Return whether a postcode begins like one of the spans.

    >>> is_within("1012 AB", read_postcodes("1000-1099")), is_within("10", read_postcodes("1000-1099"))
    (True, False)
    """
    code = normalise_postcode(postcode)
    return any(len(code) >= len(low) and low <= code[: len(low)] <= high for low, high in spans)
