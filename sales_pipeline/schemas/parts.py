"""What several entities show and read alike: the contact, tags, notes, own fields, files; and what can be expanded."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

from odoo.tools import SQL, html2plaintext, plaintext2html
from pydantic import AfterValidator, Field

from ..rest.problems import ApiProblem, FieldError, invalid
from ..tools.email import normalise_email
from ..tools.phone import to_e164
from .common import Line, Moment, Names, Schema, Whole, moment_to_json

# Kinds of own fields whose values are plain JSON; relations would show ids that mean nothing outside.
_PLAIN_KINDS = {
    "boolean": bool, "integer": int, "float": (int, float), "monetary": (int, float), "char": str, "text": str,
    "html": str, "date": str, "datetime": str, "selection": str, "tags": list,
}  # fmt: skip
_MOST_DOCUMENTS = 100


class ContactInfo(Schema):
    """How somebody is reached."""

    email: Line | None = None
    phone: Annotated[Line, Field(max_length=60)] | None = None
    whatsapp: Annotated[Line, Field(max_length=60)] | None = None


class Document(Schema):
    """A file that belongs to a record."""

    name: Line
    mimetype: Line | None
    size: Whole
    created_at: Moment


def omittable() -> Any:
    """Return the default of what may be left out but not be null."""
    # A factory keeps "default: null" out of the documentation of a type that knows no null.
    return Field(default_factory=lambda: None)


def expandable(*names: str) -> Any:
    """Return the type of ``expand`` for a record that can show these things as well."""

    def check(value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(value) - set(names)):
            raise ValueError(f"There is no {unknown[0]} to expand; there is {', '.join(names)}.")
        return value

    return Annotated[Names, AfterValidator(check)]


# ---- contact

_CONTACT_FIELDS = MappingProxyType({"email": "email_from", "phone": "phone", "whatsapp": "whatsapp"})


def contact_to_json(record, names: Mapping[str, str] = _CONTACT_FIELDS) -> dict[str, Any]:
    """Return how somebody is reached.

    :param names: field by key; a key without a field is empty
    """
    return {key: record[names[key]] or None if key in names else None for key in _CONTACT_FIELDS}


def read_contact(
    contact: ContactInfo | None, present: Mapping[str, Any], is_merged: bool, country: str | None = None
) -> dict[str, str | bool]:
    """Return what becomes of a contact, by key; only what differs from the present is judged.

    :param contact: what was sent; None clears
    :param present: the contact as ``contact_to_json`` shows it, empty for a new record
    :param is_merged: keep what was not sent, as PATCH does
    :param country: code of the country whose numbers need no prefix
    :raise ApiProblem: 422 for what nobody could be reached by
    """
    sent = contact.model_fields_set if contact and is_merged else _CONTACT_FIELDS.keys()
    found = {}
    for key in sent:
        value = (getattr(contact, key) if contact else None) or False
        if (value or None) == present.get(key):
            continue
        if value and not (normalise_email(value) if key == "email" else to_e164(value, country)):
            wanted = "an e-mail address" if key == "email" else "a phone number with its country, +49 30 1234567"
            raise invalid(f"/contact_info/{key}", "invalid", f"{value} cannot be reached: write {wanted}.")
        found[key] = value
    return found


# ---- tags

def read_tags(env, present: list[str], tags: list[str] | None, removed: list[str] | None, is_merged: bool) -> Any:
    """Return the commands that bring the tags of a record to what was sent, or None when they are so already.

    :param is_merged: add the tags to those that are there, as PATCH does; names are the same in any case
    """
    wanted = {tag.casefold(): tag for tag in ((present if is_merged else []) + (tags or []))}
    for tag in removed or ():
        wanted.pop(tag.casefold(), None)
    if wanted.keys() == {tag.casefold() for tag in present}:
        return None
    ids = env["pipeline.capture.lookup"]._find_or_create("crm.tag", set(wanted.values()))
    return [(6, 0, sorted(set(ids.values())))]


# ---- notes

def notes_to_json(html: str | None) -> str | None:
    """Return notes as plain text."""
    return html2plaintext(html).strip() or None if html else None


def read_notes(text: str | None, present: str | None) -> Any:
    """Return notes as Odoo keeps them, or None when they say so already."""
    if (text or None) == notes_to_json(present):
        return None
    return plaintext2html(text) if text else ""


# ---- own fields of leads and deals

def fetch_properties(leads) -> dict[int, dict[str, Any]]:
    """Return the own fields of leads by id, as they are stored: reading them through the ORM costs a query each."""
    if not leads:
        return {}
    leads.flush_recordset(["lead_properties"])
    rows = leads.env.execute_query(SQL("SELECT id, lead_properties FROM crm_lead WHERE id = ANY(%s)", leads.ids))
    return {id_: properties_to_json(values) for id_, values in rows}


def properties_to_json(stored: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the own fields of a lead, as its table has them, without those that mean nothing outside."""
    return {name: value for name, value in (stored or {}).items() if _is_plain(value)}


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict) and value not in (None, False, [])


