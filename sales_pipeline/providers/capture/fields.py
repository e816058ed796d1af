"""A lead from named values: what all sources share."""

from collections.abc import Mapping
from typing import Any

from ...tools.attribution import Attribution, from_landing, from_parameters
from ...tools.lead_words import read_amount, read_outcome, read_prospective_type, read_temperature, read_yes_no, whole
from ...tools.text import one_line, several_lines
from .lead import CapturedLead, Contact, join_name, read_country, read_moment

_LINES = ("company_name", "job_title", "street", "city", "zip", "region")


def read_fields(
    values: Mapping[str, Any], answers: list[tuple[str, str]], external_id: str, channel: str, country_code: str | None
) -> CapturedLead:
    """Return the lead that named values describe.

    :param values: values under our own words (the targets of ``tools.field_names``)
    :param answers: what had no word of ours, as question and answer
    :param country_code: country of numbers that are written without one, when the values name none
    """
    country = read_country(values.get("country"))
    reach = (values.get(name) for name in ("email", "phone", "whatsapp"))
    contact = Contact.from_typed(*reach, country or country_code)
    return CapturedLead(
        external_id=external_id,
        channel=channel,
        name=one_line(values.get("name")) or join_name(values.get("first_name"), values.get("last_name")),
        email=contact.email,
        phone=contact.phone,
        whatsapp=contact.whatsapp,
        country_code=country,
        submitted_at=read_moment(values.get("submitted_at")),
        attribution=read_attribution(values),
        consent=read_consent(values),
        answers=(*answers, *_get_unread(values, country), *contact.answers),
        invalid=tuple(contact.invalid),
        **{name: one_line(values.get(name)) for name in _LINES},
        **_read_wish(values),
    )


def _read_wish(values: Mapping[str, Any]) -> dict[str, Any]:
    number = whole(values.get("lead_number"))
    return {
        "deal_name": one_line(values.get("deal_name")) or (f"Lead {number}" if number else None),
        "message": several_lines(values.get("message")),
        "tags": split_tags(values.get("tags")),
        "prospective_type": read_prospective_type(values.get("prospective_type")),
        "temperature": read_temperature(values.get("temperature")),
        "expected_revenue": read_amount(values.get("expected_revenue")),
        "outcome": read_outcome(values.get("outcome")),
    }


def split_tags(value: Any) -> tuple[str, ...]:
    """Return the tags of a list or of a text parted by comma, semicolon or bar, each once."""
    parts = value if isinstance(value, list) else str(value or "").replace(";", ",").replace("|", ",").split(",")
    return tuple(dict.fromkeys(filter(None, (one_line(part, 64) for part in parts))))


def read_attribution(values: Mapping[str, Any]) -> Attribution:
    """Return where the visitor came from; a field of its own wins over the page's address."""
    landing = from_landing(one_line(values.get("page_url"), 2048), one_line(values.get("referrer"), 2048))
    return landing.updated_by(from_parameters(values))


def read_consent(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the person agreed to or refused, by channel, with the wording that was shown.

    :return: any of ``email``, ``call``, ``whatsapp``, ``sms`` and ``any`` as booleans, ``text`` and ``at`` as text
    """
    given = values.get("consent")
    found: dict[str, Any] = {}
    if isinstance(given, Mapping):
        found = {
            name: given[name] for name in ("email", "call", "whatsapp", "sms") if isinstance(given.get(name), bool)
        }
        found.update({name: text for name in ("text", "at") if (text := several_lines(given.get(name), 2000))})
    elif (answer := read_yes_no(given)) is not None:
        found["any"] = answer
    for column, channel in (("do_not_email", "email"), ("do_not_call", "call")):
        if read_yes_no(values.get(column)):
            found[channel] = False
    return found


def _get_unread(values: Mapping[str, Any], country: str | None) -> list[tuple[str, str]]:
    # What was given but says nothing to us stays readable for a person.
    readers = {
        "country": lambda value: country,
        "prospective_type": read_prospective_type,
        "temperature": read_temperature,
        "outcome": lambda value: read_outcome(value) or str(value).casefold() == "open" or None,
        "submitted_at": read_moment,
        "expected_revenue": read_amount,
        "consent": read_yes_no,
    }
    texts = {name: one_line(values.get(name)) for name in readers}
    return [(name, text) for name, text in texts.items() if text and readers[name](values[name]) is None]
