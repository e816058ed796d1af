"""Bring values of a lead into its columns, as the ORM would."""

from datetime import date, datetime
from importlib.util import find_spec
from typing import Any

from odoo import tools
from odoo.api import Environment
from odoo.exceptions import UserError

from odoo.addons.iap.tools.iap_tools import _MAIL_DOMAIN_BLACKLIST, mail_prepare_for_domain_search
from odoo.addons.mail.tools.mail_validation import mail_validate
from odoo.addons.phone_validation.tools import phone_validation

from ...tools.lead_columns import is_plain_email, is_plain_html, is_usual_e164
from ...tools.phone import is_valid

# With this library Odoo judges addresses by more than their form.
_HAS_FLANKER = bool(find_spec("flanker"))
# The ORM writes these where nothing was given.
_NEVER_EMPTY = {"boolean": False, "integer": 0, "float": 0.0, "monetary": 0.0}


class LeadColumns:
    """Columns of new leads; what many share is asked once."""

    def __init__(self, env: Environment):
        self._env = env
        self._fields = env["crm.lead"]._fields
        self._codes: dict[int, str] = {}
        self._domains: dict[str, Any] = {}
        self._own_code = env.company.country_id.code

    def get_row(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the columns that are not empty, as plain values for JSON."""
        row = {}
        for name, value in values.items():
            if value not in (None, False):
                if name != "tag_ids":
                    row[name] = self._convert(name, value)
            elif self._fields[name].type in _NEVER_EMPTY:
                row[name] = _NEVER_EMPTY[self._fields[name].type]
        self._add_email(row)
        self._add_phone(row)
        return row

    def get_tags(self, values: dict[str, Any]) -> list[int]:
        """Return the ids of the tags that a ``set`` command names."""
        return list(dict.fromkeys(tag for command in values.get("tag_ids") or () for tag in command[2] if tag))

    def _convert(self, name: str, value: Any) -> Any:
        kind = self._fields[name].type
        if kind == "html":
            return value if is_plain_html(value) else self._fields[name].convert_to_column_insert(
                value, self._env["crm.lead"]
            )  # fmt: skip
        if kind == "monetary":
            # The ORM rounds only by a currency that stands beside the value, which a lead computes.
            return float(value)
        if kind in ("datetime", "date"):
            return value.replace(microsecond=0, tzinfo=None).isoformat() if isinstance(value, datetime) else (
                value.isoformat() if isinstance(value, date) else value
            )  # fmt: skip
        if kind == "float" and self._fields[name].digits:
            return float(self._fields[name].convert_to_column_insert(value, self._env["crm.lead"]))
        return value

    def _add_email(self, row: dict[str, Any]) -> None:
        address = row.get("email_from")
        if not address:
            return
        normal = address if is_plain_email(address) else tools.email_normalize(address, strict=False)
        if normal:
            row["email_normalized"] = normal
            if criterion := self._get_criterion(normal):
                row["email_domain_criterion"] = criterion
        if is_plain_email(address):
            is_right = not _HAS_FLANKER or mail_validate(address)
        else:
            is_right = any(mail_validate(one) for one in tools.mail.email_normalize_all(address))
        row["email_state"] = "correct" if is_right else "incorrect"

    def _get_criterion(self, address: str) -> str:
        domain = address.rpartition("@")[2]
        if is_plain_email(address):
            return address if domain in _MAIL_DOMAIN_BLACKLIST else f"@{domain}"
        if domain not in self._domains:
            found = mail_prepare_for_domain_search(address)
            self._domains[domain] = found if found.startswith("@") else None
        return self._domains[domain] or mail_prepare_for_domain_search(address)

    def _add_phone(self, row: dict[str, Any]) -> None:
        number = row.get("phone")
        if not number:
            return
        code = self._get_code(row.get("country_id"))
        found = _read_phone(number, code)
        row["phone_state"] = "correct" if found else "incorrect"
        # Odoo takes the company's country where the lead has none, but only to write the number, not to judge it.
        known = found if found or code else _read_phone(number, self._own_code)
        if known:
            row["phone_sanitized"] = known

    def _get_code(self, country_id: int | None) -> str | None:
        if not country_id:
            return None
        if country_id not in self._codes:
            self._codes[country_id] = self._env["res.country"].browse(country_id).code
        return self._codes[country_id]


def _read_phone(number: str, code: str | None) -> str | None:
    if is_usual_e164(number):
        return number if is_valid(number) else None
    try:
        return phone_validation.phone_format(number, code, None, force_format="E164", raise_exception=True)
    except UserError:
        return None
