from odoo import fields, models


class CrmTeam(models.Model):
    _inherit = "crm.team"

    criterion_ids = fields.One2many("pipeline.criterion", "team_id", "Qualification Criteria")
