"""A partner's part in the search for duplicates: its contact is kept right."""

from typing import Any

from odoo import api, models

_CONTACT_FIELDS = {
    "name", "is_company", "email", "phone", "street", "street2", "zip", "city", "state_id", "country_id", "company_id",
    "company_name", "commercial_company_name", "type", "active",
}  # fmt: skip


class ResPartner(models.Model):
    _inherit = "res.partner"

    # ---- moments (doors)

    def _get_watched_fields(self) -> set[str]:
        return super()._get_watched_fields() | _CONTACT_FIELDS

    def _on_created(self) -> None:
        super()._on_created()
        self.env["pipeline.contact"]._refresh(self)

    def _on_changed(self, old: dict[int, dict[str, Any]]) -> None:
        super()._on_changed(old)
        self.env["pipeline.contact"]._refresh(self.browse(old))

    @api.ondelete(at_uninstall=False)
    def _unlink_forget_contact(self):
        self.env["pipeline.contact"].sudo()._forget(self)
