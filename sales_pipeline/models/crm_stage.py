from odoo import api, fields, models

from .. import const


class CrmStage(models.Model):
    _inherit = "crm.stage"

    deal_stage = fields.Selection(
        const.STAGE_CODES, "Deal Stage", required=True, default=lambda self: self._default_deal_stage(),
        help="What this column means to reports and the API: several columns may share one meaning.",
    )  # fmt: skip

    _deal_stage_won = models.Constraint(
        "CHECK ((deal_stage = 'won') = COALESCE(is_won, false))",
        "A stage means won exactly when it is Odoo's won stage.",
    )

    @api.model
    def _default_deal_stage(self) -> str:
        """Return the meaning of the last open column, so that a column added on the board fits its neighbour."""
        last = self.search([("is_won", "=", False)], order="sequence desc, id desc", limit=1)
        return last.deal_stage or "discovery"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._align_won(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._align_won(vals)
        return super().write(vals)

    @api.model
    def _align_won(self, vals: dict) -> None:
        """Keep Odoo's won flag and our meaning one fact, whichever of the two is set."""
        if "is_won" in vals and "deal_stage" not in vals:
            if vals["is_won"]:
                vals["deal_stage"] = "won"
            elif self:
                vals["deal_stage"] = "negotiation"
        elif "deal_stage" in vals and "is_won" not in vals:
            vals["is_won"] = vals["deal_stage"] == "won"