def read_properties(sent: Mapping[str, Any] | None, present: Mapping[str, Any], team, is_merged: bool) -> Any:
    """Return the own fields of a lead as they shall be, or None when they are so already.

    :param sent: values by technical name; null clears
    :param team: the team whose leads have these fields
    :raise ApiProblem: 422 naming what the team has not, or what does not fit
    """
    kinds = {each["name"]: each for each in team.sudo().lead_properties_definition or []}
    wanted = dict(present) if is_merged else {}
    for name, value in (sent or {}).items():
        if value is None:
            wanted.pop(name, None)
        elif present.get(name) != value:
            _check_property(name, value, kinds.get(name))
        if value is not None:
            wanted[name] = value
    return None if wanted == present else wanted


def _check_property(name: str, value: Any, definition: Mapping[str, Any] | None) -> None:
    pointer = f"/properties/{name.replace('~', '~0').replace('/', '~1')}"
    if not definition or definition["type"] not in _PLAIN_KINDS:
        raise invalid(pointer, "unknown", f"The team has no field {name} that can be written here.")
    kind = _PLAIN_KINDS[definition["type"]]
    is_fitting = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if definition["type"] == "selection":
        is_fitting = value in [option[0] for option in definition.get("selection") or []]
    if definition["type"] == "tags":
        known = {option[0] for option in definition.get("tags") or []}
        is_fitting = is_fitting and all(isinstance(tag, str) and tag in known for tag in value)
    if not is_fitting:
        raise invalid(pointer, "invalid", f"{name} is of the kind {definition['type']}.")


# ---- the rest

def fetch_documents(records) -> dict[int, list[dict[str, Any]]]:
    """Return the newest files of records by id, as far as the acting user may see them."""
    files = records.env["ir.attachment"].search(
        [("res_model", "=", records._name), ("res_id", "in", records.ids), ("res_field", "=", False)],
        order="id desc", limit=_MOST_DOCUMENTS,
    )  # fmt: skip
    found: dict[int, list[dict[str, Any]]] = {id_: [] for id_ in records.ids}
    for file in files:
        found[file.res_id].append({
            "name": file.name, "mimetype": file.mimetype or None, "size": file.file_size or 0,
            "created_at": moment_to_json(file.create_date),
        })  # fmt: skip
    return found


def check_currency(sent: str | None, currency) -> None:
    """Refuse amounts in another currency than the record's.

    :raise ApiProblem: 422
    """
    if sent is not None and sent != currency.name:
        raise invalid("/currency", "read-only", f"Amounts are in {currency.name} here.")


def refuse(code: str, pointer: str, detail: str) -> ApiProblem:
    """Return the problem of a value that has an address of its own: 422 with this code."""
    return ApiProblem(422, code, detail, errors=[FieldError(("pointer", pointer), code, detail)])
