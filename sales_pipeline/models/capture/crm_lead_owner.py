"""Whose a captured lead is: what the rule of its source says."""

from odoo import api, models
from odoo.fields import Domain


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model
    def _choose_owners(self, drafts: list, source, team) -> list[int | bool]:
        """Return the owner of each new lead by the source's rule; False where nobody gets it.

        The caller holds the lock of the team's turn.

        :param drafts: ``CaptureDraft`` objects
        """
        if source.owner_rule == "nobody":
            return [False] * len(drafts)
        if source.owner_rule == "fixed":
            return [source.user_id.id] * len(drafts)
        owners = self._find_known_owners(drafts, source.company_id) if source.owner_rule == "known" else {}
        chosen = [next((owners[key] for key in draft.keys if key in owners), False) for draft in drafts]
        turns = iter(team._take_turns(chosen.count(False)) if team else [])
        return [owner or next(turns, False) for owner in chosen]

    @api.model
    def _find_known_owners(self, drafts: list, company) -> dict[str, int]:
        """Return the user who already looks after each e-mail or phone: the contact's salesperson, else the owner of
        the newest lead or deal, closed ones too. Who has left, or does not work in the company, owns nothing."""
        emails = [key for draft in drafts for key in draft.keys if "@" in key]
        phones = [key for draft in drafts for key in draft.keys if "@" not in key]
        domain = (
            (Domain("email_normalized", "in", emails) | Domain("phone_sanitized", "in", phones))
            & Domain("company_id", "in", [False, company.id])
            & Domain("user_id.active", "=", True) & Domain("user_id.share", "=", False)
            & Domain("user_id.company_ids", "in", company.ids)
        )  # fmt: skip
        if not emails and not phones:
            return {}
        found: dict[str, int] = {}
        # Later ones are laid over earlier ones: the contacts last, the newest lead after older ones.
        for model in (self.with_context(active_test=False), self.env["res.partner"].sudo()):
            for record in model.search(domain, order="id"):
                keys = (record.email_normalized, record.phone_sanitized)
                found.update({key: record.user_id.id for key in keys if key})
        return found
