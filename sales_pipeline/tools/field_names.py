"""The names that forms and lists give to what a lead has."""

import re
import unicodedata

from .attribution import CLICK_IDS, UTM_FIELDS

# Our word, and how others spell it once case, accents and punctuation are gone.
# The order within a line is the order of preference when several columns speak of the same thing.
_SPELLINGS: dict[str, tuple[str, ...]] = {
    "name": ("name", "full name", "contact name", "your name", "contact", "person", "nombre", "nom", "nome"),
    "first_name": ("first name", "firstname", "fname", "given name", "forename", "vorname", "prenom"),
    "last_name": ("last name", "lastname", "lname", "surname", "family name", "nachname", "apellido"),
    "company_name": (
        "company name",
        "company",
        "organization",
        "organisation",
        "organization name",
        "account name",
        "business name",
        "partner name",
        "your company",
        "firma",
        "empresa",
        "societe",
        "employer",
    ),
    "email": (
        "email",
        "e mail",
        "email address",
        "e mail address",
        "mail",
        "email from",
        "your email",
        "your e mail",
        "work email",
        "business email",
        "correo",
        "correo electronico",
        "courriel",
    ),
    "phone": (
        "phone",
        "phone number",
        "telephone",
        "tel",
        "telefon",
        "telefono",
        "mobile",
        "mobile phone",
        "mobile number",
        "cell",
        "cell phone",
        "work phone",
        "contact number",
        "your phone",
        "handy",
        "telefonnummer",
    ),
    "whatsapp": ("whatsapp", "whatsapp number", "whats app", "whatsapp phone", "wa number"),
    "job_title": ("job title", "job position", "position", "function", "role", "designation"),
    "street": ("street", "address", "street address", "address line 1", "strasse"),
    "city": ("city", "town", "ort", "stadt", "ciudad", "ville"),
    "zip": ("zip", "zip code", "postal code", "postcode", "post code", "pincode", "pin code", "plz"),
    "region": ("region", "state", "province", "county", "state province"),
    "country": ("country", "country code", "country name", "land", "pais", "pays"),
    "message": (
        "message",
        "notes",
        "note",
        "comment",
        "comments",
        "description",
        "your message",
        "enquiry",
        "inquiry",
        "remarks",
        "internal notes",
        "nachricht",
        "mensaje",
    ),
    "tags": ("tags", "tag", "labels", "label", "categories"),
    "prospective_type": ("prospective type", "prospect type", "type", "lead type", "customer type", "segment"),
    "temperature": ("temperature", "priority", "rating", "lead rating", "heat"),
    "expected_revenue": (
        "expected revenue",
        "value",
        "amount",
        "deal value",
        "value estimate",
        "opportunity value",
        "revenue",
    ),
    "deal_name": (
        "deal name",
        "opportunity",
        "opportunity name",
        "title",
        "subject",
        "lead name",
        "lead title",
        "topic",
    ),
    "external_id": ("external id", "submission id", "prospect id", "lead id", "record id", "id", "uuid", "guid"),
    "lead_number": ("lead number", "lead no", "number", "reference"),
    "outcome": ("outcome", "converted", "result", "won lost", "deal outcome", "closed as"),
    "submitted_at": (
        "submitted at",
        "created",
        "created at",
        "created on",
        "created date",
        "creation date",
        "date",
        "timestamp",
    ),
    "page_url": ("page url", "landing page url", "landing page", "landing url", "url", "page"),
    "referrer": ("referrer", "referer", "referrer url", "referring page"),
    "utm_source": ("utm source", "lead source", "source", "source id", "traffic source", "origin"),
    "utm_medium": ("utm medium", "medium"),
    "utm_campaign": ("utm campaign", "campaign", "campaign name"),
    "consent": ("consent", "opt in", "gdpr consent", "marketing consent"),
    "do_not_email": ("do not email", "email opt out", "no email"),
    "do_not_call": ("do not call", "phone opt out", "no calls"),
}
TARGETS = (*_SPELLINGS, *(name for name in (*UTM_FIELDS, *CLICK_IDS) if name not in _SPELLINGS))


def fold(name: str) -> str:
    """Return a name without case, accents and punctuation.

    >>> fold("E-Mail_Adresse:"), fold("Téléphone")
    ('e mail adresse', 'telephone')
    """
    plain = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    return re.sub(r"[^\w]+|_+", " ", plain).strip().casefold()


_TARGET_BY_SPELLING = {
    spelling: (rank, target) for target, names in _SPELLINGS.items() for rank, spelling in enumerate(names)
}
_TARGET_BY_SPELLING.update({
    fold(name): (0, name) for name in TARGETS if fold(name) not in _TARGET_BY_SPELLING
})  # fmt: skip


def get_target(name: str) -> str | None:
    """Return our word for a column or form field, or None when the name says nothing to us.

    >>> get_target("Your E-Mail"), get_target("GCLID"), get_target("Favourite colour")
    ('email', 'gclid', None)
    """
    found = _TARGET_BY_SPELLING.get(fold(name))
    return found[1] if found else None


def choose_targets(names: list[str]) -> dict[str, str]:
    """Return our word for each name we know, every word given once, to its most usual spelling.

    >>> choose_targets(["Id", "Prospect ID", "Colour"])
    {'Prospect ID': 'external_id'}
    """
    best: dict[str, tuple[int, str]] = {}
    for name in names:
        found = _TARGET_BY_SPELLING.get(fold(name))
        if found and (found[1] not in best or found[0] < best[found[1]][0]):
            best[found[1]] = (found[0], name)
    chosen = {name: target for target, (_rank, name) in best.items()}
    return {name: chosen[name] for name in names if name in chosen}
