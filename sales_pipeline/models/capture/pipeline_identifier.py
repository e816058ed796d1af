from collections import defaultdict

from odoo import api, fields, models


class PipelineIdentifier(models.Model):
    """A property of leads that tells people apart: a birth date, a customer number, a national number.

    The value stays in the lead's properties; a property counts when its label is the name of an identifier, in whatever
    team it was made.
    """

    _name = "pipeline.identifier"
    _description = "Identifier of Contacts"
    _order = "name, id"

    name = fields.Char("Label of the Property", required=True)
    kind = fields.Selection([("birth_date", "Birth Date"), ("number", "Number")], required=True, default="number")
    company_id = fields.Many2one("res.company", ondelete="cascade", help="Empty: for all companies.")
    active = fields.Boolean(default=True)

    @api.model_create_multi
    def create(self, vals_list):
        identifiers = super().create(vals_list)
        self.env["pipeline.contact.fill"].sudo()._start("crm.lead")
        return identifiers

    def write(self, vals):
        done = super().write(vals)
        self.env["pipeline.contact.fill"].sudo()._start("crm.lead")
        return done

    def unlink(self):
        done = super().unlink()
        self.env["pipeline.contact.fill"].sudo()._start("crm.lead")
        return done

    @api.model
    def _get_properties(self) -> dict[str, list[tuple[str, str, int | None]]]:
        """Return name, kind and company of the declared identifiers by the technical name of their property."""
        by_label = defaultdict(list)
        for one in self.sudo().search([]):
            by_label[one.name.strip().casefold()].append((one.name, one.kind, one.company_id.id or None))
        if not by_label:
            return {}
        teams = self.env["crm.team"].sudo().with_context(active_test=False).search([])
        return {
            definition["name"]: by_label[label]
            for team in teams
            for definition in team.lead_properties_definition or []
            if (label := (definition.get("string") or "").strip().casefold()) in by_label
        }
