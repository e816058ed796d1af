"""A lead's pairs of possible duplicates: how many wait for a decision, and what its end does to them."""

from odoo import api, fields, models

from .pipeline_duplicate import OPEN


class CrmLead(models.Model):
    _inherit = "crm.lead"

    open_duplicate_count = fields.Integer("Possible Duplicates", compute="_compute_open_duplicate_count")

    @api.depends_context("uid")
    def _compute_open_duplicate_count(self):
        counts = self._count_open_pairs() if self.ids and self.env["pipeline.duplicate"].has_access("read") else {}
        for lead in self:
            lead.open_duplicate_count = counts.get(lead.id, 0)

    def _count_open_pairs(self) -> dict[int, int]:
        """Return how many pairs to decide each lead has that the user sees: two queries for all."""
        pairs, counts = self.env["pipeline.duplicate"], {}
        sides = [
            ("lead_id", [("lead_id", "in", self.ids)]),
            ("res_id", [("res_model", "=", "crm.lead"), ("res_id", "in", self.ids)]),
        ]
        for side, domain in sides:
            for value, count in pairs._read_group([("state", "=", OPEN), *domain], [side], ["__count"]):
                id_ = value if side == "res_id" else value.id
                counts[id_] = counts.get(id_, 0) + count
        return counts

    # ---- moments (doors)

    def _on_deleted(self) -> None:
        super()._on_deleted()
        self.env["pipeline.duplicate"]._close_pairs(self)

    def _on_restored(self) -> None:
        super()._on_restored()
        self.env["pipeline.duplicate"]._reopen_pairs(self)

    @api.ondelete(at_uninstall=False)
    def _unlink_forget_pairs(self):
        self.env["pipeline.duplicate"]._forget_pairs(self)
