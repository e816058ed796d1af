from typing import Any

from odoo import models

# Which field of the API a column is; a change of one is told. What has an event of its own is told by that.
_TOLD = {
    "name": "name", "contact_name": "contact_name", "partner_name": "company_name", "function": "job_title",
    "email_from": "contact_info", "phone": "contact_info", "whatsapp": "contact_info", "street": "address",
    "street2": "address", "city": "address", "zip": "address", "state_id": "address", "country_id": "address",
    "tag_ids": "tags", "description": "notes", "lead_properties": "properties", "expected_revenue": "value_estimate",
    "temperature": "priority", "prospective_type": "prospective_type", "date_deadline": "expected_close_date",
    "lost_reason_id": "lost_reason",
}  # fmt: skip


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _get_told_fields(self) -> set[str]:
        return super()._get_told_fields() | _TOLD.keys()

    def _on_changed(self, old: dict[int, dict[str, Any]]) -> None:
        super()._on_changed(old)
        born, events = self._get_born_ids(), []
        for record in self:
            names = sorted({_TOLD[name] for name in old[record.id] if name in _TOLD})
            if names and record.id not in born:
                events.append({"kind": "changed", "record": record, "metadata": {"fields": names}})
        self.env["pipeline.event"]._append(events)
