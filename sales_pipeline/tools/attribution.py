"""Where a visitor came from, read from the address of the page they landed on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .text import one_line

UTM_FIELDS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
# Names as the advertising platforms spell them. Values are case-sensitive and never folded.
CLICK_IDS = (
    "gclid",
    "gbraid",
    "wbraid",
    "dclid",
    "fbclid",
    "msclkid",
    "ttclid",
    "li_fat_id",
    "twclid",
    "epik",
    "rdt_cid",
    "ScCid",
)
_CLICK_ID_BY_NAME = {name.lower(): name for name in CLICK_IDS}
_UTM_LIMIT = 255
_CLICK_ID_LIMIT = 512
_URL_LIMIT = 2048
_MAX_PARAMETERS = 200


@dataclass(frozen=True)
class Attribution:
    """What is known of the visit that a lead came from."""

    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_term: str | None = None
    utm_content: str | None = None
    click_ids: Mapping[str, str] = field(default_factory=dict)
    referrer_url: str | None = None
    landing_page_url: str | None = None

    def __bool__(self) -> bool:
        return any(vars(self).values())

    def updated_by(self, other: "Attribution") -> "Attribution":
        """Return this attribution with everything that the other one knows laid over it."""
        if not other:
            return self
        known = {name: value for name, value in vars(other).items() if value and name != "click_ids"}
        return replace(self, **known, click_ids={**self.click_ids, **other.click_ids})


def from_landing(url: str | None, referrer: str | None = None) -> Attribution:
    """Return the attribution that a landing page's address carries.

    :param url: full address of the landing page; one without parameters is kept as it is
    :param referrer: address of the page before it

    >>> from_landing("https://example.com/?utm_term=roof+repair&gclid=EAIa-B").click_ids
    {'gclid': 'EAIa-B'}
    """
    landing = _web_address(url)
    found = from_parameters(_parameters(landing))
    return replace(found, landing_page_url=landing, referrer_url=_web_address(referrer))


def from_parameters(parameters: Mapping[str, Any]) -> Attribution:
    """Return the attribution that named parameters carry: ``utm_*`` and click ids, other names are ignored."""
    words: dict[str, str] = {}
    click_ids: dict[str, str] = {}
    for name, value in parameters.items():
        folded = str(name).strip().lower()
        if folded in UTM_FIELDS and (text := one_line(value, _UTM_LIMIT)):
            words.setdefault(folded, text)
        elif folded in _CLICK_ID_BY_NAME and (text := one_line(value, _CLICK_ID_LIMIT)):
            click_ids.setdefault(_CLICK_ID_BY_NAME[folded], text)
    return Attribution(**words, click_ids=click_ids)


def _parameters(url: str | None) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        for name, value in parse_qsl(urlsplit(url or "").query, max_num_fields=_MAX_PARAMETERS):
            found.setdefault(name, value)
    except ValueError:
        # An address we cannot take apart is kept as text; the lead counts more than its origin.
        return {}
    return found


def _web_address(url: str | None) -> str | None:
    text = one_line(url, _URL_LIMIT)
    # Other schemes (javascript:, data:) would be run by whoever clicks the stored link.
    return text if text and text.lower().startswith(("http://", "https://")) else None
