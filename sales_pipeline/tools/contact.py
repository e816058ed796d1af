"""What is known of a contact, in the normalised form that is compared and searched by."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from .email import normalise_email
from .name_tables import DOTLESS_MAIL_DOMAINS, ROLE_MAILBOXES, SAME_MAIL_DOMAIN, TAG_SEPARATOR
from .names import address_line, company_name, fold, name_parts, words
from .phone import digits, is_dialable, is_valid, to_e164


@dataclass(frozen=True)
class Contact:
    """A normalised contact; empty where nothing is known.

    ``phones`` holds E.164 numbers with their ``+``, and bare digits where no country could be found;
    ``lines`` the lines of the address without house numbers; ``identifiers`` pairs of a name and a value.
    What is derived of it is kept beside its fields and travels with it, see ``kept``.
    """

    email: str = ""
    phones: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    company: str = ""
    lines: tuple[str, ...] = ()
    house: tuple[str, ...] = ()
    zip: str = ""
    city: str = ""
    state: str = ""
    country: str = ""
    birth: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what is known as plain values for a JSON column."""
        return {field.name: getattr(self, field.name) for field in fields(self) if getattr(self, field.name)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Contact":
        """Return the contact that ``to_json`` wrote down."""
        return cls(**{
            name: tuple(tuple(item) if isinstance(item, list) else item for item in value)
            if isinstance(value, list) else value
            for name, value in values.items()
        })  # fmt: skip

    def kept(self, name: str, make: Callable[["Contact"], Any]) -> Any:
        """Return what is derived of this contact, made once; the process that reads a list ahead makes it there."""
        beside = self.__dict__
        if name not in beside:
            # a frozen dataclass refuses the plain way; fields never change, so what is made of them stays right
            beside[name] = make(self)
        return beside[name]

    @property
    def mailbox(self) -> str:
        """The part of the e-mail address before the @."""
        return self.email.rpartition("@")[0]

    @property
    def mailbox_letters(self) -> str:
        """The mailbox without what people put between its words, which a mistyped provider would have ignored."""
        return re.sub(r"[^a-z0-9]+", "", self.mailbox) or self.mailbox

    @property
    def mail_domain(self) -> str:
        """The part of the e-mail address after the @."""
        return self.email.rpartition("@")[2]

    @property
    def has_own_mailbox(self) -> bool:
        """Whether the address is a person's, not a department's."""
        return bool(self.email) and self.mailbox not in ROLE_MAILBOXES


def get_features(contact: Contact) -> str:
    """Return what is known of a contact as JSON."""
    return contact.kept("_features", lambda one: json.dumps(one.to_json()))


def make_contact(
    values: Mapping[str, Any], countries: Iterable[str] = (), identifiers: Iterable[tuple[str, str, Any]] = ()
) -> Contact:
    """Normalise what was typed.

    :param values: texts by ``email``, ``phone``, ``mobile``, ``whatsapp``, ``name``, ``company``, ``street``,
        ``street2``, ``zip``, ``city``, ``state``, ``country`` (ISO 3166 code)
    :param countries: ISO 3166 codes of the countries that a national number may be of, the likeliest first
    :param identifiers: name, kind (``birth_date`` or ``number``) and value of what else tells people apart

    >>> make_contact({"email": "Dana.Example+news@GoogleMail.com", "phone": "030 23125042"}, ["DE"]).to_json()
    {'email': 'danaexample@gmail.com', 'phones': ('+493023125042',)}
    """
    lines = [address_line(values.get(name)) for name in ("street", "street2")]
    typed = list(identifiers)
    births = [birth_key(value) for _name, kind, value in typed if kind == "birth_date"]
    numbers = [(name, number_key(value)) for name, kind, value in typed if kind == "number"]
    return Contact(
        email=mail_key(values.get("email")),
        phones=_phone_keys([values.get(name) for name in ("phone", "mobile", "whatsapp")], list(countries)),
        name=name_parts(values.get("name")),
        company=company_name(values.get("company")),
        lines=tuple(line for line, _numbers in lines if line),
        house=tuple(number for _line, found in lines for number in found),
        zip="".join(words(values.get("zip"))),
        city="".join(words(values.get("city"))),
        state=fold(values.get("state")),
        country=(values.get("country") or "").upper(),
        birth=next(filter(None, births), ""),
        identifiers=tuple((name, number) for name, number in numbers if number),
    )


def mail_key(text: str | None) -> str:
    """Return the mailbox that an address reaches, in the provider's own spelling.

    >>> mail_key("J.Doe+shop@gmail.com"), mail_key("jdoe-shop@yahoo.com"), mail_key("j.doe@acme.example")
    ('jdoe@gmail.com', 'jdoe@yahoo.com', 'j.doe@acme.example')
    """
    address = normalise_email(text or "")
    if not address:
        return ""
    mailbox, _at, domain = address.rpartition("@")
    domain = SAME_MAIL_DOMAIN.get(domain, domain)
    for separator in {"+", TAG_SEPARATOR.get(domain, "+")}:
        mailbox = mailbox.partition(separator)[0] or mailbox
    if domain in DOTLESS_MAIL_DOMAINS:
        mailbox = mailbox.replace(".", "") or mailbox
    return f"{mailbox}@{domain}"


def _phone_keys(numbers: list[str | None], countries: list[str]) -> tuple[str, ...]:
    """Return the different numbers; digits where none of the countries has such a number."""
    found = {}
    for number in filter(is_dialable, numbers):
        readings = (reading for country in countries if (reading := to_e164(number, country)) and is_valid(reading))
        found[to_e164(number) or next(readings, None) or digits(number)] = True
    return tuple(found)


def birth_key(value: Any) -> str:
    """Return a day as eight digits, year first, where that can be told.

    >>> birth_key("1985-06-14"), birth_key("14.06.1985"), birth_key("19850614")
    ('19850614', '19850614', '19850614')
    """
    if isinstance(value, date | datetime):
        return value.strftime("%Y%m%d")
    text = str(value or "").strip()
    parts = re.findall(r"\d+", text)
    if len(parts) >= 3 and len(parts[2]) == 4:
        return f"{parts[2]}{parts[1]:0>2}{parts[0]:0>2}"
    if len(parts) >= 3 and len(parts[0]) == 4:
        return f"{parts[0]}{parts[1]:0>2}{parts[2]:0>2}"[:8]
    return "".join(parts)[:8]


def number_key(value: Any) -> str:
    """Return a customer or national number as capital letters and digits.

    >>> number_key("de-123 456 789")
    'DE123456789'
    """
    return "" if value in (None, False) else "".join(re.findall(r"[^\W_]", fold(str(value)))).upper()
