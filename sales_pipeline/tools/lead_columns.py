"""Columns of a lead that follow from others, as Odoo and we compute them."""

import re
from collections.abc import Mapping
from typing import Any

from ..const import PRIORITY_BY_TEMPERATURE

#: Stored columns that follow from what a list says of a person, and are computed here instead of by the ORM.
DERIVED = frozenset({
    "id", "uuid", "email_normalized", "email_domain_criterion", "email_state", "phone_sanitized", "phone_state",
    "probability", "automated_probability", "prorated_revenue", "priority",
})  # fmt: skip

# What Odoo's cleaning of HTML leaves as it is: our own few tags around text without marks.
_TEXT = r"[^<>&\"'\x00-\x1f\x7f-\xa0]*"
_PLAIN_HTML = re.compile(rf"(?:<p>{_TEXT}</p>)*(?:<ul>(?:<li><b>{_TEXT}</b>: {_TEXT}</li>)+</ul>)*")
_PLAIN_EMAIL = re.compile(r"[a-z0-9][a-z0-9._+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
# Calling codes of which Odoo reads numbers as the library does; of some others it mends the library's tables.
_USUAL_E164 = re.compile(
    r"\+(?:1|2[07]|3[0-469]|4[013-9]|6[0-6]|8[1246]|9[0-5]|35[1-9]|37[0-2]|385|42[01]|971)\d{6,}"
)


def get_priority(values: Mapping[str, Any]) -> str | None:
    """Return the stars that the temperature stands for."""
    return PRIORITY_BY_TEMPERATURE.get(values.get("temperature"))


def is_plain_html(text: str) -> bool:
    """Tell whether cleaning the text would change nothing.

    >>> is_plain_html("<p>Hello</p><ul><li><b>Size</b>: 3</li></ul>"), is_plain_html("<p>a &amp; b</p>")
    (True, False)
    """
    return bool(_PLAIN_HTML.fullmatch(text))


def is_plain_email(text: str) -> bool:
    """Tell whether an address is its own normal form, whoever normalises it.

    >>> is_plain_email("dana@example.com"), is_plain_email("Dana <dana@example.com>")
    (True, False)
    """
    return bool(_PLAIN_EMAIL.fullmatch(text))


def is_usual_e164(number: str) -> bool:
    """Tell whether a number in E.164 needs no second look with Odoo's own tables.

    >>> is_usual_e164("+493023125042"), is_usual_e164("+2250708091011"), is_usual_e164("030 23125042")
    (True, False, False)
    """
    return bool(_USUAL_E164.fullmatch(number))
