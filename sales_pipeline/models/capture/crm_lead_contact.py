"""A lead's part in the search for duplicates: its contact is kept right, and it can ask who else it may be."""

from typing import Any

from odoo import api, models

from ...tools.duplicates import Candidate

# What is compared, and what decides whether a lead counts at all.
_CONTACT_FIELDS = {
    "email_from", "phone", "whatsapp", "contact_name", "partner_name", "street", "street2", "zip", "city", "state_id",
    "country_id", "partner_id", "company_id", "team_id", "lead_properties", "deleted_at",
}  # fmt: skip


class CrmLead(models.Model):
    _inherit = "crm.lead"

    # ---- use case

    def _find_duplicates(self) -> dict[int, list[Candidate]]:
        """Return who else each lead may be, whoever may see them; the lead's own partner is nobody else."""
        self.env["pipeline.moments.mixin"]._flush_moments()
        contacts = self.env["pipeline.contact"].sudo()
        found: dict[int, list[Candidate]] = {lead.id: [] for lead in self}
        for company, leads in self.sudo().grouped("company_id").items():
            read = contacts._read_contacts(self._name, leads.ids)
            asked = [lead for lead in leads if lead.id in read]
            answers = contacts._find_duplicates(
                [read[lead.id][1] for lead in asked], company or self.env.company,
                [lead._get_own_records() for lead in asked],
            )  # fmt: skip
            found.update({lead.id: answer for lead, answer in zip(asked, answers, strict=True)})
        return found

    def _get_own_records(self) -> set[tuple[str, int]]:
        """Return model and id of what is this lead itself (door)."""
        self.ensure_one()
        partners = self.partner_id | self.partner_id.commercial_partner_id
        return {(self._name, self.id), *((partners._name, id_) for id_ in partners.ids)}

    @api.model
    def _get_contact_fields(self) -> set[str]:
        """Return the fields whose changes bring the normalised contact up to date."""
        return _CONTACT_FIELDS

    # ---- moments (doors)

    def _get_watched_fields(self) -> set[str]:
        return super()._get_watched_fields() | _CONTACT_FIELDS

    def _on_created(self) -> None:
        super()._on_created()
        self.env["pipeline.contact"]._refresh(self)

    def _on_changed(self, old: dict[int, dict[str, Any]]) -> None:
        super()._on_changed(old)
        changed = [id_ for id_, values in old.items() if _CONTACT_FIELDS & values.keys()]
        self.env["pipeline.contact"]._refresh(self.browse(changed))

    @api.ondelete(at_uninstall=False)
    def _unlink_forget_contact(self):
        self.env["pipeline.contact"].sudo()._forget(self)
