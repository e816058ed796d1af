from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PipelineCriterion(models.Model):
    """What a team wants to know before a lead becomes a deal: a field to fill, or a question to tick."""

    _name = "pipeline.criterion"
    _description = "Qualification Criterion"
    _order = "team_id, sequence, id"

    name = fields.Char(
        required=True, translate=True, help="As the salesperson reads it, for instance “Budget is known”."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    team_id = fields.Many2one("crm.team", "Sales Team", required=True, ondelete="cascade", index=True)
    kind = fields.Selection(
        [("field", "A field is filled"), ("check", "A box is ticked")], required=True, default="check"
    )
    field_id = fields.Many2one(
        "ir.model.fields", "Field", ondelete="cascade",
        domain="[('model', '=', 'crm.lead'), ('store', '=', True), ('ttype', 'not in', ('one2many', 'properties'))]",
    )  # fmt: skip

    @api.constrains("kind", "field_id")
    def _check_field(self):
        for criterion in self:
            if criterion.kind == "field" and criterion.field_id.model != "crm.lead":
                raise ValidationError(
                    self.env._("Choose the field of the lead that “%(name)s” asks for.", name=criterion.name)
                )

    def write(self, vals):
        result = super().write(vals)
        if "team_id" in vals:
            # Odoo asks whether the old team is one's own, not the new one.
            self.check_access("write")
        return result

    def _is_met_by(self, lead) -> bool:
        """Return whether a lead fulfils this criterion."""
        self.ensure_one()
        if self.kind == "check":
            return self in lead.met_criterion_ids
        return bool(lead[self.sudo().field_id.name])
