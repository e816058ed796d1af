"""What the end of a contact does to the pairs of possible duplicates it is in."""

from typing import Any

from odoo import api, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    # ---- moments (doors)

    def _on_changed(self, old: dict[int, dict[str, Any]]) -> None:
        super()._on_changed(old)
        changed = self.browse(id_ for id_, values in old.items() if "active" in values)
        if not changed:
            return
        there = changed.filtered("active")
        self.env["pipeline.duplicate"]._reopen_pairs(there)
        self.env["pipeline.duplicate"]._close_pairs(changed - there)

    @api.ondelete(at_uninstall=False)
    def _unlink_forget_pairs(self):
        self.env["pipeline.duplicate"]._forget_pairs(self)
