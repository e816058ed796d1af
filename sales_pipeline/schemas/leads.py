"""Leads as the API shows them and finds them; what it makes of them stands in ``lead_values``."""

from typing import Any

from odoo import models
from odoo.fields import Domain

from ..tools.phone import to_e164
from ..tools.text import literal
from .common import amount_to_json, moment_to_json
from .lead_schemas import FILTERS, READ_ONLY, SCHEMAS, SORTS
from .parts import contact_to_json, notes_to_json, properties_to_json
from .rows import fetch_rows

# Fields by key that are shown as they are.
PLAIN = {
    "contact_name": "contact_name", "company_name": "partner_name", "job_title": "function", "priority": "temperature",
    "prospective_type": "prospective_type",
}  # fmt: skip
STREET = {"street": "street", "street2": "street2", "city": "city", "zip": "zip"}
_VISIT = ("utm_term", "utm_content", "referrer_url", "landing_page_url")
_NAMED = {"utm_source": "source_id", "utm_medium": "medium_id", "utm_campaign": "campaign_id"}
_RESPONSE = ("response_state", "response_due_at", "response_seconds", "assignment_facts")
_COLUMNS = (
    "uuid", "name", *PLAIN.values(), *STREET.values(), *_VISIT, "click_ids", "email_from", "phone", "whatsapp",
    "capture_channel", "lead_status", "expected_revenue", "description", "date_conversion", "captured_at",
    "create_date", "write_date", "lead_properties",
)  # fmt: skip
# What is shown of the records that a lead names.
_OF_OTHERS = {
    "owner": ("user_id", "uuid"), "region": ("state_id", "name"), "country": ("country_id", "code"),
    "lost_reason": ("lost_reason_id", "name"), **{key: (name, "name") for key, name in _NAMED.items()},
}  # fmt: skip


class PipelineApiLead(models.AbstractModel):
    _name = "pipeline.api.lead"
    _inherit = "pipeline.api.resource"
    _description = "Leads of the API"

    _api_model = "crm.lead"
    _api_path = "/api/leads"
    _api_schemas = SCHEMAS
    _api_sorts = SORTS
    _api_filters = FILTERS
    _api_read_only = READ_ONLY

    # ---- which

    def _get_domain(self) -> Domain:
        # A deal that never was a lead has no status as a lead.
        return Domain("lead_status", "!=", False) & Domain("deleted_at", "=", False)

    def _get_condition(self, name: str, operator: str, value: Any) -> Domain:
        if name == "has_opportunity":
            return Domain("date_conversion", "!=" if value else "=", False)
        if name == "owner_id":
            wanted = [value] if isinstance(value, str) else list(value)
            return Domain("user_id", "in", self.env["res.users"].sudo().search([("uuid", "in", wanted)]).ids)
        if name == "tag":
            wanted = [value] if isinstance(value, str) else list(value)
            tags = self.env["crm.tag"].search(Domain.OR(Domain("name", "=ilike", literal(tag)) for tag in wanted))
            return Domain("tag_ids", "in", tags.ids)
        if name == "text":
            return self._get_text_condition(value)
        return super()._get_condition(name, operator, value)

    def _get_text_condition(self, text: str) -> Domain:
        names = ("name", "contact_name", "partner_name", "email_normalized")
        found = Domain.OR(Domain(name, "ilike", text) for name in names)
        number = to_e164(text, self.env.company.country_id.code or None)
        return found | Domain("phone_sanitized", "=", number) if number else found

    # ---- how it looks

    def _represent(self, records, expand: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        # Whoever calls has found the records as the acting user; what they name may be out of that user's reach.
        rows = fetch_rows(records, _COLUMNS, _OF_OTHERS, tags="tag_ids")
        found = [self._represent_row(row) for row in rows]
        if "response" in expand:
            leads = records.sudo()
            leads.fetch(_RESPONSE)
            for values, lead in zip(found, leads, strict=True):
                values |= self._represent_response(lead)
        return found

    def _represent_row(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": row["uuid"],
            "name": row["name"],
            **{key: row[name] or None for key, name in PLAIN.items()},
            "contact_info": contact_to_json(row),
            "address": {
                **{key: row[name] or None for key, name in STREET.items()},
                "region": row["region"] or None,
                "country": row["country"] or None,
            },
            "owner_id": row["owner"] or None,
            "source": row["capture_channel"] or None,
            "status": row["lead_status"],
            "lost_reason": row["lost_reason"] or None,
            "expected_revenue": amount_to_json(row["expected_revenue"] or 0.0, row["decimal_places"]),
            "currency": row["currency"],
            "tags": row["tag_ids"],
            "notes": notes_to_json(row["description"]),
            "attribution": {
                **{key: row[key] or None for key in (*_NAMED, *_VISIT)},
                "click_ids": row["click_ids"] or {},
            },
            "opportunity_id": row["uuid"] if row["date_conversion"] else None,
            "date_captured": moment_to_json(row["captured_at"]),
            "created_at": moment_to_json(row["create_date"]),
            "updated_at": moment_to_json(row["write_date"]),
            "properties": properties_to_json(row["lead_properties"]),
        }

    def _represent_response(self, lead) -> dict[str, Any]:
        is_answered = bool(lead.first_response_at)
        return {
            "score_reason": lead.assignment_reason or None,
            "response": {
                "state": lead.response_state or None,
                "due_at": moment_to_json(lead.response_due_at or None),
                "seconds": lead.response_seconds if is_answered else None,
            },
        }
